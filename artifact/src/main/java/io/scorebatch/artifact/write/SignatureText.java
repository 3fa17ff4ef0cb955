package io.scorebatch.artifact.write;

import io.scorebatch.api.spec.FeatureSpec;
import io.scorebatch.api.spec.FeatureTable;
import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.ArrayOf;
import io.scorebatch.api.type.ColumnType.MapOf;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.ColumnType.StructOf;
import io.scorebatch.artifact.yaml.YamlBlock;
import io.scorebatch.artifact.yaml.YamlValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The signature of a model with feature metadata: what the caller brings is required, what is
 * looked up or computed may be brought in its place.
 */
final class SignatureText {
  private static final String RESULT_TYPE =
      "[{\"name\": \"result_type\", \"default\": \"NO_RESULT_TYPE\", \"shape\": null, \"type\":"
          + " \"string\"}]";
  private static final Map<Primitive, String> TYPES =
      Map.of(
          Primitive.SHORT, "integer",
          Primitive.INT, "integer",
          Primitive.LONG, "long",
          Primitive.FLOAT, "float",
          Primitive.DOUBLE, "double",
          Primitive.BOOLEAN, "boolean",
          Primitive.STRING, "string",
          Primitive.BINARY, "binary",
          Primitive.DATE, "datetime",
          Primitive.TIMESTAMP, "datetime");

  private SignatureText() {}

  /**
   * The signature, or nothing where the format has none for such a model.
   *
   * @param notes gets why there is none, or which columns it leaves out
   */
  static Optional<YamlValue> of(FeatureSpec spec, List<Column> labels, List<String> notes) {
    Optional<String> objection = objection(spec);
    if (objection.isPresent()) {
      notes.add("The model gets no signature: " + objection.get());
      return Optional.empty();
    }
    List<String> inputs = new ArrayList<>();
    List<String> left = new ArrayList<>();
    for (boolean requested : new boolean[] {true, false}) {
      for (SpecColumn column : spec.columns()) {
        if (column instanceof SpecColumn.Requested == requested) {
          Optional<String> type = type(column.dataType());
          if (type.isPresent()) {
            inputs.add(field(type.get(), column.name(), requested));
          } else {
            left.add(column.name());
          }
        }
      }
    }
    if (!left.isEmpty()) {
      notes.add(
          "The signature leaves out "
              + String.join(", ", left)
              + ": signatures have no such types.");
    }
    List<String> outputs = new ArrayList<>();
    for (Column label : labels) {
      type(label.type()).ifPresent(type -> outputs.add(field(type, label.name(), true)));
    }
    Map<String, YamlValue> signature = new LinkedHashMap<>();
    signature.put("inputs", YamlBlock.text(list(inputs)));
    signature.put(
        "outputs", outputs.isEmpty() ? YamlBlock.plain("null") : YamlBlock.text(list(outputs)));
    signature.put("params", YamlBlock.text(RESULT_TYPE));
    return Optional.of(YamlBlock.fields(signature));
  }

  private static Optional<String> objection(FeatureSpec spec) {
    for (FeatureTable table : spec.tables().values()) {
      if (table.name().startsWith("hive_metastore.")) {
        return Optional.of("table " + table.name() + " is in the Hive metastore.");
      }
    }
    for (SpecColumn column : spec.columns()) {
      if (column.dataType() == null) {
        return Optional.of("the type of column '" + column.name() + "' is not known.");
      }
      if (column instanceof SpecColumn.Requested && type(column.dataType()).isEmpty()) {
        return Optional.of(
            "column '"
                + column.name()
                + "' is "
                + column.dataType().sparkName()
                + ", a type that signatures do not have.");
      }
    }
    return Optional.empty();
  }

  private static String list(List<String> entries) {
    return "[" + String.join(", ", entries) + "]";
  }

  private static String field(String type, String name, boolean required) {
    return "{" + type + ", \"name\": " + quoted(name) + ", \"required\": " + required + "}";
  }

  /** The part of a JSON object that tells a type; empty for types without one. */
  private static Optional<String> type(@Nullable ColumnType type) {
    if (type instanceof ArrayOf array) {
      return type(array.element())
          .map(element -> "\"type\": \"array\", \"items\": {" + element + "}");
    }
    if (type instanceof MapOf map) {
      return map.key() == Primitive.STRING
          ? type(map.value()).map(value -> "\"type\": \"map\", \"values\": {" + value + "}")
          : Optional.empty();
    }
    if (type instanceof StructOf struct) {
      List<String> properties = new ArrayList<>();
      for (Column field : struct.fields()) {
        Optional<String> inner = type(field.type());
        if (inner.isEmpty()) {
          return Optional.empty();
        }
        properties.add(quoted(field.name()) + ": {" + inner.get() + ", \"required\": true}");
      }
      return Optional.of(
          properties.stream()
              .collect(Collectors.joining(", ", "\"type\": \"object\", \"properties\": {", "}")));
    }
    return type instanceof Primitive primitive
        ? Optional.ofNullable(TYPES.get(primitive)).map(name -> "\"type\": " + quoted(name))
        : Optional.empty();
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        out.append(String.format(java.util.Locale.ROOT, "\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
