package io.scorebatch.pipeline.config;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problems;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Reads the YAML form of a {@link FeatureSet}: keys {@code lookups}, {@code functions}, {@code
 * request}, {@code label}, {@code exclude_columns}. All that is wrong is reported at once.
 */
public final class FeatureSetFile {
  private FeatureSetFile() {}

  /**
   * Reads a file.
   *
   * @throws ScorebatchException {@code PIPELINE_INVALID} with every problem found, {@code
   *     FILE_UNREADABLE}
   */
  public static FeatureSet read(Path path) {
    try {
      return parse(Files.readString(path), String.valueOf(path.getFileName()));
    } catch (IOException e) {
      throw ScorebatchException.of(
          ErrorCode.FILE_UNREADABLE,
          "The file of look-ups '" + path + "' cannot be read: " + e + ".",
          "",
          "name a YAML file that exists with --spec.");
    }
  }

  /** Reads the content of a file of that name. */
  public static FeatureSet parse(String text, String file) {
    Problems problems = new Problems();
    Node root = root(text, file);
    YamlMap map = new YamlMap(file, "", root, problems, null);
    FeatureSet set = read(map, problems);
    problems.throwIfAny();
    return set;
  }

  private static Node root(String text, String file) {
    try {
      return new Compose(LoadSettings.builder().setLabel(file).build())
          .composeString(text)
          .orElseThrow(() -> invalid(file, "It is empty."));
    } catch (YamlEngineException e) {
      throw invalid(
          file, "It is no YAML: " + String.valueOf(e.getMessage()).replaceAll("\\s+", " ") + ".");
    }
  }

  private static ScorebatchException invalid(String file, String why) {
    return ScorebatchException.of(
        ErrorCode.PIPELINE_INVALID,
        "'" + file + "' holds no look-ups.",
        why,
        "write lookups: with a list of {table: …, keys: […]}.");
  }

  private static FeatureSet read(YamlMap map, Problems problems) {
    List<FeatureLookup> lookups = new ArrayList<>();
    for (YamlMap lookup : map.maps("lookups", null)) {
      lookup(lookup, problems).ifPresent(lookups::add);
    }
    List<FeatureFunction> functions = new ArrayList<>();
    for (YamlMap function : map.maps("functions", null)) {
      functions.add(function(function));
    }
    Map<String, Optional<ColumnType>> request = new LinkedHashMap<>();
    if (map.isMap("request")) {
      map.map("request")
          .ifPresent(
              columns -> columns.keys().forEach(name -> request.put(name, type(columns, name))));
    } else {
      map.texts("request").forEach(name -> request.put(name, Optional.empty()));
    }
    FeatureSet set =
        new FeatureSet(
            lookups, functions, request, oneOrMore(map, "label"), map.texts("exclude_columns"));
    map.refuseUnknownKeys();
    return set;
  }

  private static Optional<FeatureLookup> lookup(YamlMap map, Problems problems) {
    String table = map.required("table");
    List<String> keys = oneOrMore(map, "keys");
    if (keys.isEmpty()) {
      map.wrong("keys", "names no column.", "add 'keys: [a, b]'.");
    }
    Optional<String> timestamp = map.text("timestamp_key");
    List<String> features = map.texts("features");
    Map<String, String> renames = texts(map, "rename_outputs");
    Map<String, String> defaults = texts(map, "default_values");
    Optional<Duration> lookback = Optional.empty();
    Optional<String> window = map.text("lookback");
    if (window.isPresent()) {
      lookback = Windows.parse(window.get());
      if (lookback.isEmpty()) {
        map.wrong("lookback", "is '" + window.get() + "'.", "write 90s, 30m, 12h or 7d.");
      }
    }
    map.refuseUnknownKeys();
    if (keys.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new FeatureLookup(
              table,
              keys,
              timestamp.orElse(null),
              features,
              renames,
              defaults,
              lookback.orElse(null)));
    } catch (ScorebatchException e) {
      problems.addAll(e);
      return Optional.empty();
    }
  }

  private static FeatureFunction function(YamlMap map) {
    String name = map.required("function");
    Map<String, String> bindings = texts(map, "bindings");
    String output = map.text("output").orElse(name);
    ColumnType type =
        map.has("type") ? type(map, "type").orElse(Primitive.DOUBLE) : Primitive.DOUBLE;
    map.refuseUnknownKeys();
    return new FeatureFunction(name, bindings, output, type);
  }

  private static Optional<ColumnType> type(YamlMap map, String key) {
    Optional<String> text = map.text(key);
    Optional<ColumnType> type = text.flatMap(ColumnType::parse);
    if (text.isPresent() && type.isEmpty()) {
      map.wrong(
          key, "is '" + text.get() + "', no type.", "write bigint, double, string, timestamp …");
    }
    return type;
  }

  private static List<String> oneOrMore(YamlMap map, String key) {
    return map.isText(key) ? map.text(key).stream().toList() : map.texts(key);
  }

  private static Map<String, String> texts(YamlMap map, String key) {
    Map<String, String> texts = new LinkedHashMap<>();
    map.map(key)
        .ifPresent(
            values ->
                values
                    .keys()
                    .forEach(name -> values.text(name).ifPresent(text -> texts.put(name, text))));
    return texts;
  }
}
