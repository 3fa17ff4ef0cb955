package io.scorebatch.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.run.GateResult;
import io.scorebatch.api.run.GateResult.Verdict;
import io.scorebatch.api.run.ModelResult;
import io.scorebatch.api.run.ModelStatus;
import io.scorebatch.api.run.RunResult;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A run as OpenLineage events, one a line, as OpenLineage's own file transport writes them: a START
 * and a COMPLETE, FAIL or ABORT of the pipeline, and within them of each model, with the tables and
 * versions it read and the one it wrote. Source: the OpenLineage specification 2-0-2 and its core
 * facets; run ids are name-based UUIDs of our own run ids.
 */
public final class OpenLineageJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String SPEC = "https://openlineage.io/spec/";

  private final RunResult run;
  private final UnaryOperator<String> fullName;
  private final String producer;
  private final StringBuilder lines = new StringBuilder();

  private OpenLineageJson(RunResult run, UnaryOperator<String> fullName) {
    this.run = run;
    this.fullName = fullName;
    this.producer = "urn:scorebatch:" + run.provenance().getOrDefault("scorebatch", "unknown");
  }

  /**
   * The events of a finished run.
   *
   * @param fullName gives a prediction table its three-part name
   */
  public static String print(RunResult run, UnaryOperator<String> fullName) {
    return new OpenLineageJson(run, fullName).print();
  }

  private String print() {
    Instant end = run.startedAt().plus(run.elapsed());
    String whole = uuid(run.runId());
    write(event("START", run.startedAt(), whole, run.pipeline()));
    for (ModelResult model : run.models()) {
      String id = uuid(run.runId() + "/" + model.modelName());
      String job = run.pipeline() + "." + model.modelName();
      ObjectNode start = event("START", run.startedAt(), id, job);
      parent(start, whole);
      write(start);
      ObjectNode done = event(type(model.status()), end, id, job);
      parent(done, whole);
      describe(done, model);
      write(done);
    }
    boolean good = run.count(ModelStatus.SUCCESS) == run.models().size();
    write(event(good ? "COMPLETE" : "FAIL", end, whole, run.pipeline()));
    return lines.toString();
  }

  private static String type(ModelStatus status) {
    return switch (status) {
      case SUCCESS -> "COMPLETE";
      case FAILED, NOT_FOUND -> "FAIL";
      case SKIPPED -> "ABORT";
    };
  }

  private static String uuid(String text) {
    return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
  }

  private void write(ObjectNode event) {
    lines.append(event).append('\n');
  }

  private ObjectNode event(String type, Instant time, String runId, String job) {
    ObjectNode event = MAPPER.createObjectNode();
    event.put("eventType", type).put("eventTime", time.toString());
    event.put("producer", producer);
    event.put("schemaURL", SPEC + "2-0-2/OpenLineage.json#/$defs/RunEvent");
    event.putObject("run").put("runId", runId).putObject("facets");
    event.putObject("job").put("namespace", "scorebatch").put("name", job);
    return event;
  }

  private ObjectNode facet(ObjectNode facets, String name, String schema) {
    return facets
        .putObject(name)
        .put("_producer", producer)
        .put("_schemaURL", SPEC + "facets/" + schema);
  }

  private static ObjectNode runFacets(ObjectNode event) {
    return (ObjectNode) event.path("run").path("facets");
  }

  private void parent(ObjectNode event, String whole) {
    ObjectNode parent =
        facet(runFacets(event), "parent", "1-0-1/ParentRunFacet.json#/$defs/ParentRunFacet");
    parent.putObject("run").put("runId", whole);
    parent.putObject("job").put("namespace", "scorebatch").put("name", run.pipeline());
  }

  private void describe(ObjectNode event, ModelResult model) {
    String engine = run.provenance().getOrDefault("engine", "unknown");
    int blank = engine.indexOf(' ');
    facet(
            runFacets(event),
            "processing_engine",
            "1-1-1/ProcessingEngineRunFacet.json#/$defs/ProcessingEngineRunFacet")
        .put("name", blank < 0 ? engine : engine.substring(0, blank))
        .put("version", blank < 0 ? "unknown" : engine.substring(blank + 1));
    if (model.status() != ModelStatus.SUCCESS && !model.problems().isEmpty()) {
      facet(
              runFacets(event),
              "errorMessage",
              "1-0-0/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet")
          .put(
              "message",
              model.problems().stream().map(Problem::message).collect(Collectors.joining("\n")))
          .put("programmingLanguage", "JAVA");
    }
    ArrayNode inputs = event.putArray("inputs");
    model
        .tablesRead()
        .forEach((table, version) -> version(dataset(inputs, table), String.valueOf(version)));
    ObjectNode output = dataset(event.putArray("outputs"), fullName.apply(model.outputTable()));
    if (model.tableVersion().isPresent()) {
      version(output, String.valueOf(model.tableVersion().getAsLong()));
      facet(
              output.putObject("outputFacets"),
              "outputStatistics",
              "1-0-1/OutputStatisticsOutputDatasetFacet.json"
                  + "#/$defs/OutputStatisticsOutputDatasetFacet")
          .put("rowCount", model.rows());
    }
    assertions(output, model);
  }

  private ObjectNode dataset(ArrayNode datasets, String name) {
    ObjectNode dataset = datasets.addObject();
    dataset.put("namespace", run.provenance().getOrDefault("tables", "unknown"));
    dataset.put("name", name).putObject("facets");
    return dataset;
  }

  private void version(ObjectNode dataset, String version) {
    facet(
            (ObjectNode) dataset.path("facets"),
            "version",
            "1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet")
        .put("datasetVersion", version);
  }

  private void assertions(ObjectNode output, ModelResult model) {
    if (model.audit().gates().isEmpty()) {
      return;
    }
    ArrayNode assertions =
        facet(
                (ObjectNode) output.path("facets"),
                "dataQualityAssertions",
                "1-0-1/DataQualityAssertionsDatasetFacet.json"
                    + "#/$defs/DataQualityAssertionsDatasetFacet")
            .putArray("assertions");
    for (GateResult gate : model.audit().gates()) {
      if (gate.verdict() != Verdict.NOT_CHECKED) {
        String subject = gate.subject().isEmpty() ? "" : " (" + gate.subject() + ")";
        assertions
            .addObject()
            .put("assertion", gate.gate() + subject)
            .put("success", gate.verdict() == Verdict.PASSED);
      }
    }
  }
}
