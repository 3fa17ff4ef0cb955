package io.scorebatch.engine.duckdb;

import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.ArrayOf;
import io.scorebatch.api.type.ColumnType.MapOf;
import io.scorebatch.api.type.ColumnType.StructOf;
import io.scorebatch.api.type.Schema;
import io.scorebatch.testing.ParquetWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes test files with DuckDB. */
final class DuckParquet implements ParquetWriter {
  private static final int ROWS_AT_ONCE = 1000;

  @Override
  public void write(
      Path file, Schema schema, List<List<@Nullable Object>> rows, Map<String, Integer> fieldIds) {
    String columns =
        schema.columns().stream()
            .map(c -> Sql.name(c.name()) + " " + DuckTypes.sql(c.type()))
            .collect(Collectors.joining(", "));
    String ids =
        fieldIds.entrySet().stream()
            .map(e -> Sql.text(e.getKey()) + ": " + e.getValue())
            .collect(Collectors.joining(", "));
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute("SET timezone = 'UTC'");
      statement.execute("CREATE TABLE t (" + columns + ")");
      for (int from = 0; from < rows.size(); from += ROWS_AT_ONCE) {
        List<String> values = new ArrayList<>();
        for (List<@Nullable Object> row :
            rows.subList(from, Math.min(rows.size(), from + ROWS_AT_ONCE))) {
          values.add(row(schema, row));
        }
        statement.execute("INSERT INTO t VALUES " + String.join(", ", values));
      }
      statement.execute(
          "COPY t TO "
              + Sql.text(file.toString())
              + " (FORMAT parquet"
              + (ids.isEmpty() ? "" : ", FIELD_IDS {" + ids + "}")
              + ")");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String row(Schema schema, List<@Nullable Object> row) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      values.add(value(row.get(i), schema.columns().get(i).type()));
    }
    return "(" + String.join(", ", values) + ")";
  }

  private static String value(@Nullable Object value, ColumnType type) {
    if (value != null && type instanceof ArrayOf array) {
      return ((List<?>) value)
          .stream().map(v -> value(v, array.element())).collect(Collectors.joining(", ", "[", "]"));
    }
    if (value != null && type instanceof MapOf map) {
      return ((Map<?, ?>) value)
          .entrySet().stream()
              .map(e -> value(e.getKey(), map.key()) + ": " + value(e.getValue(), map.value()))
              .collect(Collectors.joining(", ", "MAP {", "}"));
    }
    if (value != null && type instanceof StructOf struct) {
      return struct.fields().stream()
          .map(
              (Column f) ->
                  Sql.name(f.name()) + ": " + value(((Map<?, ?>) value).get(f.name()), f.type()))
          .collect(Collectors.joining(", ", "{", "}"));
    }
    return Sql.literal(value, type);
  }
}
