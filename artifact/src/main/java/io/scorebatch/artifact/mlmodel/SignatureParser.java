package io.scorebatch.artifact.mlmodel;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.api.model.Signature.Field;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.ArrayOf;
import io.scorebatch.api.type.ColumnType.MapOf;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.ColumnType.StructOf;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The JSON strings of an MLflow signature: columns, tensors, parameters. */
final class SignatureParser {
  private static final ObjectMapper JSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(60)
                          .maxStringLength(1 << 20)
                          .build())
                  // Defaults of parameters may be NaN.
                  .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final Map<String, ColumnType> COLUMN_TYPES =
      Map.of(
          "boolean", Primitive.BOOLEAN,
          "integer", Primitive.INT,
          "long", Primitive.LONG,
          "float", Primitive.FLOAT,
          "double", Primitive.DOUBLE,
          "string", Primitive.STRING,
          "binary", Primitive.BINARY,
          "datetime", Primitive.TIMESTAMP);

  private static final Map<String, ColumnType> TENSOR_TYPES =
      Map.of(
          "bool", Primitive.BOOLEAN,
          "int8", Primitive.BYTE,
          "int16", Primitive.SHORT,
          "int32", Primitive.INT,
          "int64", Primitive.LONG,
          "float32", Primitive.FLOAT,
          "float64", Primitive.DOUBLE,
          "str", Primitive.STRING,
          "object", Primitive.STRING);

  private SignatureParser() {}

  /** The columns or tensors of {@code inputs} or {@code outputs}. */
  static List<Field> fields(String json, String part, String file) {
    List<Field> fields = new ArrayList<>();
    for (JsonNode item : items(json, part, file)) {
      fields.add(
          item.path("type").asText().equals("tensor")
              ? tensor(item, part, file)
              : column(item, part, file));
    }
    return fields;
  }

  /** The names of the inference parameters. */
  static List<String> params(String json, String file) {
    List<String> names = new ArrayList<>();
    for (JsonNode item : items(json, "params", file)) {
      if (!item.path("name").isTextual()) {
        throw MlModelErrors.badSignature(file, "a parameter has no name");
      }
      names.add(item.path("name").asText());
    }
    return names;
  }

  private static List<JsonNode> items(String json, String part, String file) {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw MlModelErrors.badSignature(
          file, part + " is malformed JSON (" + e.getOriginalMessage() + ")");
    }
    if (root.isNull() || root.isMissingNode()) {
      return List.of();
    }
    if (!root.isArray()) {
      throw MlModelErrors.badSignature(file, part + " is not a JSON list");
    }
    List<JsonNode> items = new ArrayList<>();
    for (JsonNode item : root) {
      if (!item.isObject()) {
        throw MlModelErrors.badSignature(file, part + " holds something other than JSON objects");
      }
      items.add(item);
    }
    return items;
  }

  private static Field column(JsonNode item, String part, String file) {
    JsonNode type = item.path("type");
    if (!type.isTextual()) {
      throw MlModelErrors.badSignature(file, "a column of " + part + " has no type");
    }
    Optional<ColumnType> known = type(item);
    boolean simple = COLUMN_TYPES.containsKey(type.asText());
    // "required" came with MLflow 2.6; before it, "optional" said the opposite.
    boolean required =
        item.has("required")
            ? item.get("required").asBoolean(true)
            : !item.path("optional").asBoolean();
    return new Field(name(item), known, simple ? type.asText() : typeText(item), required, null);
  }

  private static Field tensor(JsonNode item, String part, String file) {
    JsonNode spec = item.path("tensor-spec");
    JsonNode shape = spec.path("shape");
    if (!spec.path("dtype").isTextual() || !shape.isArray()) {
      throw MlModelErrors.badSignature(file, "a tensor of " + part + " has no dtype or no shape");
    }
    String dtype = spec.path("dtype").asText();
    List<Long> sizes = new ArrayList<>();
    for (JsonNode size : shape) {
      if (!size.canConvertToLong()) {
        throw MlModelErrors.badSignature(file, "a tensor of " + part + " has the shape " + shape);
      }
      sizes.add(size.asLong());
    }
    return new Field(name(item), tensorType(dtype), dtype, true, List.copyOf(sizes));
  }

  private static @Nullable String name(JsonNode item) {
    JsonNode name = item.path("name");
    // Frames without column names log their positions.
    return name.isTextual() || name.isIntegralNumber() ? name.asText() : null;
  }

  private static Optional<ColumnType> tensorType(String dtype) {
    String lower = dtype.toLowerCase(Locale.ROOT);
    if (lower.startsWith("datetime64")) {
      return Optional.of(Primitive.TIMESTAMP);
    }
    return Optional.ofNullable(
        lower.startsWith("<u") || lower.startsWith(">u")
            ? Primitive.STRING
            : TENSOR_TYPES.get(lower));
  }

  private static Optional<ColumnType> type(JsonNode item) {
    switch (item.path("type").asText()) {
      case "array":
        return type(item.path("items")).map(ArrayOf::new);
      case "map":
        return type(item.path("values")).map(values -> new MapOf(Primitive.STRING, values));
      case "object":
        return struct(item.path("properties"));
      default:
        return Optional.ofNullable(COLUMN_TYPES.get(item.path("type").asText()));
    }
  }

  private static Optional<ColumnType> struct(JsonNode properties) {
    List<Column> columns = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Map.Entry<String, JsonNode> property : properties.properties()) {
      Optional<ColumnType> type = type(property.getValue());
      if (type.isEmpty() || property.getKey().isEmpty() || !names.add(property.getKey())) {
        return Optional.empty();
      }
      columns.add(Column.of(property.getKey(), type.get()));
    }
    return columns.isEmpty() ? Optional.empty() : Optional.of(new StructOf(columns));
  }

  /** A nested type keeps the text the file has for it. */
  private static String typeText(JsonNode item) {
    String type = item.path("type").asText();
    for (String part : List.of("items", "values", "properties")) {
      if (item.has(part)) {
        return type + " " + item.get(part);
      }
    }
    return type;
  }
}
