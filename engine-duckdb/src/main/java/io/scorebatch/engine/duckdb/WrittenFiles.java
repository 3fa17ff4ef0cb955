package io.scorebatch.engine.duckdb;

import io.scorebatch.api.table.ColumnStatistics;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.Schema;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a COPY with RETURN_STATS tells of the files it wrote. */
final class WrittenFiles {
  /** Longest text kept as a bound. */
  private static final int MAX_TEXT = 32;

  /** Sorts after every other character. */
  private static final String LAST_CHARACTER = new String(Character.toChars(0x10FFFF));

  private static final DateTimeFormatter TIMESTAMP =
      new DateTimeFormatterBuilder()
          .appendPattern("yyyy-MM-dd HH:mm:ss")
          .appendFraction(ChronoField.MICRO_OF_SECOND, 0, 6, true)
          .appendOffset("+HH", "+00")
          .toFormatter(Locale.ROOT);

  /**
   * A file and how many values of its prediction say nothing.
   *
   * @param nulls NULL and NaN by column
   */
  record WrittenFile(StagedFile staged, Map<String, Long> nulls) {}

  private WrittenFiles() {}

  /**
   * @param schema the columns that were written
   * @param partitions what the statement called the texts of partition values, by their column
   */
  static List<WrittenFile> read(ResultSet rows, Schema schema, Map<String, String> partitions)
      throws SQLException {
    List<WrittenFile> files = new ArrayList<>();
    while (rows.next()) {
      Map<String, @Nullable String> values = new LinkedHashMap<>();
      for (Map.Entry<String, String> partition : partitions.entrySet()) {
        Map<?, ?> keys = (Map<?, ?>) rows.getObject("partition_keys");
        values.put(partition.getKey(), (String) keys.get(partition.getValue()));
      }
      Map<?, ?> byColumn = (Map<?, ?>) rows.getObject("column_statistics");
      Map<String, ColumnStatistics> statistics = new HashMap<>();
      Map<String, Long> nulls = new HashMap<>();
      for (Column column : schema.columns()) {
        if (byColumn.get(Sql.name(column.name())) instanceof Map<?, ?> found) {
          statistics.put(column.name(), statistics(column.type(), found));
          nulls.put(column.name(), count(found, "null_count") + count(found, "nan_count"));
        }
      }
      files.add(
          new WrittenFile(
              new StagedFile(
                  Path.of(rows.getString("filename")),
                  rows.getLong("file_size_bytes"),
                  rows.getLong("count"),
                  Collections.unmodifiableMap(values),
                  statistics),
              nulls));
    }
    return files;
  }

  private static long count(Map<?, ?> statistics, String name) {
    Object count = statistics.get(name);
    return count == null ? 0 : Long.parseLong(count.toString());
  }

  private static ColumnStatistics statistics(ColumnType type, Map<?, ?> found) {
    long nulls = count(found, "null_count");
    Object min = found.get("min");
    Object max = found.get("max");
    if (min == null
        || max == null
        || count(found, "nan_count") > 0
        || "true".equals(found.get("has_nan"))) {
      return new ColumnStatistics(null, null, nulls);
    }
    return new ColumnStatistics(
        bound(type, min.toString(), false), bound(type, max.toString(), true), nulls);
  }

  private static @Nullable Object bound(ColumnType type, String text, boolean upper) {
    if (type instanceof Decimal) {
      return new BigDecimal(text);
    }
    if (!(type instanceof Primitive primitive)) {
      return null;
    }
    return switch (primitive) {
      case BOOLEAN -> text.equals("1") || text.equals("true");
      case BYTE, SHORT, INT, LONG -> Long.valueOf(text);
      case FLOAT, DOUBLE -> finite(Double.parseDouble(text.replace("inf", "Infinity")));
      case STRING -> text(text, upper);
      case DATE -> date(text);
      case TIMESTAMP -> instant(text);
      case TIMESTAMP_NTZ, BINARY -> null;
    };
  }

  /** Infinities have no place in JSON. */
  private static @Nullable Double finite(double value) {
    return Double.isInfinite(value) ? null : value;
  }

  /** A prefix is a lower bound; an upper one needs a character after it that sorts last. */
  private static @Nullable String text(String text, boolean upper) {
    if (text.codePointCount(0, text.length()) <= MAX_TEXT) {
      return text;
    }
    String prefix = text.substring(0, text.offsetByCodePoints(0, MAX_TEXT));
    if (!upper) {
      return prefix;
    }
    return text.startsWith(LAST_CHARACTER, prefix.length()) ? null : prefix + LAST_CHARACTER;
  }

  private static @Nullable LocalDate date(String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeException e) {
      // Far years and BC are written in ways of their own: no bound then.
      return null;
    }
  }

  private static @Nullable Instant instant(String text) {
    try {
      return TIMESTAMP.parse(text, Instant::from);
    } catch (DateTimeException e) {
      return null;
    }
  }
}
