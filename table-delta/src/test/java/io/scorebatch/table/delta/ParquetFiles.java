package io.scorebatch.table.delta;

import io.scorebatch.api.table.ColumnStatistics;
import io.scorebatch.api.table.DataFile;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.StoredColumn;
import io.scorebatch.api.table.TableSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Stages and reads Parquet files with DuckDB, as an engine does. */
final class ParquetFiles {
  private ParquetFiles() {}

  static StagedFile stage(Path folder, String query) {
    return stage(folder, query, Map.of());
  }

  static StagedFile stage(
      Path folder, String query, Map<String, @Nullable String> partitionValues) {
    Path file = folder.resolve("part-" + UUID.randomUUID() + ".parquet");
    try (Connection connection = open();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE staged AS " + query);
      statement.execute(
          "COPY staged TO '"
              + file.toString().replace("'", "''")
              + "' (FORMAT parquet, COMPRESSION zstd)");
      long rows = 0;
      Map<String, ColumnStatistics> statistics = new HashMap<>();
      for (String column : columns(statement)) {
        String name = '"' + column + '"';
        try (ResultSet found =
            statement.executeQuery(
                "SELECT min("
                    + name
                    + "), max("
                    + name
                    + "), count(*) - count("
                    + name
                    + "), count(*)"
                    + " FROM staged")) {
          found.next();
          statistics.put(
              column, new ColumnStatistics(bound(found, 1), bound(found, 2), found.getLong(3)));
          rows = found.getLong(4);
        }
      }
      return new StagedFile(file, Files.size(file), rows, partitionValues, statistics);
    } catch (SQLException e) {
      throw new IllegalStateException(query, e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Live rows, or new ones of a change data feed, matched to the files' columns by physical name or
   * field id.
   */
  static List<List<@Nullable Object>> rows(TableSnapshot snapshot) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    try (Connection connection = open();
        Statement statement = connection.createStatement()) {
      for (DataFile file : snapshot.files()) {
        Set<String> held = new HashSet<>();
        try (ResultSet names =
            statement.executeQuery(
                "SELECT name FROM parquet_schema('" + quoted(Path.of(file.path())) + "')")) {
          while (names.next()) {
            held.add(names.getString(1));
          }
        }
        Set<Long> deleted =
            file.deleted()
                .map(d -> d.positions().boxed().collect(Collectors.toSet()))
                .orElse(new HashSet<>());
        try (ResultSet found = statement.executeQuery(select(snapshot, file, held))) {
          while (found.next()) {
            if (deleted.contains(found.getLong(1))) {
              continue;
            }
            List<@Nullable Object> row = new ArrayList<>();
            for (int i = 0; i < snapshot.columns().size(); i++) {
              row.add(found.getObject(i + 2));
            }
            rows.add(row);
          }
        }
      }
      return rows;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String select(TableSnapshot snapshot, DataFile file, Set<String> held) {
    List<String> values = new ArrayList<>();
    List<String> byId = new ArrayList<>();
    for (StoredColumn column : snapshot.columns()) {
      String name = column.column().name();
      String type = column.column().type().sparkName().replace("string", "varchar");
      if (snapshot.partitionColumns().contains(name)) {
        String text = file.partitionValues().get(name);
        values.add(
            text == null
                ? "NULL"
                : "'"
                    + text.replace("'", "''")
                    + "'::"
                    + (type.equals("timestamp") ? "timestamptz" : type));
      } else if (column.fieldId().isPresent()) {
        byId.add(
            column.fieldId().getAsInt()
                + ": {name: '"
                + name
                + "', type: '"
                + type
                + "', default_value: NULL}");
        values.add('"' + name + '"');
      } else {
        // A file may be older than the column.
        values.add(
            held.contains(column.physicalName()) ? '"' + column.physicalName() + '"' : "NULL");
      }
    }
    return "SELECT file_row_number, "
        + String.join(", ", values)
        + " FROM read_parquet('"
        + quoted(Path.of(file.path()))
        + "'"
        + (byId.isEmpty() ? "" : ", schema = MAP {" + String.join(", ", byId) + "}")
        + ")"
        + (file.content() == DataFile.Content.CHANGE_FEED
            ? " WHERE _change_type IN ('insert', 'update_postimage')"
            : "");
  }

  static Connection open() throws SQLException {
    Connection connection = DriverManager.getConnection("jdbc:duckdb:");
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      statement.execute("SET threads = 1");
    }
    return connection;
  }

  /** A literal whose pattern characters stand for themselves. */
  private static String quoted(Path file) {
    return file.toString().replace("'", "''").replaceAll("[\\[*?]", "[$0]");
  }

  private static List<String> columns(Statement statement) throws SQLException {
    List<String> columns = new ArrayList<>();
    try (ResultSet none = statement.executeQuery("SELECT * FROM staged LIMIT 0")) {
      ResultSetMetaData description = none.getMetaData();
      for (int i = 1; i <= description.getColumnCount(); i++) {
        columns.add(description.getColumnName(i));
      }
    }
    return columns;
  }

  private static @Nullable Object bound(ResultSet found, int column) throws SQLException {
    Object value = found.getObject(column);
    if (value instanceof OffsetDateTime time) {
      return time.toInstant();
    }
    if (value instanceof Byte || value instanceof Short || value instanceof Integer) {
      return ((Number) value).longValue();
    }
    if (value instanceof Float number) {
      return number.doubleValue();
    }
    return value;
  }
}
