package io.scorebatch.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.api.type.Column;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON array with an object a row. NaN and infinities, which JSON lacks, are text. */
public final class JsonRowPrinter implements RowPrinter {
  private final PrintStream out;
  private final JsonGenerator json;
  private List<Column> columns = List.of();

  public JsonRowPrinter(PrintStream out) {
    this.out = out;
    try {
      json = new ObjectMapper().createGenerator((java.io.OutputStream) out);
      json.configure(JsonGenerator.Feature.AUTO_CLOSE_TARGET, false);
      json.configure(JsonGenerator.Feature.WRITE_BIGDECIMAL_AS_PLAIN, true);
      json.writeStartArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void columns(List<Column> names) {
    columns = List.copyOf(names);
  }

  @Override
  public void row(List<@Nullable Object> values) {
    try {
      json.writeRaw(System.lineSeparator());
      json.writeStartObject();
      for (int i = 0; i < columns.size(); i++) {
        json.writeFieldName(columns.get(i).name());
        write(values.get(i));
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(@Nullable Object value) throws IOException {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else if (value instanceof Integer
        || value instanceof Long
        || value instanceof Short
        || value instanceof Byte) {
      json.writeNumber(((Number) value).longValue());
    } else if (value instanceof Float number && Float.isFinite(number)) {
      json.writeNumber(number);
    } else if (value instanceof Double number && Double.isFinite(number)) {
      json.writeNumber(number);
    } else if (value instanceof BigDecimal decimal) {
      json.writeNumber(decimal);
    } else if (value instanceof List<?> list) {
      json.writeStartArray();
      for (Object element : list) {
        write(element);
      }
      json.writeEndArray();
    } else if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        json.writeFieldName(String.valueOf(entry.getKey()));
        write(entry.getValue());
      }
      json.writeEndObject();
    } else {
      json.writeString(Values.text(value));
    }
  }

  @Override
  public void close() {
    try {
      json.writeRaw(System.lineSeparator());
      json.writeEndArray();
      json.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    out.println();
    out.flush();
  }
}
