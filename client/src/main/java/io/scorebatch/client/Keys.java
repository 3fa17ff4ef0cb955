package io.scorebatch.client;

import io.scorebatch.api.type.Schema;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The rows to score. Immutable. */
public sealed interface Keys {
  /** Each combination of key values a table holds, once. */
  record Table(String name) implements Keys {}

  /** Every row of a read-only query over the catalog. */
  record Query(String sql) implements Keys {}

  /**
   * Every row of a local file: {@code .parquet}, {@code .csv}, {@code .jsonl}, {@code .ndjson}, or
   * Arrow IPC as a file ({@code .arrow}, {@code .feather}) or a stream ({@code .arrows}).
   */
  record File(Path path) implements Keys {}

  /**
   * Rows of the caller's, taken once: a batch over them can be carried out once. Values are those
   * that {@link RowFile} writes; null is NULL.
   */
  record Rows(Schema schema, Iterator<List<@Nullable Object>> rows) implements Keys {}

  static Keys table(String name) {
    return new Table(name);
  }

  static Keys query(String sql) {
    return new Query(sql);
  }

  static Keys file(Path path) {
    return new File(path);
  }

  /**
   * Rows of the caller's, in exactly these types: Boolean, any whole number, Float or Double,
   * BigDecimal, String, LocalDate, Instant (timestamp), LocalDateTime (timestamp_ntz), byte[] or
   * null. They are written to a temporary file, so that there may be more of them than memory.
   */
  static Keys rows(Schema schema, Iterator<List<@Nullable Object>> rows) {
    return new Rows(schema, rows);
  }

  /** As {@link #rows(Schema, Iterator)}. */
  static Keys rows(Schema schema, Stream<List<@Nullable Object>> rows) {
    return new Rows(schema, rows.iterator());
  }
}
