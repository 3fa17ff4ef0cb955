package io.scorebatch.testing;

import io.scorebatch.api.type.Schema;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the data files of test tables. Each room brings its own, with the library it has. */
public interface ParquetWriter {
  /**
   * Writes one file.
   *
   * @param file where; replaced if it is there
   * @param schema columns and types as they stand in the file
   * @param rows Boolean, Integer, Long, Float, Double, BigDecimal, String, LocalDate, Instant,
   *     LocalDateTime, List, Map (also for structs) or null
   * @param fieldIds Parquet field ids by column; may be empty
   */
  void write(
      Path file, Schema schema, List<List<@Nullable Object>> rows, Map<String, Integer> fieldIds);
}
