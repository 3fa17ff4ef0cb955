package io.scorebatch.engine.duckdb;

import io.scorebatch.api.table.DataFile;
import io.scorebatch.api.table.TableSnapshot;
import java.util.List;

/** What makes two snapshots the same rows: some hold no more than a version's changed files. */
record SnapshotKey(String location, String tableId, long version, List<String> files) {
  static SnapshotKey of(TableSnapshot snapshot) {
    return new SnapshotKey(
        snapshot.location(),
        snapshot.tableId(),
        snapshot.version(),
        snapshot.files().stream().map(DataFile::path).toList());
  }
}
