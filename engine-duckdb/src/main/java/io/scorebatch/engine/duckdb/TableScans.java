package io.scorebatch.engine.duckdb;

import io.scorebatch.api.table.DataFile;
import io.scorebatch.api.table.DeletedRows;
import io.scorebatch.api.table.StoredColumn;
import io.scorebatch.api.table.TableSnapshot;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.duckdb.DuckDBAppender;
import org.jspecify.annotations.Nullable;

/** Table snapshots as SQL over their Parquet files. Thread-safe. */
final class TableScans {
  /** Where a row stands in its table: grows with the file's place in the snapshot, then the row. */
  static final String POSITION = "_position";

  /** More rows than a Parquet file has; leaves 2^23 files. */
  private static final long FILE_STEP = 1L << 40;

  /** Where the rows of a change data feed tell what happened to them. */
  private static final String CHANGE_TYPE = "_change_type";

  /** Files of a snapshot that are read in the same way. */
  private enum Group {
    WHOLE,
    /** Rows of them are deleted. */
    THINNED,
    CHANGE_FEED;

    static Group of(DataFile file) {
      if (file.content() == DataFile.Content.CHANGE_FEED) {
        return CHANGE_FEED;
      }
      return file.deleted().isEmpty() ? WHOLE : THINNED;
    }
  }

  /** Columns that a snapshot's files really have, in lower case. */
  private final Map<List<Object>, Set<String>> present = new ConcurrentHashMap<>();

  /**
   * A SELECT of columns of a table, in their declared types; a column that a file lacks is NULL,
   * deleted rows are left out.
   *
   * @param instance where it will run
   * @param table the table
   * @param columns table column by alias
   * @param position whether to add {@link #POSITION}
   */
  String select(
      Instance instance, TableSnapshot table, Map<String, String> columns, boolean position)
      throws SQLException {
    Map<String, StoredColumn> wanted = new LinkedHashMap<>();
    for (Map.Entry<String, String> column : columns.entrySet()) {
      wanted.put(column.getKey(), find(table, column.getValue()));
    }
    Map<Group, List<Integer>> groups = new EnumMap<>(Group.class);
    for (int i = 0; i < table.files().size(); i++) {
      groups.computeIfAbsent(Group.of(table.files().get(i)), g -> new ArrayList<>()).add(i);
    }
    List<String> parts = new ArrayList<>();
    for (Map.Entry<Group, List<Integer>> group : groups.entrySet()) {
      parts.add(
          scan(instance, table, group.getKey(), group.getValue(), wanted, position)
              + where(instance, table, group.getKey()));
    }
    return parts.isEmpty() ? nothing(wanted, position) : String.join(" UNION ALL ", parts);
  }

  private static String where(Instance instance, TableSnapshot table, Group group)
      throws SQLException {
    return switch (group) {
      case WHOLE -> "";
      case THINNED ->
          " WHERE NOT EXISTS (SELECT 1 FROM "
              + deletedRows(instance, table)
              + " d WHERE d.file = t.file_index AND d.row = t.file_row_number)";
      case CHANGE_FEED ->
          " WHERE t." + Sql.name(CHANGE_TYPE) + " IN ('insert', 'update_postimage')";
    };
  }

  /** The files a scan of the table reads. */
  static List<String> paths(TableSnapshot table) {
    return table.files().stream().map(file -> Sql.localPath(file.path())).toList();
  }

  private static StoredColumn find(TableSnapshot table, String name) {
    return table.columns().stream()
        .filter(c -> c.column().name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(() -> EngineFailures.columnNotFound(table, name));
  }

  private static String nothing(Map<String, StoredColumn> wanted, boolean position) {
    String columns =
        wanted.entrySet().stream()
            .map(c -> Sql.literal(null, c.getValue().column().type()) + " AS " + c.getKey())
            .collect(Collectors.joining(", "));
    return "SELECT " + columns + (position ? ", 0 AS " + POSITION : "") + " WHERE false";
  }

  private String scan(
      Instance instance,
      TableSnapshot table,
      Group group,
      List<Integer> ordinals,
      Map<String, StoredColumn> wanted,
      boolean position)
      throws SQLException {
    List<DataFile> files = ordinals.stream().map(table.files()::get).toList();
    boolean byId = byFieldId(table, group);
    String source = readParquet(table, files, byId);
    Set<String> inFiles = byId ? Set.of() : present(instance, table, group, source);
    List<String> columns = new ArrayList<>();
    for (Map.Entry<String, StoredColumn> column : wanted.entrySet()) {
      String value = value(table, files, column.getValue(), byId, inFiles);
      columns.add(Sql.cast(value, column.getValue().column().type()) + " AS " + column.getKey());
    }
    if (position) {
      String list = ordinals.stream().map(String::valueOf).collect(Collectors.joining(", "));
      String ordinal = ordinals.size() == 1 ? list : "[" + list + "][t.file_index::BIGINT + 1]";
      columns.add(ordinal + "::BIGINT * " + FILE_STEP + " + t.file_row_number AS " + POSITION);
    }
    return "SELECT " + String.join(", ", columns) + " FROM " + source + " t";
  }

  private static String value(
      TableSnapshot table,
      List<DataFile> files,
      StoredColumn column,
      boolean byId,
      Set<String> inFiles) {
    String name = column.column().name();
    if (table.partitionColumns().stream().anyMatch(name::equalsIgnoreCase)) {
      return partitionValue(files, name);
    }
    if (!name.equals(column.physicalName()) && DuckTypes.hasStruct(column.column().type())) {
      throw EngineFailures.mappedStruct(table, column.column());
    }
    if (byId) {
      return "t." + Sql.name(name);
    }
    return inFiles.contains(column.physicalName().toLowerCase(Locale.ROOT))
        ? "t." + Sql.name(column.physicalName())
        : "NULL";
  }

  private static String partitionValue(List<DataFile> files, String column) {
    List<@Nullable String> values = new ArrayList<>();
    for (DataFile file : files) {
      values.add(file.partitionValues().get(column));
    }
    if (new HashSet<>(values).size() == 1) {
      String value = values.get(0);
      return value == null ? "NULL" : Sql.text(value);
    }
    return Sql.texts(values) + "[t.file_index::BIGINT + 1]";
  }

  /** A column of a change data feed's own has no id; Delta's writers give files their names too. */
  private static boolean byFieldId(TableSnapshot table, Group group) {
    return group != Group.CHANGE_FEED
        && table.columns().stream().anyMatch(c -> c.fieldId().isPresent());
  }

  private static String readParquet(TableSnapshot table, List<DataFile> files, boolean byId) {
    String options = ", hive_partitioning = false";
    if (byId) {
      String fields =
          table.columns().stream()
              .filter(c -> c.fieldId().isPresent())
              .map(
                  c ->
                      c.fieldId().getAsInt()
                          + ": {name: "
                          + Sql.text(c.column().name())
                          + ", type: "
                          + Sql.text(DuckTypes.sql(c.column().type()))
                          + ", default_value: NULL}")
              .collect(Collectors.joining(", "));
      options += ", schema = MAP {" + fields + "}";
    } else if (files.size() > 1) {
      options += ", union_by_name = true";
    }
    List<String> paths = files.stream().map(DataFile::path).toList();
    return "read_parquet(" + Sql.files(paths) + options + ")";
  }

  private Set<String> present(Instance instance, TableSnapshot table, Group group, String source)
      throws SQLException {
    List<Object> key = List.of(SnapshotKey.of(table), group);
    Set<String> known = present.get(key);
    if (known == null) {
      known =
          instance.query(
              "SELECT column_name FROM (DESCRIBE SELECT * FROM " + source + ")",
              rows -> {
                Set<String> names = new HashSet<>();
                while (rows.next()) {
                  names.add(rows.getString(1).toLowerCase(Locale.ROOT));
                }
                return names;
              });
      present.put(key, known);
    }
    return known;
  }

  private static String deletedRows(Instance instance, TableSnapshot table) throws SQLException {
    String known = instance.deletedRowTables().get(SnapshotKey.of(table));
    if (known != null) {
      return known;
    }
    String name = "_deleted_" + instance.deletedRowTables().size();
    instance.execute("CREATE TABLE memory.main." + name + " (file UBIGINT, row BIGINT)");
    try (DuckDBAppender appender = instance.connection().createAppender("memory", "main", name)) {
      Iterator<DeletedRows> deleted =
          table.files().stream().flatMap(file -> file.deleted().stream()).iterator();
      for (long file = 0; deleted.hasNext(); file++) {
        PrimitiveIterator.OfLong positions = deleted.next().positions().iterator();
        while (positions.hasNext()) {
          appender.beginRow();
          appender.append(file);
          appender.append(positions.nextLong());
          appender.endRow();
        }
      }
    }
    String sql = "memory.main." + name;
    instance.deletedRowTables().put(SnapshotKey.of(table), sql);
    return sql;
  }

  /** All columns of a table under their own names, for SQL of a user's. */
  static Map<String, String> ownNames(TableSnapshot table) {
    Map<String, String> columns = new LinkedHashMap<>();
    table.columns().forEach(c -> columns.put(Sql.name(c.column().name()), c.column().name()));
    return columns;
  }

  /** Aliases for columns: {@code k0}, {@code k1} … */
  static Map<String, String> numbered(String prefix, List<String> columns) {
    Map<String, String> aliases = new LinkedHashMap<>();
    IntStream.range(0, columns.size()).forEach(i -> aliases.put(prefix + i, columns.get(i)));
    return aliases;
  }
}
