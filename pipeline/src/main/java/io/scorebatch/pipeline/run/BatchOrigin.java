package io.scorebatch.pipeline.run;

import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.pipeline.config.ModelType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What explains a batch of predictions: written to the table it goes to. Immutable.
 *
 * @param runId the run
 * @param pipeline the pipeline's name; {@code score} for a single call
 * @param model the version scored
 * @param digest SHA-256 of its artifacts
 * @param method {@code score_batch} or {@code manual}
 * @param type what the predictions are
 * @param idColumns what identifies a row
 */
public record BatchOrigin(
    String runId,
    String pipeline,
    ResolvedModel model,
    String digest,
    String method,
    ModelType type,
    List<String> idColumns) {
  /** The table property that names the run that wrote last. */
  static final String RUN_ID = "scorebatch.run_id";

  public BatchOrigin {
    idColumns = List.copyOf(idColumns);
  }

  Map<String, String> tableProperties(Map<String, Long> tablesRead) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put(RUN_ID, runId);
    properties.put("scorebatch.pipeline", pipeline);
    properties.put("scorebatch.model_uri", model.uri());
    properties.put("scorebatch.model_name", model.name());
    model.version().ifPresent(v -> properties.put("scorebatch.model_version", "" + v));
    properties.put("scorebatch.model_digest", digest);
    properties.put("scorebatch.method", method);
    properties.put("scorebatch.tables_read", new TreeMap<>(tablesRead).toString());
    properties.put("scorebatch.primary_key", String.join(",", idColumns));
    return properties;
  }

  String tableComment() {
    String version = model.version().isPresent() ? " version " + model.version().getAsInt() : "";
    return "Predictions of model "
        + model.name()
        + version
        + " ("
        + type.name().toLowerCase(Locale.ROOT)
        + "), one row per "
        + String.join(", ", idColumns)
        + ". Written by Scorebatch.";
  }
}
