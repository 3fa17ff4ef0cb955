package io.scorebatch.registry.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** Small pieces of JSON. */
final class Json {
  static final JsonNode NO_ELEMENTS = JsonNodeFactory.instance.arrayNode();

  private Json() {}

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** A field's text; null where it is absent, null or empty. */
  static @Nullable String text(JsonNode node, String field) {
    String text = node.path(field).asText("");
    return text.isEmpty() ? null : text;
  }
}
