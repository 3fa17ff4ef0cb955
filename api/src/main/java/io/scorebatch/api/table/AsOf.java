package io.scorebatch.api.table;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;

/** Which version of each table is read, where it is not the newest. Immutable. */
public sealed interface AsOf {
  /** The snapshot of a table that is meant. */
  TableSnapshot snapshot(TableStore tables, TableName table);

  /** The version of that number, of every table. */
  record Version(long number) implements AsOf {
    @Override
    public TableSnapshot snapshot(TableStore tables, TableName table) {
      return tables.snapshot(table, number);
    }

    @Override
    public String toString() {
      return "version " + number;
    }
  }

  /** The newest version committed at or before a moment. */
  record Moment(Instant instant) implements AsOf {
    @Override
    public TableSnapshot snapshot(TableStore tables, TableName table) {
      return tables.snapshot(table, instant);
    }

    @Override
    public String toString() {
      return instant.toString();
    }
  }

  /**
   * Reads a version number, or a moment in ISO-8601: {@code 2024-03-10T10:00:00Z}, {@code
   * 2024-03-10 10:00:00} or {@code 2024-03-10}. Without an offset it is UTC; a day is its start.
   *
   * @throws ScorebatchException {@code USAGE} where the text is neither
   */
  static AsOf parse(String text) {
    String stripped = text.strip();
    try {
      if (stripped.matches("\\d+")) {
        return new Version(Long.parseLong(stripped));
      }
      if (stripped.matches("[0-9-]{10}")) {
        return new Moment(LocalDate.parse(stripped).atStartOfDay().toInstant(ZoneOffset.UTC));
      }
      return new Moment(instant(stripped.replaceFirst("(?<=\\d) (?=\\d)", "T")));
    } catch (DateTimeException | NumberFormatException e) {
      throw ScorebatchException.of(
          ErrorCode.USAGE,
          "'" + text + "' is neither a version nor a moment.",
          "",
          "write a version such as 12, or a moment such as 2024-03-10T10:00:00Z.");
    }
  }

  private static Instant instant(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      return LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
    }
  }
}
