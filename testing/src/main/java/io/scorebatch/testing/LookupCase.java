package io.scorebatch.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A case of {@code fixtures/lookups/cases.jsonl}; its README tells what stands there.
 *
 * @param keys keys of the look-up, a time last where there is one; empty for a case of defaults
 * @param lookbackMicros how old a feature may be; null for any age
 * @param table the feature table; without columns for a case of defaults
 * @param defaults default value by column, as text
 * @param answers right rows by the way they were found
 */
record LookupCase(
    String name,
    List<String> keys,
    List<String> features,
    @Nullable Long lookbackMicros,
    Frame requests,
    Frame table,
    Map<String, String> defaults,
    Map<String, Frame> answers) {
  private static final Map<String, Primitive> TYPES =
      Map.of(
          "bigint", Primitive.LONG,
          "int", Primitive.INT,
          "smallint", Primitive.SHORT,
          "double", Primitive.DOUBLE,
          "float", Primitive.FLOAT,
          "string", Primitive.STRING,
          "boolean", Primitive.BOOLEAN,
          "timestamp", Primitive.TIMESTAMP,
          "date", Primitive.DATE);

  /** Columns and rows, values as engines give them. */
  record Frame(List<Column> columns, List<List<@Nullable Object>> rows) {
    List<String> names() {
      return columns.stream().map(Column::name).toList();
    }
  }

  /** All cases that have rows. */
  static List<LookupCase> all() {
    try {
      List<LookupCase> cases = new ArrayList<>();
      for (String line : Files.readAllLines(Fixtures.fixture("lookups/cases.jsonl"))) {
        JsonNode json = new ObjectMapper().readTree(line);
        if (json.has("df")) {
          cases.add(of(json));
        }
      }
      return cases;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static LookupCase of(JsonNode json) {
    Map<String, String> defaults = new LinkedHashMap<>();
    json.path("defaults")
        .properties()
        .forEach(e -> defaults.put(e.getKey(), e.getValue().asText()));
    Map<String, Frame> answers = new LinkedHashMap<>();
    json.get("out").properties().forEach(e -> answers.put(e.getKey(), frame(e.getValue())));
    JsonNode lookback = json.path("lookback_seconds");
    return new LookupCase(
        json.get("case").asText(),
        texts(json.path("keys")),
        texts(json.path("features")),
        lookback.isNumber() ? Long.valueOf(Math.round(lookback.asDouble() * 1e6)) : null,
        frame(json.get("df")),
        frame(json.path("table")),
        defaults,
        answers);
  }

  /** The key that is a point in time; empty for a plain look-up. */
  List<String> moments() {
    return keys.stream().filter("ts"::equals).toList();
  }

  @Override
  public String toString() {
    return name;
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(each -> texts.add(each.asText()));
    return texts;
  }

  private static Frame frame(JsonNode json) {
    List<Column> columns = new ArrayList<>();
    for (JsonNode column : json.path("schema")) {
      String type = column.get(1).asText();
      columns.add(
          Column.of(column.get(0).asText(), java.util.Objects.requireNonNull(TYPES.get(type))));
    }
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (JsonNode row : json.path("rows")) {
      List<@Nullable Object> values = new ArrayList<>();
      for (int i = 0; i < columns.size(); i++) {
        values.add(value(row.get(i), columns.get(i).type()));
      }
      rows.add(values);
    }
    return new Frame(columns, rows);
  }

  private static @Nullable Object value(JsonNode json, ColumnType type) {
    if (json.isNull()) {
      return null;
    }
    String text = json.asText();
    return switch ((Primitive) type) {
      case LONG -> json.asLong();
      case INT, SHORT -> json.asInt();
      case DOUBLE -> Double.valueOf(text);
      case FLOAT -> Float.valueOf(text);
      case BOOLEAN -> json.asBoolean();
      case TIMESTAMP -> Instant.parse(text + "Z");
      case DATE -> LocalDate.parse(text);
      default -> text;
    };
  }
}
