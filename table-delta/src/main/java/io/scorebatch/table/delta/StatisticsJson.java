package io.scorebatch.table.delta;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.scorebatch.api.table.ColumnStatistics;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.Schema;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The statistics of a data file as the Delta log holds them: a JSON text.
 *
 * <p>Bounds are always safe to skip by: a NaN or an infinity is never one (other writers do write
 * them, so they are read), timestamps are widened to whole milliseconds and long texts are cut so
 * that the bound still holds.
 */
final class StatisticsJson {
  private static final int TEXT_LIMIT = 32;
  private static final String LAST_CHARACTER = Character.toString(Character.MAX_CODE_POINT);

  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  // Writers put NaN and Infinity here as bare words.
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private StatisticsJson() {}

  /** The row count; empty where the text has none or is no JSON. */
  static OptionalLong rows(@Nullable String json) {
    if (json == null || json.isEmpty()) {
      return OptionalLong.empty();
    }
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return OptionalLong.empty();
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean wanted = parser.currentName().equals("numRecords");
        JsonToken value = parser.nextToken();
        if (wanted) {
          return value == JsonToken.VALUE_NUMBER_INT
              ? OptionalLong.of(parser.getLongValue())
              : OptionalLong.empty();
        }
        parser.skipChildren();
      }
      return OptionalLong.empty();
    } catch (IOException e) {
      // Statistics are optional: a file whose statistics cannot be read is read without them.
      return OptionalLong.empty();
    }
  }

  /** The statistics of a staged file, for the columns of the schema it has some for. */
  static String of(StagedFile file, Schema schema) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeNumberField("numRecords", file.rows());
      json.writeObjectFieldStart("minValues");
      for (Column column : schema.columns()) {
        ColumnStatistics statistics = file.statistics().get(column.name());
        if (statistics != null) {
          bound(json, column.name(), statistics.min(), false);
        }
      }
      json.writeEndObject();
      json.writeObjectFieldStart("maxValues");
      for (Column column : schema.columns()) {
        ColumnStatistics statistics = file.statistics().get(column.name());
        if (statistics != null) {
          bound(json, column.name(), statistics.max(), true);
        }
      }
      json.writeEndObject();
      json.writeObjectFieldStart("nullCount");
      for (Column column : schema.columns()) {
        ColumnStatistics statistics = file.statistics().get(column.name());
        if (statistics != null) {
          json.writeNumberField(column.name(), statistics.nullCount());
        }
      }
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static void bound(JsonGenerator json, String name, @Nullable Object value, boolean upper)
      throws IOException {
    if (value instanceof Double number && Double.isFinite(number)) {
      json.writeNumberField(name, number);
    } else if (value instanceof Float number && Float.isFinite(number)) {
      json.writeNumberField(name, number);
    } else if (value instanceof Long || value instanceof Integer) {
      json.writeNumberField(name, ((Number) value).longValue());
    } else if (value instanceof BigDecimal number) {
      json.writeFieldName(name);
      json.writeNumber(number.toPlainString());
    } else if (value instanceof String string) {
      json.writeStringField(name, upper ? upper(string) : lower(string));
    } else if (value instanceof LocalDate date) {
      json.writeStringField(name, date.toString());
    } else if (value instanceof Instant instant) {
      Instant millis = instant.truncatedTo(ChronoUnit.MILLIS);
      Instant safe = upper && millis.isBefore(instant) ? millis.plusMillis(1) : millis;
      json.writeStringField(name, MILLIS.format(safe));
    }
    // Booleans have no bounds in Delta; what is left is a bound nobody could use.
  }

  private static String lower(String text) {
    return cut(text, TEXT_LIMIT);
  }

  private static String upper(String text) {
    int limit = TEXT_LIMIT;
    String cut = cut(text, limit);
    // A cut before the last character of all would not be above what was cut off.
    while (cut.length() < text.length() && text.startsWith(LAST_CHARACTER, cut.length())) {
      cut = cut(text, ++limit);
    }
    return cut.length() == text.length() ? text : cut + LAST_CHARACTER;
  }

  private static String cut(String text, int codePoints) {
    return text.codePointCount(0, text.length()) <= codePoints
        ? text
        : text.substring(0, text.offsetByCodePoints(0, codePoints));
  }
}
