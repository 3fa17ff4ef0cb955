package io.scorebatch.pipeline.run;

import io.scorebatch.api.table.AsOf;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Table versions pinned at first sight, so that all models of a run read the same rows.
 * Thread-safe.
 */
final class PinnedTables {
  private final TableStore tables;
  private final Optional<AsOf> asOf;
  private final Map<TableName, TableSnapshot> features = new ConcurrentHashMap<>();
  private final Map<TableName, TableSnapshot> others = new ConcurrentHashMap<>();

  /**
   * @param asOf which version of feature tables is meant; empty for the newest
   */
  PinnedTables(TableStore tables, Optional<AsOf> asOf) {
    this.tables = tables;
    this.asOf = asOf;
  }

  /** A table that features come from. */
  TableSnapshot features(TableName name) {
    return asOf.isEmpty()
        ? newest(name)
        : features.computeIfAbsent(name, table -> asOf.get().snapshot(tables, table));
  }

  /** A table that other rows come from: its newest version, whatever features are read as of. */
  TableSnapshot newest(TableName name) {
    return others.computeIfAbsent(name, tables::snapshot);
  }

  /** Versions by name. */
  static Map<String, Long> versions(Iterable<TableSnapshot> snapshots) {
    Map<String, Long> versions = new TreeMap<>();
    snapshots.forEach(s -> versions.put(s.name().toString(), s.version()));
    return versions;
  }
}
