package io.scorebatch.client;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.Schema;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of the caller's as a key file, each value as the text that reads back as the same value. */
final class RowFile {
  private final Schema schema;
  private long row;

  private RowFile(Schema schema) {
    this.schema = schema;
  }

  /**
   * @param file a file that does not exist yet
   * @throws ScorebatchException naming row, column and value where a value is not of its type
   */
  static KeySource.File write(Path file, Schema schema, Iterator<List<@Nullable Object>> rows) {
    RowFile written = new RowFile(schema);
    try (BufferedWriter text = Files.newBufferedWriter(file);
        JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.setPrettyPrinter(new MinimalPrettyPrinter("\n"));
      while (rows.hasNext()) {
        written.write(json, rows.next());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new KeySource.File(file, KeySource.File.Format.JSON_LINES, schema.columns());
  }

  private void write(JsonGenerator json, List<@Nullable Object> values) throws IOException {
    row++;
    if (values.size() != schema.size()) {
      throw ScorebatchException.of(
          ErrorCode.USAGE,
          "Row " + row + " of the keys has " + values.size() + " values.",
          "The schema has " + schema.size() + " columns.",
          "give a value for each column, null for NULL.");
    }
    json.writeStartObject();
    for (int i = 0; i < values.size(); i++) {
      Object value = values.get(i);
      if (value != null) {
        json.writeStringField(schema.columns().get(i).name(), text(schema.columns().get(i), value));
      }
    }
    json.writeEndObject();
  }

  private String text(Column column, Object value) {
    ColumnType type = column.type();
    if (value instanceof byte[] bytes && type == Primitive.BINARY) {
      StringBuilder hex = new StringBuilder();
      for (byte b : bytes) {
        hex.append(String.format(java.util.Locale.ROOT, "\\x%02X", b));
      }
      return hex.toString();
    }
    boolean whole =
        value instanceof Long
            || value instanceof Integer
            || value instanceof Short
            || value instanceof Byte;
    boolean fits =
        (type == Primitive.BOOLEAN && value instanceof Boolean)
            || (type.isInteger() && whole)
            || ((type == Primitive.DOUBLE || type == Primitive.FLOAT)
                && (value instanceof Double || value instanceof Float))
            || (type instanceof Decimal && value instanceof BigDecimal)
            || (type == Primitive.STRING && value instanceof String)
            || (type == Primitive.DATE && value instanceof LocalDate)
            || (type == Primitive.TIMESTAMP && value instanceof Instant)
            || (type == Primitive.TIMESTAMP_NTZ && value instanceof LocalDateTime);
    if (!fits) {
      throw ScorebatchException.of(
          ErrorCode.VALUE_NOT_CONVERTIBLE,
          "Row "
              + row
              + " of the keys has a "
              + value.getClass().getName()
              + " ("
              + value
              + ") in column '"
              + column.name()
              + "' of type "
              + type.sparkName()
              + ".",
          "",
          "give values of the column's type.");
    }
    return value instanceof BigDecimal decimal ? decimal.toPlainString() : value.toString();
  }
}
