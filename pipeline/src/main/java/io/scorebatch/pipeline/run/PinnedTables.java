package io.scorebatch.pipeline.run;

import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Table versions pinned at first sight, so that all models of a run read the same rows.
 * Thread-safe.
 */
final class PinnedTables {
  private final TableStore tables;
  private final Map<TableName, TableSnapshot> pinned = new ConcurrentHashMap<>();

  PinnedTables(TableStore tables) {
    this.tables = tables;
  }

  TableSnapshot snapshot(TableName name) {
    return pinned.computeIfAbsent(name, tables::snapshot);
  }

  /** Versions by name. */
  static Map<String, Long> versions(Iterable<TableSnapshot> snapshots) {
    Map<String, Long> versions = new TreeMap<>();
    snapshots.forEach(s -> versions.put(s.name().toString(), s.version()));
    return versions;
  }
}
