package io.scorebatch.engine.duckdb;

import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.type.Column;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Keys from files and queries as SQL relations. */
final class KeySources {
  /** The view that a key query becomes. */
  static final String QUERY_VIEW = Sql.name("memory", "main", "_keys");

  private KeySources() {}

  /** What FROM names: a view for a query, a reading function for a file. */
  static String relation(Instance instance, KeySource source) throws SQLException {
    if (!(source instanceof KeySource.File file)) {
      checkColumns(source, describe(instance, QUERY_VIEW));
      return QUERY_VIEW;
    }
    if (file.format() != KeySource.File.Format.JSON_LINES) {
      checkColumns(source, describe(instance, file(file, List.of())));
    }
    return file(file, file.columns());
  }

  /** The columns of a relation, in Scorebatch's types. */
  static List<Column> describe(Instance instance, String relation) throws SQLException {
    return instance.query(
        "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM " + relation + ")",
        rows -> {
          List<Column> columns = new ArrayList<>();
          while (rows.next()) {
            columns.add(Column.of(rows.getString(1), DuckTypes.parse(rows.getString(2))));
          }
          return List.copyOf(columns);
        });
  }

  private static void checkColumns(KeySource source, List<Column> found) {
    List<String> names = found.stream().map(Column::name).toList();
    for (Column column : source.columns()) {
      if (names.stream().noneMatch(column.name()::equalsIgnoreCase)) {
        throw EngineFailures.keyColumnNotFound(origin(source), column.name(), names);
      }
    }
  }

  /** The value of a key column, in SQL over {@link #relation}. */
  static String value(KeySource source, Column column) {
    String name = Sql.name(column.name());
    return isText(source, column)
        ? KeyText.value(name, column.type())
        : Sql.cast(name, column.type());
  }

  /** Whether a source holds a column as text that is read strictly. */
  static boolean isText(KeySource source, Column column) {
    return source instanceof KeySource.File file
        && file.format() != KeySource.File.Format.PARQUET
        && KeyText.isText(column);
  }

  /**
   * A file with all its columns: where columns are listed, those of text formats come as text; else
   * all come in the types that are found.
   */
  static String file(KeySource.File file, List<Column> columns) {
    String path = Sql.file(file.path().toString());
    String types =
        columns.stream()
            .map(
                c ->
                    Sql.text(c.name())
                        + ": "
                        + Sql.text(isText(file, c) ? "VARCHAR" : DuckTypes.sql(c.type())))
            .collect(Collectors.joining(", ", "{", "}"));
    return switch (file.format()) {
      case PARQUET -> "read_parquet(" + path + ", hive_partitioning = false)";
      case CSV ->
          "read_csv("
              + path
              + ", header = true, hive_partitioning = false"
              + (columns.isEmpty() ? "" : ", all_varchar = true")
              + ")";
      case JSON_LINES ->
          "read_json("
              + path
              + ", format = 'newline_delimited', hive_partitioning = false"
              + (columns.isEmpty() ? "" : ", columns = " + types)
              + ")";
    };
  }

  /** For messages. */
  static String origin(KeySource source) {
    if (source instanceof KeySource.File file) {
      return "file " + file.path();
    }
    return source instanceof KeySource.TableRows rows
        ? "table " + rows.table().name()
        : "the key query";
  }
}
