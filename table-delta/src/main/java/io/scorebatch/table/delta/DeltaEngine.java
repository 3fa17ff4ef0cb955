package io.scorebatch.table.delta;

import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.engine.MetricsReporter;
import io.delta.kernel.engine.ParquetHandler;
import java.util.List;

/** Delta Kernel's default engine on our storages, with checkpoints read and written by DuckDB. */
final class DeltaEngine extends DefaultEngine implements AutoCloseable {
  private final CheckpointFiles checkpoints;

  /**
   * @param shown the files it sees
   * @param storage where they are
   */
  DeltaEngine(FileIO shown, Storage storage) {
    super(shown);
    this.checkpoints = new CheckpointFiles(storage);
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
