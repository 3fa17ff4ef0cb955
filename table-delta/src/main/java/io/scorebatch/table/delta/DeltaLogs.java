package io.scorebatch.table.delta;

/** Reads and writes the logs of tables on one storage. Thread-safe; close it when done. */
final class DeltaLogs implements AutoCloseable {
  private final Storage storage;
  private final DeltaEngine engine;
  private final DeltaEngine shortLogs;

  DeltaLogs(Storage storage) {
    this.storage = storage;
    this.engine = new DeltaEngine(storage, storage);
    this.shortLogs = new DeltaEngine(new JsonLog(storage), storage);
  }

  Storage storage() {
    return storage;
  }

  /** The engine that sees all of a log. */
  DeltaEngine engine() {
    return engine;
  }

  /** The engine that sees a log's JSON files only. */
  DeltaEngine shortLogs() {
    return shortLogs;
  }

  @Override
  public void close() {
    engine.close();
    shortLogs.close();
    storage.close();
  }
}
