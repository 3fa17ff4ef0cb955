package io.scorebatch.client;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.Schema;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** Keys in an Arrow IPC file or stream: read batch by batch into a key file. */
final class ArrowKeys implements Iterator<List<@Nullable Object>> {
  private final ArrowReader reader;
  private final VectorSchemaRoot root;
  private int row;

  private ArrowKeys(ArrowReader reader) throws IOException {
    this.reader = reader;
    this.root = reader.getVectorSchemaRoot();
  }

  /** Whether a file's name says that it is Arrow's. */
  static boolean isArrow(Path file) {
    return String.valueOf(file.getFileName())
        .toLowerCase(java.util.Locale.ROOT)
        .matches(".*\\.(arrow|arrows|feather)");
  }

  /**
   * @param to a file that does not exist yet
   * @throws ScorebatchException {@code FILE_UNREADABLE}; naming each column of a type that keys
   *     cannot have
   */
  static KeySource.File read(Path file, Path to) {
    boolean stream = file.toString().toLowerCase(java.util.Locale.ROOT).endsWith(".arrows");
    try (BufferAllocator memory = new RootAllocator();
        FileChannel channel = FileChannel.open(file);
        BufferedInputStream bytes = new BufferedInputStream(Files.newInputStream(file));
        ArrowReader reader =
            stream ? new ArrowStreamReader(bytes, memory) : new ArrowFileReader(channel, memory)) {
      ArrowKeys rows = new ArrowKeys(reader);
      return RowFile.write(to, rows.schema(file), rows);
    } catch (ScorebatchException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new ScorebatchException(
          new Problem(
              ErrorCode.FILE_UNREADABLE,
              "File " + file + " cannot be read as Arrow IPC: " + e + ".",
              "",
              "check the path and the format: .arrow and .feather are files, .arrows is a stream."),
          e);
    }
  }

  private Schema schema(Path file) {
    List<Column> columns = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    for (FieldVector vector : root.getFieldVectors()) {
      Field field = values(vector).getField();
      Optional<ColumnType> type = type(field.getType());
      if (type.isPresent()) {
        columns.add(Column.of(vector.getName(), type.get()));
      } else {
        problems.add(
            new Problem(
                ErrorCode.KEY_TYPE_MISMATCH,
                "Column '"
                    + vector.getName()
                    + "' of "
                    + file
                    + " is of Arrow type "
                    + field.getType()
                    + ".",
                "Keys are numbers, text, booleans, dates and times.",
                "leave the column out, or cast it."));
      }
    }
    if (!problems.isEmpty()) {
      throw new ScorebatchException(problems, null);
    }
    return new Schema(columns);
  }

  private static Optional<ColumnType> type(ArrowType type) {
    if (type instanceof ArrowType.Bool) {
      return Optional.of(Primitive.BOOLEAN);
    }
    if (type instanceof ArrowType.Int whole) {
      List<ColumnType> widths =
          List.of(Primitive.BYTE, Primitive.SHORT, Primitive.INT, Primitive.LONG);
      int width = Integer.numberOfTrailingZeros(whole.getBitWidth() / 8);
      int place = whole.getIsSigned() ? width : width + 1;
      return place < widths.size() ? Optional.of(widths.get(place)) : Optional.empty();
    }
    if (type instanceof ArrowType.FloatingPoint number) {
      return number.getPrecision() == FloatingPointPrecision.HALF
          ? Optional.empty()
          : Optional.of(
              number.getPrecision() == FloatingPointPrecision.SINGLE
                  ? Primitive.FLOAT
                  : Primitive.DOUBLE);
    }
    if (type instanceof ArrowType.Decimal decimal) {
      return decimal.getPrecision() <= 38 && decimal.getScale() >= 0
          ? Optional.of(new Decimal(decimal.getPrecision(), decimal.getScale()))
          : Optional.empty();
    }
    if (type instanceof ArrowType.Timestamp time) {
      return Optional.of(
          time.getTimezone() == null ? Primitive.TIMESTAMP_NTZ : Primitive.TIMESTAMP);
    }
    if (type instanceof ArrowType.Utf8 || type instanceof ArrowType.LargeUtf8) {
      return Optional.of(Primitive.STRING);
    }
    return type instanceof ArrowType.Date ? Optional.of(Primitive.DATE) : Optional.empty();
  }

  /** The vector with a column's values: a dictionary's where the column holds places in one. */
  private FieldVector values(FieldVector vector) {
    Dictionary dictionary = dictionary(vector);
    return dictionary == null ? vector : dictionary.getVector();
  }

  private @Nullable Dictionary dictionary(FieldVector vector) {
    var encoding = vector.getField().getDictionary();
    try {
      return encoding == null ? null : reader.getDictionaryVectors().get(encoding.getId());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Override
  public boolean hasNext() {
    try {
      while (row >= root.getRowCount()) {
        if (!reader.loadNextBatch()) {
          return false;
        }
        row = 0;
      }
      return true;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Override
  public List<@Nullable Object> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    List<@Nullable Object> values = new ArrayList<>();
    for (FieldVector vector : root.getFieldVectors()) {
      Dictionary dictionary = dictionary(vector);
      if (dictionary == null || vector.isNull(row)) {
        values.add(value(vector, row));
      } else {
        int place = ((Number) vector.getObject(row)).intValue();
        values.add(value(dictionary.getVector(), place));
      }
    }
    row++;
    return values;
  }

  private static @Nullable Object value(FieldVector vector, int row) {
    if (vector.isNull(row)) {
      return null;
    }
    ArrowType type = vector.getField().getType();
    if (type instanceof ArrowType.Timestamp time) {
      Instant instant = instant(((TimeStampVector) vector).get(row), time);
      return time.getTimezone() == null
          ? LocalDateTime.ofInstant(instant, ZoneOffset.UTC)
          : instant;
    }
    Object value = vector.getObject(row);
    if (type instanceof ArrowType.Int whole && !whole.getIsSigned()) {
      return value instanceof Character small
          ? (Object) (int) small
          : value instanceof Byte tiny
              ? (Object) Byte.toUnsignedInt(tiny)
              : Integer.toUnsignedLong((Integer) value);
    }
    if (type instanceof ArrowType.Date) {
      return value instanceof Integer day
          ? LocalDate.ofEpochDay(day)
          : ((LocalDateTime) value).toLocalDate();
    }
    return type instanceof ArrowType.Utf8 || type instanceof ArrowType.LargeUtf8
        ? value.toString()
        : value;
  }

  private static Instant instant(long value, ArrowType.Timestamp type) {
    return switch (type.getUnit()) {
      case SECOND -> Instant.ofEpochSecond(value);
      case MILLISECOND -> Instant.ofEpochMilli(value);
      case MICROSECOND -> Instant.EPOCH.plus(value, ChronoUnit.MICROS);
      case NANOSECOND -> Instant.EPOCH.plusNanos(value).truncatedTo(ChronoUnit.MICROS);
    };
  }
}
