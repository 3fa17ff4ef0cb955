package io.scorebatch.pipeline.run;

import io.scorebatch.api.table.TableName;
import io.scorebatch.pipeline.config.PipelineSpec;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;

/**
 * A run of a pipeline, as its models see it. Immutable.
 *
 * @param pipeline the pipeline
 * @param runId id of the run
 * @param startedAt {@code scored_at} of every row
 * @param engineInfo who writes, for the history of tables
 * @param options what was asked for
 * @param folder the run's own folder, beside those of other runs
 */
record RunContext(
    PipelineSpec pipeline,
    String runId,
    Instant startedAt,
    String engineInfo,
    RunOptions options,
    Path folder) {
  /** The folder that holds a folder a run. */
  Path runsFolder() {
    return Objects.requireNonNull(folder.getParent());
  }

  /** A table by the name the pipeline file gives it. */
  TableName table(String name) {
    return TableName.parse(name, pipeline.catalog(), pipeline.schema());
  }

  /** The start in microseconds since 1970. */
  long startedMicros() {
    return startedAt.getEpochSecond() * 1_000_000L + startedAt.getNano() / 1_000;
  }
}
