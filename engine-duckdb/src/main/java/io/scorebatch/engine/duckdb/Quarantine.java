package io.scorebatch.engine.duckdb;

import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.type.ColumnType;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.duckdb.BlockFunction;
import org.duckdb.BlockFunction.Block;
import org.duckdb.BlockFunction.ResultField;
import org.duckdb.BlockFunction.ValueType;
import org.jspecify.annotations.Nullable;

/**
 * Where bad rows go while the others are written: lines of JSON, values as text, in a file beside
 * what is spilled. One statement has one target; so rows need not be scored twice. Called from
 * DuckDB's threads.
 */
final class Quarantine implements AutoCloseable {
  private static final String FUNCTION = "_sb_quarantine";
  private static final String GOOD = "good";

  private final Path file;
  private @Nullable BufferedWriter writer;

  private Quarantine(Path file) {
    this.file = file;
  }

  /** Makes the function that keeps rows known to a database. */
  static Quarantine register(Instance instance) throws SQLException {
    Path file = instance.spillFolder().resolve("bad-" + UUID.randomUUID() + ".jsonl");
    Quarantine quarantine = new Quarantine(file);
    BlockFunction.register(
        instance.connection(),
        FUNCTION,
        List.of(ValueType.VARCHAR),
        List.of(new ResultField(GOOD, ValueType.BOOLEAN)),
        quarantine::keep);
    return quarantine;
  }

  /** True in SQL for good rows, whose line is NULL; keeps the others. */
  static String sql(String line) {
    return FUNCTION + "(" + line + ")." + GOOD;
  }

  /** The line of a row in SQL. */
  static String line(List<String> texts) {
    return IntStream.range(0, texts.size())
        .mapToObj(i -> "'" + i + "', " + texts.get(i))
        .collect(Collectors.joining(", ", "CAST(json_object(", ") AS VARCHAR)"));
  }

  private void keep(Block block) {
    int rows = block.rows();
    @Nullable String[] lines = new @Nullable String[rows];
    block.texts(0, lines);
    boolean[] good = new boolean[rows];
    for (int row = 0; row < rows; row++) {
      good[row] = lines[row] == null;
    }
    block.putFlags(0, good);
    write(lines);
  }

  private synchronized void write(@Nullable String[] lines) {
    try {
      for (String line : lines) {
        if (line != null) {
          BufferedWriter open = writer == null ? open() : writer;
          writer = open;
          open.write(line);
          open.newLine();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private BufferedWriter open() throws IOException {
    Files.createDirectories(file.getParent());
    return Files.newBufferedWriter(file, StandardCharsets.UTF_8);
  }

  /** Whether no row was kept. Only when no more rows come. */
  synchronized boolean isEmpty() {
    return writer == null;
  }

  /** The rows kept, with the columns of a plan. Only when no more rows come. */
  synchronized String select(List<OutputColumn> columns) {
    if (writer != null) {
      try {
        writer.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    List<String> names = new ArrayList<>();
    List<String> values = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      ColumnType type = columns.get(i).column().type();
      names.add("'" + i + "': 'VARCHAR'");
      String value =
          columns.get(i).value() instanceof OutputValue.Constant constant
              ? Sql.literal(constant.value(), type)
              : Sql.cast(Sql.name(String.valueOf(i)), type);
      values.add(value + " AS " + Sql.name(columns.get(i).column().name()));
    }
    return "SELECT "
        + String.join(", ", values)
        + " FROM read_json("
        + Sql.file(file.toString())
        + ", format = 'newline_delimited', columns = {"
        + String.join(", ", names)
        + "})";
  }

  @Override
  public synchronized void close() {
    try {
      if (writer != null) {
        writer.close();
      }
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
