package io.scorebatch.engine.spark;

import io.scorebatch.api.table.ColumnStatistics;
import java.io.Serializable;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/** Smallest and largest value of a column, gathered as rows are written. One thread at a time. */
final class ColumnBounds implements Serializable {
  /** Longest text kept as a bound. */
  private static final int MAX_TEXT = 32;

  /** Sorts after every other character. */
  private static final String LAST_CHARACTER = new String(Character.toChars(0x10FFFF));

  private final DataType type;
  private final int column;
  private long nulls;
  private long nans;
  private @Nullable Comparable<?> min;
  private @Nullable Comparable<?> max;

  ColumnBounds(DataType type, int column) {
    this.type = type;
    this.column = column;
  }

  void add(InternalRow row) {
    if (row.isNullAt(column)) {
      nulls++;
    } else if (type instanceof DoubleType) {
      addFloat(row.getDouble(column));
    } else if (type instanceof FloatType) {
      addFloat(row.getFloat(column));
    } else if (type instanceof LongType || type instanceof TimestampType) {
      add((Long) row.getLong(column));
    } else if (type instanceof IntegerType || type instanceof DateType) {
      add((Long) (long) row.getInt(column));
    } else if (type instanceof ShortType) {
      add((Long) (long) row.getShort(column));
    } else if (type instanceof ByteType) {
      add((Long) (long) row.getByte(column));
    } else if (type instanceof BooleanType) {
      add((Boolean) row.getBoolean(column));
    } else if (type instanceof StringType) {
      addText(row.getUTF8String(column));
    } else if (type instanceof DecimalType decimal) {
      Decimal value = row.getDecimal(column, decimal.precision(), decimal.scale());
      add(value.toJavaBigDecimal());
    }
  }

  private void addFloat(double value) {
    if (Double.isNaN(value)) {
      nans++;
    } else {
      add((Double) value);
    }
  }

  private void addText(UTF8String text) {
    // The row's memory is used again; only a bound is worth a copy.
    if (min == null || text.compareTo((UTF8String) min) < 0) {
      min = text.copy();
    }
    if (max == null || text.compareTo((UTF8String) max) > 0) {
      max = text.copy();
    }
  }

  @SuppressWarnings("unchecked")
  private <T extends Comparable<T>> void add(T value) {
    if (min == null || value.compareTo((T) min) < 0) {
      min = value;
    }
    if (max == null || value.compareTo((T) max) > 0) {
      max = value;
    }
  }

  /** Values that are NULL or NaN. */
  long silent() {
    return nulls + nans;
  }

  ColumnStatistics statistics() {
    return nans > 0 || min == null || max == null
        ? new ColumnStatistics(null, null, nulls)
        : new ColumnStatistics(bound(min, false), bound(max, true), nulls);
  }

  private @Nullable Object bound(Object value, boolean upper) {
    if (value instanceof Double number) {
      return finite(number, upper);
    }
    if (value instanceof UTF8String text) {
      return text(text.toString(), upper);
    }
    if (type instanceof DateType) {
      return LocalDate.ofEpochDay((Long) value);
    }
    if (type instanceof TimestampType) {
      return Instant.EPOCH.plus((Long) value, ChronoUnit.MICROS);
    }
    return value instanceof BigDecimal || value instanceof Boolean || value instanceof Long
        ? value
        : null;
  }

  /** Infinities have no place in JSON; a zero stands for both zeros. */
  private static @Nullable Double finite(double value, boolean upper) {
    if (Double.isInfinite(value)) {
      return null;
    }
    return value == 0 ? (upper ? 0.0 : -0.0) : value;
  }

  /** A prefix is a lower bound; an upper one needs a character after it that sorts last. */
  private static @Nullable String text(String text, boolean upper) {
    if (text.codePointCount(0, text.length()) <= MAX_TEXT) {
      return text;
    }
    int end = text.offsetByCodePoints(0, MAX_TEXT);
    if (!upper) {
      return text.substring(0, end);
    }
    return text.startsWith(LAST_CHARACTER, end) ? null : text.substring(0, end) + LAST_CHARACTER;
  }
}
