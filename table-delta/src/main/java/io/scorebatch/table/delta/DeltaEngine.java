package io.scorebatch.table.delta;

import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.MetricsReporter;
import io.delta.kernel.engine.ParquetHandler;
import java.util.List;

/** Delta Kernel's default engine on local files, with checkpoints read and written by DuckDB. */
final class DeltaEngine extends DefaultEngine implements AutoCloseable {
  private final CheckpointFiles checkpoints;

  DeltaEngine(LocalFiles files) {
    super(files);
    this.checkpoints = new CheckpointFiles(files);
  }

  @Override
  public ParquetHandler getParquetHandler() {
    return checkpoints;
  }

  @Override
  public List<MetricsReporter> getMetricsReporters() {
    return List.of();
  }

  @Override
  public void close() {
    checkpoints.close();
  }
}
