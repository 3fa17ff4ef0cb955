package io.scorebatch.table.delta;

import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The text of a partition value, in one form for each type whatever writer wrote it.
 *
 * <ul>
 *   <li>{@code timestamp}: {@code 2024-03-10T10:00:00.000000Z}. Read are the ISO form with an
 *       offset and the form without ({@code 2024-03-10 10:00:00}), which is taken as UTC: the Delta
 *       protocol names no zone for it, and a session's zone is not recorded.
 *   <li>{@code timestamp_ntz}: {@code 2024-03-10 10:00:00.000000}.
 *   <li>{@code decimal}: digits after the point as the type declares ({@code 5} is {@code 5.00}).
 *   <li>{@code boolean}: {@code true} or {@code false}. {@code date}: {@code 2024-03-10}.
 *   <li>the empty text is NULL for every type, as the protocol says. Other types stay as they are.
 * </ul>
 */
final class PartitionText {
  private static final DateTimeFormatter MICROS =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .appendLiteral(' ')
          .appendPattern("HH:mm:ss")
          .appendFraction(ChronoField.MICRO_OF_SECOND, 6, 6, true)
          .toFormatter(Locale.ROOT);

  private PartitionText() {}

  /**
   * @throws RuntimeException where the text is no value of the type
   */
  static @Nullable String canonical(@Nullable String text, ColumnType type) {
    if (text == null || text.isEmpty()) {
      return null;
    }
    if (type instanceof Decimal decimal) {
      return new BigDecimal(text)
          .setScale(decimal.scale(), RoundingMode.UNNECESSARY)
          .toPlainString();
    }
    if (type == Primitive.TIMESTAMP) {
      return MICROS.format(instant(text).atOffset(ZoneOffset.UTC)).replace(' ', 'T') + "Z";
    }
    if (type == Primitive.TIMESTAMP_NTZ) {
      return MICROS.format(wallClock(text));
    }
    if (type == Primitive.DATE) {
      return LocalDate.parse(text).toString();
    }
    if (type == Primitive.BOOLEAN) {
      String lower = text.toLowerCase(Locale.ROOT);
      if (!lower.equals("true") && !lower.equals("false")) {
        throw new IllegalArgumentException("neither true nor false");
      }
      return lower;
    }
    if (type instanceof Primitive primitive && primitive.isInteger()) {
      return Long.toString(Long.parseLong(text));
    }
    return text;
  }

  private static Instant instant(String text) {
    String iso = text.replace(' ', 'T');
    int time = iso.indexOf('T');
    boolean zoned =
        iso.endsWith("Z") || iso.indexOf('+', time) > 0 || (time > 0 && iso.indexOf('-', time) > 0);
    return zoned
        ? OffsetDateTime.parse(iso).toInstant()
        : wallClock(text).toInstant(ZoneOffset.UTC);
  }

  private static LocalDateTime wallClock(String text) {
    String iso = text.replace(' ', 'T');
    return iso.indexOf('T') < 0 ? LocalDate.parse(iso).atStartOfDay() : LocalDateTime.parse(iso);
  }
}
