package io.scorebatch.pipeline.increment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scorebatch.pipeline.increment.IncrementalState.Point;
import io.scorebatch.pipeline.increment.IncrementalState.Watermark;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** {@link IncrementalState} as JSON text. */
public final class StateJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int FORMAT = 1;

  private StateJson() {}

  /** One line of JSON. */
  public static String print(IncrementalState state) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("format", FORMAT);
    json.put("complete", state.complete());
    state
        .watermark()
        .ifPresent(
            mark ->
                json.putObject("watermark")
                    .put("column", mark.column())
                    .put("value", mark.value()));
    ObjectNode tables = json.putObject("tables");
    state
        .tables()
        .forEach(
            (name, point) ->
                tables.putObject(name).put("id", point.id()).put("version", point.version()));
    ObjectNode model = json.putObject("model");
    if (state.modelVersion().isPresent()) {
      model.put("version", state.modelVersion().getAsInt());
    }
    model.put("digest", state.modelDigest());
    json.put("settings", state.settings());
    return json.toString();
  }

  /** Reads what {@link #print} wrote; empty where the text is anything else. */
  public static Optional<IncrementalState> parse(String text) {
    JsonNode json;
    try {
      json = MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
    if (json.path("format").asInt() != FORMAT || !json.path("complete").isBoolean()) {
      return Optional.empty();
    }
    Map<String, Point> tables = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> table : json.path("tables").properties()) {
      JsonNode version = table.getValue().path("version");
      if (!version.isIntegralNumber()) {
        return Optional.empty();
      }
      tables.put(table.getKey(), new Point(table.getValue().path("id").asText(), version.asLong()));
    }
    JsonNode mark = json.path("watermark");
    JsonNode version = json.path("model").path("version");
    return Optional.of(
        new IncrementalState(
            json.path("complete").asBoolean(),
            mark.path("column").isTextual() && mark.path("value").isTextual()
                ? Optional.of(
                    new Watermark(mark.path("column").asText(), mark.path("value").asText()))
                : Optional.empty(),
            tables,
            version.isIntegralNumber() ? OptionalInt.of(version.asInt()) : OptionalInt.empty(),
            json.path("model").path("digest").asText(),
            json.path("settings").asText()));
  }
}
