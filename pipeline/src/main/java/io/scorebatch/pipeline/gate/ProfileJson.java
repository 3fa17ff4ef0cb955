package io.scorebatch.pipeline.gate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scorebatch.api.engine.Distribution;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Profiles as JSON text on one line; docs/gates.md tells the format. */
public final class ProfileJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int FORMAT = 1;

  private ProfileJson() {}

  /** The profile as text. */
  public static String print(BatchProfile profile) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("format", FORMAT)
        .put("model_name", profile.modelName())
        .put("rows", profile.rows())
        .put("whole", profile.whole());
    profile.positives().ifPresent(positives -> json.put("positives", positives));
    profile.predictions().ifPresent(spread -> json.set("predictions", json(spread)));
    if (!profile.inputs().isEmpty()) {
      ObjectNode inputs = json.putObject("inputs");
      profile.inputs().forEach((name, spread) -> inputs.set(name, json(spread)));
    }
    return json.toString();
  }

  private static ObjectNode json(Distribution spread) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("missing", spread.missing());
    // As text: JSON has no infinities.
    json.put("min", String.valueOf(spread.min()));
    json.put("max", String.valueOf(spread.max()));
    json.put("sum", String.valueOf(spread.sum()));
    ObjectNode bins = json.putObject("bins");
    spread.bins().forEach((bin, rows) -> bins.put(String.valueOf(bin), rows));
    return json;
  }

  /** Reads a profile; empty where the text is none of ours. */
  public static Optional<BatchProfile> parse(String text) {
    try {
      return parse(MAPPER.readTree(text));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static Optional<BatchProfile> parse(JsonNode json) {
    if (json.path("format").asInt() != FORMAT || !json.path("rows").isIntegralNumber()) {
      return Optional.empty();
    }
    try {
      Map<String, Distribution> inputs = new TreeMap<>();
      json.path("inputs").properties().forEach(e -> inputs.put(e.getKey(), spread(e.getValue())));
      return Optional.of(
          new BatchProfile(
              json.path("model_name").asText(),
              json.path("rows").longValue(),
              json.path("whole").asBoolean(),
              json.has("positives")
                  ? OptionalLong.of(json.get("positives").longValue())
                  : OptionalLong.empty(),
              json.has("predictions")
                  ? Optional.of(spread(json.get("predictions")))
                  : Optional.empty(),
              inputs));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Distribution spread(JsonNode json) {
    TreeMap<Integer, Long> bins = new TreeMap<>();
    json.path("bins")
        .properties()
        .forEach(bin -> bins.put(Integer.valueOf(bin.getKey()), bin.getValue().longValue()));
    return new Distribution(
        json.path("missing").longValue(),
        bins,
        Double.parseDouble(json.path("min").asText()),
        Double.parseDouble(json.path("max").asText()),
        Double.parseDouble(json.path("sum").asText()));
  }
}
