package io.scorebatch.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scorebatch.api.run.ModelResult;
import io.scorebatch.api.run.RunListener;
import io.scorebatch.api.run.RunResult;
import java.io.PrintStream;
import java.time.Instant;
import java.util.List;

/** Prints an event a line as JSON, for log collectors. Thread-safe. */
public final class JsonEventPrinter implements RunListener {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private final PrintStream out;

  public JsonEventPrinter(PrintStream out) {
    this.out = out;
  }

  private static ObjectNode event(String name) {
    return MAPPER.createObjectNode().put("time", Instant.now().toString()).put("event", name);
  }

  @Override
  public void runStarted(String runId, List<String> modelNames) {
    out.println(event("run_started").put("run_id", runId).put("models", modelNames.size()));
  }

  @Override
  public void modelStarted(String modelName) {
    out.println(event("model_started").put("model_name", modelName));
  }

  @Override
  public void modelFinished(ModelResult result) {
    ObjectNode event =
        event("model_finished")
            .put("model_name", result.modelName())
            .put("status", result.status().name())
            .put("rows", result.rows())
            .put("elapsed_seconds", result.elapsed().toMillis() / 1000.0);
    if (!result.problems().isEmpty()) {
      event.put("problem", result.problems().get(0).message());
    }
    out.println(event);
  }

  @Override
  public void runFinished(RunResult result) {
    out.println(
        event("run_finished")
            .put("run_id", result.runId())
            .put("rows", result.rows())
            .put("elapsed_seconds", result.elapsed().toMillis() / 1000.0));
  }
}
