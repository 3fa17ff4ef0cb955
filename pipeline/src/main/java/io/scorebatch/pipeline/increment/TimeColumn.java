package io.scorebatch.pipeline.increment;

import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;

/** Values of a date or timestamp column: Instant, LocalDate or LocalDateTime by its type. UTC. */
final class TimeColumn {
  private static final Set<ColumnType> TYPES =
      Set.of(Primitive.DATE, Primitive.TIMESTAMP, Primitive.TIMESTAMP_NTZ);

  private final ColumnType type;

  private TimeColumn(ColumnType type) {
    this.type = type;
  }

  /** Empty for columns that hold no time. */
  static Optional<TimeColumn> of(ColumnType type) {
    return TYPES.contains(type) ? Optional.of(new TimeColumn(type)) : Optional.empty();
  }

  /** The column's value at a moment: a date is the day it lies in. */
  Object at(Instant moment) {
    if (type == Primitive.TIMESTAMP) {
      return moment;
    }
    LocalDateTime local = LocalDateTime.ofInstant(moment, ZoneOffset.UTC);
    return type == Primitive.DATE ? local.toLocalDate() : local;
  }

  /** A value some time earlier; of a date, whole days, never fewer than asked for. */
  Object before(Object value, Duration span) {
    if (value instanceof LocalDate day) {
      long days = span.toDays();
      return day.minusDays(span.minusDays(days).isZero() ? days : days + 1);
    }
    return value instanceof Instant instant
        ? instant.minus(span)
        : ((LocalDateTime) value).minus(span);
  }

  boolean isAfter(Object one, Object other) {
    if (one instanceof LocalDate day) {
      return day.isAfter((LocalDate) other);
    }
    return one instanceof Instant instant
        ? instant.isAfter((Instant) other)
        : ((LocalDateTime) one).isAfter((LocalDateTime) other);
  }

  String text(Object value) {
    return value instanceof Instant instant
        ? instant.truncatedTo(ChronoUnit.MICROS).toString()
        : value.toString();
  }

  /** The value a text stands for; empty where it is none of this type. */
  Optional<Object> parse(String text) {
    try {
      if (type == Primitive.DATE) {
        return Optional.of(LocalDate.parse(text));
      }
      return Optional.of(
          type == Primitive.TIMESTAMP ? Instant.parse(text) : LocalDateTime.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
