package io.scorebatch.engine.duckdb;

import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.type.Column;
import java.util.List;
import java.util.stream.Collectors;

/** Keys from files and queries as SQL relations. */
final class KeySources {
  /** The view that a key query becomes. */
  static final String QUERY_VIEW = Sql.name("memory", "main", "_keys");

  private KeySources() {}

  /** What FROM names: a view for a query, a reading function for a file. */
  static String relation(KeySource source) {
    return source instanceof KeySource.File file ? file(file, file.columns()) : QUERY_VIEW;
  }

  /** A file with all its columns, in the types given for those listed and the found ones else. */
  static String file(KeySource.File file, List<Column> columns) {
    String path = Sql.file(file.path().toString());
    String types =
        columns.stream()
            .map(c -> Sql.text(c.name()) + ": " + Sql.text(DuckTypes.sql(c.type())))
            .collect(Collectors.joining(", ", "{", "}"));
    return switch (file.format()) {
      case PARQUET -> "read_parquet(" + path + ", hive_partitioning = false)";
      case CSV ->
          "read_csv("
              + path
              + ", header = true, hive_partitioning = false"
              + (columns.isEmpty() ? "" : ", types = " + types)
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
