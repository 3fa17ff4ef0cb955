package io.scorebatch.testing;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.table.StagingArea;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Schema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A catalog that knows the snapshots it was given. Reads only. One thread at a time. */
public class MemoryTables implements TableStore {
  private final Map<TableName, TableSnapshot> tables = new LinkedHashMap<>();

  /** Makes a snapshot known by its name. */
  public void add(TableSnapshot table) {
    tables.put(table.name(), table);
  }

  @Override
  public List<TableName> list() {
    return new ArrayList<>(tables.keySet());
  }

  @Override
  public boolean exists(TableName table) {
    return tables.containsKey(table);
  }

  @Override
  public TableSnapshot snapshot(TableName table) {
    @Nullable TableSnapshot snapshot = tables.get(table);
    if (snapshot == null) {
      throw ScorebatchException.of(
          ErrorCode.TABLE_NOT_FOUND, "There is no table " + table + ".", "", "");
    }
    return snapshot;
  }

  @Override
  public TableSnapshot snapshot(TableName table, long version) {
    return snapshot(table);
  }

  @Override
  public Schema checkWritable(
      TableName table, Schema schema, TableCommit.Mode mode, List<String> partitionColumns) {
    throw new UnsupportedOperationException("nothing is written here");
  }

  @Override
  public OptionalLong transactionVersion(TableName table, String application) {
    return OptionalLong.empty();
  }

  @Override
  public StagingArea openStaging(TableName table) {
    throw new UnsupportedOperationException("nothing is staged here");
  }

  @Override
  public long commit(TableCommit commit) {
    throw new UnsupportedOperationException("nothing is committed here");
  }

  @Override
  public String description() {
    return "tables of a test";
  }

  @Override
  public void close() {}
}
