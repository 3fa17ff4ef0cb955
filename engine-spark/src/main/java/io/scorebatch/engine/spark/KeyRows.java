package io.scorebatch.engine.spark;

import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Key sources as DataFrames. Thread-safe. */
final class KeyRows {
  private final SparkSession session;
  private final TableStore tables;
  private final TableScans scans;

  KeyRows(SparkSession session, TableStore tables, TableScans scans) {
    this.session = session;
    this.tables = tables;
    this.scans = scans;
  }

  /** The rows of a key source, its columns under the given names in their declared types. */
  Dataset<Row> rows(KeySource source, List<String> aliases) {
    if (source instanceof KeySource.TableRows rows) {
      Map<String, String> columns = new LinkedHashMap<>();
      for (int i = 0; i < aliases.size(); i++) {
        columns.put(aliases.get(i), rows.columns().get(i).name());
      }
      Dataset<Row> all = scans.rows(rows.table(), columns, false);
      return rows.distinct() ? all.distinct() : all;
    }
    Dataset<Row> all =
        source instanceof KeySource.File file
            ? file(file)
            : UserSql.rows(session, ((KeySource.Query) source).sql(), tables, scans);
    return named(all, source, aliases);
  }

  /** Rows a caller brings, under the names and in the types of a key source's columns. */
  Dataset<Row> rows(Dataset<Row> brought, KeySource source, List<String> aliases) {
    return named(own(brought), source, aliases);
  }

  /** The same rows in the engine's session, whose settings the caller's may differ from. */
  private Dataset<Row> own(Dataset<Row> brought) {
    try {
      return InternalRows.frame(session, InternalRows.execution(brought).analyzed());
    } catch (AnalysisException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Dataset<Row> named(Dataset<Row> all, KeySource source, List<String> aliases) {
    List<org.apache.spark.sql.Column> columns = new ArrayList<>();
    for (int i = 0; i < aliases.size(); i++) {
      Column column = source.columns().get(i);
      columns.add(
          TableScans.named(column.name()).cast(SparkTypes.of(column.type())).as(aliases.get(i)));
    }
    return all.select(columns.toArray(org.apache.spark.sql.Column[]::new));
  }

  /** Reads paths as they are: no character of a name is a pattern. */
  static DataFrameReader reader(SparkSession session) {
    return session.read().option("__globPaths__", "false");
  }

  private Dataset<Row> file(KeySource.File file) {
    String path = SnapshotFiles.path(file.path().toAbsolutePath().toString()).toString();
    return switch (file.format()) {
      case PARQUET -> reader(session).parquet(path);
      // As text, which is cast to the declared types.
      case CSV -> reader(session).option("header", true).csv(path);
      case JSON_LINES ->
          reader(session)
              .schema(SparkTypes.of(file.columns()))
              .option("mode", "FAILFAST")
              .json(path);
    };
  }

  /** The columns a key source would bring. */
  List<Column> describe(KeySource source) {
    if (source instanceof KeySource.TableRows rows) {
      return rows.columns();
    }
    if (source instanceof KeySource.Query query) {
      return SparkTypes.columns(UserSql.rows(session, query.sql(), tables, scans).schema());
    }
    KeySource.File file = (KeySource.File) source;
    if (!Files.isReadable(file.path())) {
      throw SparkFailures.fileUnreadable(
          file, new java.io.FileNotFoundException("There is no such file."));
    }
    try {
      return withDeclared(file, inferred(file));
    } catch (Exception e) {
      throw SparkFailures.fileUnreadable(file, e);
    }
  }

  private List<Column> inferred(KeySource.File file) {
    String path = SnapshotFiles.path(file.path().toAbsolutePath().toString()).toString();
    SparkSession inferring = session.cloneSession();
    // Text without a zone is wall-clock time.
    inferring.conf().set("spark.sql.timestampType", "TIMESTAMP_NTZ");
    StructType schema =
        switch (file.format()) {
          case PARQUET -> reader(session).parquet(path).schema();
          case CSV ->
              reader(inferring)
                  .option("header", true)
                  .option("inferSchema", true)
                  .csv(path)
                  .schema();
          case JSON_LINES -> reader(inferring).option("mode", "FAILFAST").json(path).schema();
        };
    if (file.format() == KeySource.File.Format.PARQUET) {
      return SparkTypes.columns(schema);
    }
    return SparkTypes.columns(schema).stream()
        .map(c -> Column.of(c.name(), widest(c.type())))
        .toList();
  }

  /** A sample of whole numbers says nothing of how large they get. */
  private static ColumnType widest(ColumnType type) {
    return type.isInteger() ? Primitive.LONG : type;
  }

  private static List<Column> withDeclared(KeySource.File file, List<Column> found) {
    List<Column> columns = new ArrayList<>();
    for (Column column : found) {
      columns.add(
          file.columns().stream()
              .filter(c -> c.name().equalsIgnoreCase(column.name()))
              .findFirst()
              .orElse(column));
    }
    return List.copyOf(columns);
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
