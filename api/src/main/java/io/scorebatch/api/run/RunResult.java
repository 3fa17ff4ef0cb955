package io.scorebatch.api.run;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What a run of a pipeline did. Immutable.
 *
 * @param runId unique id of the run
 * @param pipeline name of the pipeline: the file's name without ending
 * @param startedAt UTC; also {@code scored_at} of every row
 * @param elapsed wall time
 * @param models one entry a model, in the order they were planned
 * @param provenance versions of Scorebatch, engine, Java and system; registry and catalog
 * @param folder the run's folder, with run_results.json
 */
public record RunResult(
    String runId,
    String pipeline,
    Instant startedAt,
    Duration elapsed,
    List<ModelResult> models,
    Map<String, String> provenance,
    Path folder) {
  public RunResult {
    models = List.copyOf(models);
    provenance = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(provenance));
  }

  public long count(ModelStatus status) {
    return models.stream().filter(m -> m.status() == status).count();
  }

  /** Predictions committed. */
  public long rows() {
    return models.stream().mapToLong(ModelResult::rows).sum();
  }
}
