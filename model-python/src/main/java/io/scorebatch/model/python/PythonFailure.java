package io.scorebatch.model.python;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * An exception that Python raised. Immutable.
 *
 * @param type its class: {@code ValueError}
 * @param message what it says
 * @param trace the last lines of its traceback
 * @param module the module that could not be imported; null where it is another failure
 */
record PythonFailure(String type, String message, String trace, @Nullable String module) {
  static PythonFailure of(JsonNode description) {
    JsonNode module = description.path("module");
    return new PythonFailure(
        description.path("type").asText(),
        description.path("message").asText(),
        description.path("trace").asText(),
        module.isTextual() ? module.asText() : null);
  }

  String text() {
    return type + ": " + message;
  }
}
