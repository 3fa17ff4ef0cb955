package io.scorebatch.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.api.engine.LookupEvidence;
import io.scorebatch.api.engine.ScoreStatistics;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.run.Attempt;
import io.scorebatch.api.run.Audit;
import io.scorebatch.api.run.GateResult;
import io.scorebatch.api.run.ModelResult;
import io.scorebatch.api.run.ModelStatus;
import io.scorebatch.api.run.RunResult;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code run_results.json}: a run for programs. Keys are stable; durations are seconds, instants
 * ISO-8601 UTC.
 */
public final class RunResultsJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private RunResultsJson() {}

  /** The run as JSON text, ending with a line break. */
  public static String print(RunResult run) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = MAPPER.createGenerator(text)) {
      json.setPrettyPrinter(new DefaultPrettyPrinter());
      json.writeStartObject();
      json.writeNumberField("format_version", 1);
      json.writeStringField("run_id", run.runId());
      json.writeStringField("pipeline", run.pipeline());
      json.writeStringField("started_at", run.startedAt().toString());
      json.writeNumberField("elapsed_seconds", seconds(run.elapsed().toNanos()));
      json.writeNumberField("rows", run.rows());
      json.writeObjectFieldStart("statuses");
      for (ModelStatus status : ModelStatus.values()) {
        json.writeNumberField(status.name(), run.count(status));
      }
      json.writeEndObject();
      json.writeObjectFieldStart("provenance");
      for (Map.Entry<String, String> entry : run.provenance().entrySet()) {
        json.writeStringField(entry.getKey(), entry.getValue());
      }
      json.writeEndObject();
      json.writeArrayFieldStart("models");
      for (ModelResult model : run.models()) {
        write(json, model);
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.append(System.lineSeparator()).toString();
  }

  private static void write(JsonGenerator json, ModelResult model) throws IOException {
    json.writeStartObject();
    json.writeStringField("model_name", model.modelName());
    json.writeStringField("domain", model.domain());
    json.writeStringField("status", model.status().name());
    json.writeStringField("method", model.method());
    json.writeStringField("model_uri", model.modelUri());
    if (model.modelVersion().isPresent()) {
      json.writeNumberField("model_version", model.modelVersion().getAsInt());
    } else {
      json.writeNullField("model_version");
    }
    json.writeStringField("model_digest", model.modelDigest());
    json.writeStringField("output_table", model.outputTable());
    if (model.tableVersion().isPresent()) {
      json.writeNumberField("table_version", model.tableVersion().getAsLong());
    } else {
      json.writeNullField("table_version");
    }
    json.writeNumberField("rows", model.rows());
    json.writeNumberField("elapsed_seconds", seconds(model.elapsed().toNanos()));
    json.writeObjectFieldStart("tables_read");
    for (Map.Entry<String, Long> entry : model.tablesRead().entrySet()) {
      json.writeNumberField(entry.getKey(), entry.getValue());
    }
    json.writeEndObject();
    if (model.statistics().isPresent()) {
      write(json, model.statistics().get());
    }
    write(json, model.problems());
    json.writeArrayFieldStart("notes");
    for (String note : model.notes()) {
      json.writeString(note);
    }
    json.writeEndArray();
    write(json, model.audit());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, List<Problem> problems) throws IOException {
    json.writeArrayFieldStart("problems");
    for (Problem problem : problems) {
      json.writeStartObject();
      json.writeStringField("code", problem.code().label());
      json.writeStringField("name", problem.code().name());
      json.writeStringField("kind", problem.code().kind().name());
      json.writeStringField("what", problem.what());
      json.writeStringField("why", problem.why());
      json.writeStringField("fix", problem.fix());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void write(JsonGenerator json, Audit audit) throws IOException {
    json.writeArrayFieldStart("gates");
    for (GateResult gate : audit.gates()) {
      json.writeStartObject();
      json.writeStringField("gate", gate.gate());
      json.writeStringField("subject", gate.subject());
      if (gate.measured().isPresent() && Double.isFinite(gate.measured().getAsDouble())) {
        json.writeNumberField("measured", gate.measured().getAsDouble());
      } else if (gate.measured().isPresent()) {
        json.writeStringField("measured", String.valueOf(gate.measured().getAsDouble()));
      } else {
        json.writeNullField("measured");
      }
      json.writeStringField("limit", gate.limit());
      json.writeStringField("verdict", gate.verdict().name());
      json.writeStringField("detail", gate.detail());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("attempts");
    for (Attempt attempt : audit.attempts()) {
      json.writeStartObject();
      json.writeStringField("method", attempt.method());
      json.writeNumberField("elapsed_seconds", seconds(attempt.elapsed().toNanos()));
      write(json, attempt.problems());
      json.writeEndObject();
    }
    json.writeEndArray();
    if (audit.staged().isPresent()) {
      json.writeStringField("staged", audit.staged().get());
    }
    if (audit.profile().isPresent()) {
      json.writeFieldName("profile");
      json.writeRawValue(audit.profile().get());
    }
  }

  private static void write(JsonGenerator json, ScoreStatistics statistics) throws IOException {
    json.writeObjectFieldStart("statistics");
    json.writeNumberField("keys", statistics.keys());
    json.writeNumberField("selected", statistics.selected());
    json.writeNumberField("bad_rows", statistics.badRows());
    json.writeNumberField("rows", statistics.rows());
    json.writeNumberField("null_predictions", statistics.nullPredictions());
    if (statistics.positives().isPresent()) {
      json.writeNumberField("positives", statistics.positives().getAsLong());
    }
    json.writeArrayFieldStart("lookups");
    for (ScoreStatistics.LookupStatistics lookup : statistics.lookups()) {
      json.writeStartObject();
      json.writeStringField("table", lookup.table());
      json.writeNumberField("table_version", lookup.tableVersion());
      json.writeNumberField("matched", lookup.matched());
      json.writeNumberField("missing", lookup.missing());
      if (lookup.evidence().isPresent()) {
        write(json, lookup.evidence().get());
      }
      json.writeArrayFieldStart("overridden");
      for (String feature : lookup.overridden()) {
        json.writeString(feature);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, LookupEvidence evidence) throws IOException {
    json.writeNumberField("null_values", evidence.nullValues());
    json.writeNumberField("defaulted", evidence.defaulted());
    json.writeNumberField("stale", evidence.stale());
    if (evidence.newest().isPresent()) {
      json.writeStringField("oldest_feature", String.valueOf(evidence.oldest().orElse(null)));
      json.writeStringField("newest_feature", evidence.newest().get().toString());
    }
    if (evidence.greatestAge().isPresent()) {
      json.writeNumberField("greatest_age_seconds", evidence.greatestAge().get().toMillis() / 1e3);
    }
  }

  private static java.math.BigDecimal seconds(long nanos) {
    return new java.math.BigDecimal(String.format(Locale.ROOT, "%.3f", nanos / 1e9));
  }
}
