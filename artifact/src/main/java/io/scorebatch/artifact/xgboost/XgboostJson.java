package io.scorebatch.artifact.xgboost;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads XGBoost's JSON in one pass, lists of numbers straight into arrays. Numbers with a point or
 * an exponent are floats and rounded from their text to float32 once. One thread at a time.
 */
final class XgboostJson {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Ubjson.MAX_DEPTH)
                  .maxStringLength(Ubjson.MAX_TEXT)
                  .build())
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .build();

  private final JsonParser parser;
  private final String source;

  private XgboostJson(JsonParser parser, String source) {
    this.parser = parser;
    this.source = source;
  }

  static Block read(byte[] json, String source) {
    try (JsonParser parser = FACTORY.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw XgboostErrors.damaged(source, "it is no JSON object");
      }
      Map<String, Object> values = new XgboostJson(parser, source).object();
      if (parser.nextToken() != null) {
        throw XgboostErrors.damaged(source, "something follows the JSON object");
      }
      return new Block(source, "model", values);
    } catch (JsonProcessingException e) {
      throw XgboostErrors.damaged(source, "its JSON is malformed (" + e.getOriginalMessage() + ")");
    } catch (IOException e) {
      throw XgboostErrors.damaged(source, "its text is no UTF-8");
    }
  }

  private Map<String, Object> object() throws IOException {
    Map<String, Object> values = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      JsonToken token = parser.nextToken();
      if (Ubjson.SKIPPED.contains(key)) {
        parser.skipChildren();
      } else if (token != JsonToken.VALUE_NULL) {
        values.put(key, value(token));
      }
    }
    return values;
  }

  private Object value(JsonToken token) throws IOException {
    switch (token) {
      case START_OBJECT:
        return object();
      case START_ARRAY:
        return array();
      case VALUE_STRING:
        return parser.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE:
        return number(token);
      default:
        throw XgboostErrors.damaged(source, "a list holds " + token);
    }
  }

  private Object array() throws IOException {
    JsonToken token = parser.nextToken();
    if (token.isNumeric() || token.isBoolean()) {
      NumberList numbers = new NumberList();
      for (; token != JsonToken.END_ARRAY; token = parser.nextToken()) {
        if (!token.isNumeric() && !token.isBoolean()) {
          throw XgboostErrors.damaged(source, "a list of numbers holds " + token);
        }
        numbers.add(number(token));
      }
      return numbers.toArray();
    }
    List<Object> items = new ArrayList<>();
    for (; token != JsonToken.END_ARRAY; token = parser.nextToken()) {
      items.add(value(token));
    }
    return items;
  }

  private double number(JsonToken token) throws IOException {
    if (token.isBoolean()) {
      return token == JsonToken.VALUE_TRUE ? 1 : 0;
    }
    if (token == JsonToken.VALUE_NUMBER_INT && parser.getTextLength() < 16) {
      return parser.getLongValue();
    }
    String text = parser.getText();
    switch (text) {
      case "INF", "+INF", "Infinity", "+Infinity":
        return Double.POSITIVE_INFINITY;
      case "-INF", "-Infinity":
        return Double.NEGATIVE_INFINITY;
      default:
        return Float.parseFloat(text);
    }
  }
}
