package io.scorebatch.api.table;

import io.scorebatch.api.type.Schema;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One version of a table: what it holds and in which files. Immutable.
 *
 * @param name three-part name
 * @param location root folder or URI
 * @param tableId the table's own id
 * @param version Delta version
 * @param columns in order, partition columns included
 * @param partitionColumns logical names
 * @param properties table properties
 * @param comment what the table is; null where none is set
 * @param files its live files
 */
public record TableSnapshot(
    TableName name,
    String location,
    String tableId,
    long version,
    List<StoredColumn> columns,
    List<String> partitionColumns,
    Map<String, String> properties,
    @Nullable String comment,
    List<DataFile> files) {
  public TableSnapshot {
    columns = List.copyOf(columns);
    partitionColumns = List.copyOf(partitionColumns);
    properties = Map.copyOf(properties);
    files = List.copyOf(files);
  }

  public Schema schema() {
    return new Schema(columns.stream().map(StoredColumn::column).toList());
  }

  /** The same table with other files. */
  public TableSnapshot withFiles(List<DataFile> others) {
    return new TableSnapshot(
        name, location, tableId, version, columns, partitionColumns, properties, comment, others);
  }

  /** Live rows, where every file records its count. */
  public OptionalLong rows() {
    long sum = 0;
    for (DataFile file : files) {
      if (file.rows().isEmpty()) {
        return OptionalLong.empty();
      }
      sum += file.rows().getAsLong() - file.deleted().map(DeletedRows::count).orElse(0L);
    }
    return OptionalLong.of(sum);
  }
}
