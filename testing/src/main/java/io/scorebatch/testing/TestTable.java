package io.scorebatch.testing;

import io.scorebatch.api.table.DataFile;
import io.scorebatch.api.table.DeletedRows;
import io.scorebatch.api.table.StoredColumn;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.Schema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Builds a table snapshot by hand: Parquet files and what a table's log would say of them. */
public final class TestTable {
  private final Path folder;
  private final ParquetWriter writer;
  private final TableName name;
  private final List<Column> columns = new ArrayList<>();
  private final Map<String, String> physicalNames = new LinkedHashMap<>();
  private final Map<String, Integer> fieldIds = new LinkedHashMap<>();
  private final Set<String> partitionColumns = new LinkedHashSet<>();
  private final List<DataFile> files = new ArrayList<>();

  private TestTable(Path folder, ParquetWriter writer, TableName name) {
    this.folder = folder;
    this.writer = writer;
    this.name = name;
  }

  /** A table {@code main.ml.<name>} whose files lie in a folder of its name. */
  public static TestTable in(Path folder, ParquetWriter writer, String name) {
    return new TestTable(folder.resolve(name), writer, new TableName("main", "ml", name));
  }

  /** Adds a column; files written from now on have it. */
  public TestTable column(String column, ColumnType type) {
    columns.add(Column.of(column, type));
    return this;
  }

  /** Adds a column that files hold under another name. */
  public TestTable mapped(String column, String physicalName, ColumnType type) {
    physicalNames.put(column, physicalName);
    return column(column, type);
  }

  /** Adds a column that files hold under another name and are matched by field id. */
  public TestTable mapped(String column, String physicalName, int fieldId, ColumnType type) {
    fieldIds.put(column, fieldId);
    return mapped(column, physicalName, type);
  }

  /** Adds a column whose values stand in the log, not in the files. */
  public TestTable partitionColumn(String column, ColumnType type) {
    partitionColumns.add(column);
    return column(column, type);
  }

  /** Adds a file with these rows. */
  @SafeVarargs
  @SuppressWarnings("varargs")
  public final TestTable file(List<@Nullable Object>... rows) {
    return file(Map.of(), rows);
  }

  /** Adds a file with these rows and partition values. */
  @SafeVarargs
  @SuppressWarnings("varargs")
  public final TestTable file(
      Map<String, @Nullable String> partition, List<@Nullable Object>... rows) {
    return file(partition, Arrays.asList(rows));
  }

  /** Adds a file with these rows and partition values. */
  public TestTable file(
      Map<String, @Nullable String> partition, List<List<@Nullable Object>> rows) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Path file = folder.resolve("part-" + UUID.randomUUID() + ".parquet");
    List<Column> inFile =
        columns.stream()
            .filter(c -> !partitionColumns.contains(c.name()))
            .map(c -> Column.of(physicalName(c.name()), c.type()))
            .toList();
    Map<String, Integer> ids = new LinkedHashMap<>();
    fieldIds.forEach((column, id) -> ids.put(physicalName(column), id));
    writer.write(file, new Schema(inFile), rows, ids);
    try {
      files.add(
          new DataFile(
              file.toString(),
              Files.size(file),
              OptionalLong.of(rows.size()),
              partition,
              Optional.empty()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** Takes rows of the file added last away, by their zero-based place in it. */
  public TestTable delete(long... positions) {
    DataFile last = files.remove(files.size() - 1);
    files.add(
        new DataFile(
            last.path(),
            last.sizeBytes(),
            last.rows(),
            last.partitionValues(),
            Optional.of(new Positions(positions.clone()))));
    return this;
  }

  /** The snapshot as version 1. */
  public TableSnapshot snapshot() {
    List<StoredColumn> stored =
        columns.stream()
            .map(
                c ->
                    new StoredColumn(
                        c,
                        physicalName(c.name()),
                        fieldIds.containsKey(c.name())
                            ? OptionalInt.of(fieldIds.get(c.name()))
                            : OptionalInt.empty()))
            .toList();
    return new TableSnapshot(
        name,
        folder.toString(),
        "id-of-" + name,
        1,
        stored,
        List.copyOf(partitionColumns),
        Map.of(),
        null,
        files);
  }

  private String physicalName(String column) {
    return physicalNames.getOrDefault(column, column);
  }

  private record Positions(long[] ascending) implements DeletedRows {
    @Override
    public long count() {
      return ascending.length;
    }

    @Override
    public LongStream positions() {
      return LongStream.of(ascending);
    }
  }
}
