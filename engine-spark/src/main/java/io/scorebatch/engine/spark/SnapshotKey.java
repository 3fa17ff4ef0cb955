package io.scorebatch.engine.spark;

import io.scorebatch.api.table.TableSnapshot;

/** What makes two snapshots the same rows. */
record SnapshotKey(String location, String tableId, long version) {
  static SnapshotKey of(TableSnapshot snapshot) {
    return new SnapshotKey(snapshot.location(), snapshot.tableId(), snapshot.version());
  }
}
