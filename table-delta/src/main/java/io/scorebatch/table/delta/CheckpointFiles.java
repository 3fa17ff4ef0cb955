package io.scorebatch.table.delta;

import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.defaults.internal.data.DefaultRowBasedColumnarBatch;
import io.delta.kernel.defaults.internal.json.JsonUtils;
import io.delta.kernel.engine.FileReadResult;
import io.delta.kernel.engine.ParquetHandler;
import io.delta.kernel.expressions.Column;
import io.delta.kernel.expressions.Predicate;
import io.delta.kernel.types.ArrayType;
import io.delta.kernel.types.BooleanType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.MapType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.DataFileStatus;
import io.delta.kernel.utils.FileStatus;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the Parquet files of the Delta log (checkpoints and their sidecars) with DuckDB,
 * in place of the Hadoop Parquet reader. Rows pass as JSON, which the kernel reads natively.
 *
 * <p>DuckDB is loaded by the first checkpoint, never by a log of JSON files alone, and kept until
 * this is closed. Thread-safe.
 */
final class CheckpointFiles implements ParquetHandler, AutoCloseable {
  private static final int BATCH = 1024;

  private final Storage files;
  // Connections to one name share a database as long as one of them is open.
  private final String url = "jdbc:duckdb:memory:log-" + UUID.randomUUID();
  private @Nullable Connection keptOpen;

  CheckpointFiles(Storage files) {
    this.files = files;
  }

  @Override
  public CloseableIterator<FileReadResult> readParquetFiles(
      CloseableIterator<FileStatus> fileIter,
      StructType physicalSchema,
      Optional<Predicate> predicate) {
    return new Reader(fileIter, physicalSchema);
  }

  @Override
  public CloseableIterator<DataFileStatus> writeParquetFiles(
      String directoryPath,
      CloseableIterator<FilteredColumnarBatch> dataIter,
      List<Column> statsColumns) {
    throw new UnsupportedOperationException("data files are written by the scoring engine");
  }

  @Override
  public void writeParquetFileAtomically(
      String filePath, CloseableIterator<FilteredColumnarBatch> data) throws IOException {
    Path lines = files.beside(filePath);
    Path parquet = files.beside(filePath);
    // The kernel asks how many rows there were once its iterator is closed, so it is always closed.
    try (data) {
      Optional<StructType> schema = writeLines(lines, data);
      if (schema.isEmpty()) {
        throw new IOException("a checkpoint without rows: " + filePath);
      }
      try (Connection connection = open();
          Statement statement = connection.createStatement()) {
        statement.execute(
            "COPY (SELECT * FROM read_json("
                + literal(lines)
                + ", format = 'newline_delimited', columns = {"
                + columns(schema.get())
                + "})) TO "
                + quote(parquet.toString())
                + " (FORMAT parquet, COMPRESSION snappy)");
      } catch (SQLException e) {
        throw new IOException("cannot write the checkpoint " + filePath, e);
      }
      LocalFiles.force(parquet);
      files.publish(parquet, filePath);
    } finally {
      Files.deleteIfExists(lines);
      Files.deleteIfExists(parquet);
    }
  }

  private static Optional<StructType> writeLines(
      Path lines, CloseableIterator<FilteredColumnarBatch> data) throws IOException {
    StructType schema = null;
    try (BufferedWriter out =
        Files.newBufferedWriter(lines, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW)) {
      while (data.hasNext()) {
        FilteredColumnarBatch batch = data.next();
        schema = batch.getData().getSchema();
        try (CloseableIterator<Row> rows = batch.getRows()) {
          while (rows.hasNext()) {
            out.write(JsonUtils.rowToJson(rows.next()));
            out.write('\n');
          }
        }
      }
    }
    return Optional.ofNullable(schema);
  }

  private synchronized Connection open() throws SQLException {
    if (keptOpen == null) {
      keptOpen = DriverManager.getConnection(url);
      try (Statement statement = keptOpen.createStatement()) {
        statement.execute("SET threads = 1");
      }
    }
    return DriverManager.getConnection(url);
  }

  @Override
  public synchronized void close() {
    try {
      if (keptOpen != null) {
        keptOpen.close();
        keptOpen = null;
      }
    } catch (SQLException e) {
      throw new IllegalStateException("cannot close the reader of checkpoints", e);
    }
  }

  /** A path where DuckDB expects a pattern: its own pattern characters are taken literally. */
  private static String literal(Path file) {
    return quote(file.toString().replaceAll("[\\[*?]", "[$0]"));
  }

  private static String quote(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private static String name(String text) {
    return '"' + text.replace("\"", "\"\"") + '"';
  }

  private static String columns(StructType schema) {
    return schema.fields().stream()
        .map(field -> name(field.getName()) + ": " + quote(sqlType(field.getDataType())))
        .collect(Collectors.joining(", "));
  }

  private static String sqlType(DataType type) {
    if (type instanceof StructType struct) {
      return struct.fields().stream()
          .map(field -> name(field.getName()) + " " + sqlType(field.getDataType()))
          .collect(Collectors.joining(", ", "STRUCT(", ")"));
    }
    if (type instanceof MapType map) {
      return "MAP(" + sqlType(map.getKeyType()) + ", " + sqlType(map.getValueType()) + ")";
    }
    if (type instanceof ArrayType array) {
      return sqlType(array.getElementType()) + "[]";
    }
    if (type instanceof BooleanType) {
      return "BOOLEAN";
    }
    if (type instanceof IntegerType) {
      return "INTEGER";
    }
    if (type instanceof LongType) {
      return "BIGINT";
    }
    if (type instanceof StringType) {
      return "VARCHAR";
    }
    throw new IllegalArgumentException("no checkpoint holds a " + type);
  }

  /** A column of a Parquet file and the columns in it, by name. */
  private record Node(Map<String, Node> children) {}

  /** Reads rows of one file after the other. One thread at a time. */
  private final class Reader implements CloseableIterator<FileReadResult> {
    private final CloseableIterator<FileStatus> waiting;
    private final StructType schema;
    private @Nullable Connection connection;
    private @Nullable ResultSet rows;
    private String file = "";
    private @Nullable FileReadResult next;

    Reader(CloseableIterator<FileStatus> waiting, StructType schema) {
      this.waiting = waiting;
      this.schema = schema;
    }

    @Override
    public boolean hasNext() {
      try {
        while (next == null) {
          if (rows == null && !openNext()) {
            return false;
          }
          next = readBatch();
        }
        return true;
      } catch (SQLException | IOException e) {
        throw new IllegalStateException("cannot read the checkpoint " + file, e);
      }
    }

    @Override
    public FileReadResult next() {
      FileReadResult result = hasNext() ? next : null;
      if (result == null) {
        throw new NoSuchElementException();
      }
      next = null;
      return result;
    }

    private boolean openNext() throws SQLException, IOException {
      if (!waiting.hasNext()) {
        return false;
      }
      file = waiting.next().getPath();
      if (connection == null) {
        connection = open();
      }
      Path path = files.localCopy(file);
      // The result set keeps its statement open and closes it.
      Statement statement = connection.createStatement();
      statement.closeOnCompletion();
      rows = statement.executeQuery(query(connection, path));
      return true;
    }

    private @Nullable FileReadResult readBatch() throws SQLException {
      ResultSet open = rows;
      List<Row> batch = new ArrayList<>();
      while (open != null && batch.size() < BATCH) {
        if (!open.next()) {
          open.close();
          rows = null;
          break;
        }
        batch.add(JsonUtils.rowFromJson(open.getString(1), schema));
      }
      if (batch.isEmpty()) {
        return null;
      }
      ColumnarBatch columns = new DefaultRowBasedColumnarBatch(schema, batch);
      return new FileReadResult(columns, file);
    }

    private String query(Connection connection, Path path) throws SQLException {
      Node root = structure(connection, path);
      List<String> wanted = new ArrayList<>();
      List<String> present = new ArrayList<>();
      for (StructField field : schema.fields()) {
        Node column = root.children().get(field.getName());
        if (column != null) {
          String reference = name(field.getName());
          wanted.add(reference + " := " + value(reference, field.getDataType(), column));
          present.add(reference + " IS NOT NULL");
        }
      }
      if (wanted.isEmpty()) {
        return "SELECT '{}' WHERE false";
      }
      // A checkpoint row is one action: those of other kinds than the ones asked for are left out.
      return "SELECT to_json(struct_pack("
          + String.join(", ", wanted)
          + "))::VARCHAR FROM read_parquet("
          + literal(path)
          + ") WHERE "
          + String.join(" OR ", present);
    }

    /** An expression for the fields that are asked for and there; absent ones stay out (NULL). */
    private static String value(String reference, DataType type, Node column) {
      if (!(type instanceof StructType struct)) {
        return reference;
      }
      List<String> fields = new ArrayList<>();
      for (StructField field : struct.fields()) {
        Node child = column.children().get(field.getName());
        if (child != null) {
          String inner = reference + "." + name(field.getName());
          fields.add(name(field.getName()) + " := " + value(inner, field.getDataType(), child));
        }
      }
      return fields.isEmpty()
          ? "NULL"
          : "CASE WHEN "
              + reference
              + " IS NOT NULL THEN struct_pack("
              + String.join(", ", fields)
              + ") END";
    }

    private static Node structure(Connection connection, Path path) throws SQLException {
      try (Statement statement = connection.createStatement();
          ResultSet elements =
              statement.executeQuery(
                  "SELECT name, coalesce(num_children, 0) FROM parquet_schema("
                      + literal(path)
                      + ")")) {
        return elements.next() ? node(elements, elements.getInt(2)) : new Node(Map.of());
      }
    }

    /** Parquet lists a tree's elements depth first, each with the number of its children. */
    private static Node node(ResultSet elements, int children) throws SQLException {
      Map<String, Node> found = new LinkedHashMap<>();
      for (int i = 0; i < children && elements.next(); i++) {
        String name = elements.getString(1);
        found.put(name, node(elements, elements.getInt(2)));
      }
      return new Node(found);
    }

    @Override
    public void close() throws IOException {
      try (waiting) {
        if (connection != null) {
          connection.close();
        }
      } catch (SQLException e) {
        throw new IOException(e);
      }
    }
  }
}
