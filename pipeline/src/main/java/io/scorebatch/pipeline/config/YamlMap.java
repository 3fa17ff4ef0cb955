package io.scorebatch.pipeline.config;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problems;
import io.scorebatch.api.error.Suggestions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A map of a configuration file, read key by key; what is wrong is noted with its line and reading
 * goes on. One thread at a time.
 */
final class YamlMap {
  private final String file;
  private final String path;
  private final @Nullable Node node;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Set<String> asked = new LinkedHashSet<>();
  private final Problems problems;
  private final @Nullable YamlMap defaults;

  YamlMap(String file, String path, Node node, Problems problems, @Nullable YamlMap defaults) {
    this.file = file;
    this.path = path;
    this.node = node;
    this.problems = problems;
    this.defaults = defaults;
    if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        Node key = tuple.getKeyNode();
        String name = key instanceof ScalarNode scalar ? scalar.getValue() : "?";
        if (values.put(name, tuple.getValueNode()) != null) {
          problem(key, "'" + at(name) + "' stands twice.", "", "keep one of them.");
        }
      }
    } else {
      problem(
          node, "'" + path + "' is no map of settings.", "", "write key: value lines below it.");
    }
  }

  private String at(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private void problem(@Nullable Node where, String what, String why, String fix) {
    String line =
        where == null
            ? ""
            : where.getStartMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
    problems.add(ErrorCode.PIPELINE_INVALID, file + line + ": " + what, why, fix);
  }

  /** Notes a problem with the value of a key. */
  void wrong(String key, String what, String fix) {
    Node value = values.get(key);
    problem(value == null ? node : value, "'" + at(key) + "' " + what, "", fix);
  }

  private @Nullable Node node(String key) {
    asked.add(key);
    Node value = values.get(key);
    if (value == null && defaults != null) {
      value = defaults.values.get(key);
    }
    return value != null && isNull(value) ? null : value;
  }

  private static boolean isNull(Node value) {
    return value instanceof ScalarNode scalar && scalar.getTag().equals(Tag.NULL);
  }

  boolean has(String key) {
    return node(key) != null;
  }

  Optional<String> text(String key) {
    Node value = node(key);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof ScalarNode scalar && !scalar.getValue().isBlank()) {
      return Optional.of(scalar.getValue());
    }
    wrong(key, "is no text.", "write one value.");
    return Optional.empty();
  }

  /** The text of a key that must be there; a placeholder where it is not, with a problem noted. */
  String required(String key) {
    if (!has(key)) {
      problem(node, "'" + at(key) + "' is missing.", "", "add '" + key + ": …'.");
      return "?";
    }
    return text(key).orElse("?");
  }

  Optional<Double> number(String key) {
    Optional<String> text = text(key);
    try {
      return text.map(Double::valueOf);
    } catch (NumberFormatException e) {
      wrong(key, "is '" + text.orElse("") + "', no number.", "write a number.");
      return Optional.empty();
    }
  }

  Optional<Integer> positive(String key) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      int value = Integer.parseInt(text.get());
      if (value > 0) {
        return Optional.of(value);
      }
    } catch (NumberFormatException e) {
      // told below
    }
    wrong(key, "is '" + text.get() + "'.", "write a whole number above 0.");
    return Optional.empty();
  }

  /** A whole number that is not below a bound. */
  OptionalLong whole(String key, long least) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      long value = Long.parseLong(text.get().replace("_", ""));
      if (value >= least) {
        return OptionalLong.of(value);
      }
    } catch (NumberFormatException e) {
      // told below
    }
    wrong(
        key,
        "is '" + text.get() + "'.",
        "write a whole number" + (least == Long.MIN_VALUE ? "." : ", " + least + " or more."));
    return OptionalLong.empty();
  }

  /** A span of time. */
  Optional<Duration> window(String key) {
    Optional<String> text = text(key);
    Optional<Duration> window = text.flatMap(Windows::parse);
    if (text.isPresent() && window.isEmpty()) {
      wrong(key, "is '" + text.get() + "'.", "write a span such as 36h, 7d or 0s.");
    }
    return window;
  }

  <E extends Enum<E>> Optional<E> choice(String key, Class<E> type) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    List<String> names = new ArrayList<>();
    for (E value : type.getEnumConstants()) {
      String name = value.name().toLowerCase(Locale.ROOT);
      if (name.equals(text.get())) {
        return Optional.of(value);
      }
      names.add(name);
    }
    String near = Suggestions.didYouMean(text.get(), names);
    wrong(
        key,
        "is '" + text.get() + "'" + (near.isEmpty() ? "." : "; " + near),
        "choose one of " + String.join(", ", names) + ".");
    return Optional.empty();
  }

  List<String> texts(String key) {
    Node value = node(key);
    if (value == null) {
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    if (value instanceof SequenceNode sequence) {
      for (Node element : sequence.getValue()) {
        if (element instanceof ScalarNode scalar && !isNull(element)) {
          texts.add(scalar.getValue());
        } else {
          wrong(key, "has an element that is no text.", "write a list of names: [a, b].");
        }
      }
      return texts;
    }
    wrong(key, "is no list.", "write a list of names: [a, b].");
    return List.of();
  }

  /** The elements of a list of values; empty ones where they are null. */
  List<Optional<String>> cells(String key) {
    List<Optional<String>> cells = new ArrayList<>();
    if (node(key) instanceof SequenceNode sequence) {
      for (Node element : sequence.getValue()) {
        if (element instanceof ScalarNode scalar) {
          cells.add(isNull(element) ? Optional.empty() : Optional.of(scalar.getValue()));
        } else {
          wrong(key, "has an element that is no value.", "write a list of values: [1, 2].");
        }
      }
      return cells;
    }
    wrong(key, "is no list.", "write a list of values: [1, 2].");
    return cells;
  }

  /**
   * The elements of a list of names with or without settings: {@code [a, {b: 1}, {c: {d: 2}}]},
   * each as a map of one key. One value stands for a list of one.
   */
  List<YamlMap> items(String key) {
    Node value = node(key);
    if (value == null) {
      return List.of();
    }
    List<Node> elements =
        value instanceof SequenceNode sequence ? sequence.getValue() : List.of(value);
    List<YamlMap> items = new ArrayList<>();
    for (Node element : elements) {
      String path = at(key) + "[" + items.size() + "]";
      items.add(
          new YamlMap(
              file,
              path,
              element instanceof ScalarNode ? named(element) : element,
              problems,
              null));
    }
    return items;
  }

  private static Node named(Node name) {
    Node nothing =
        new ScalarNode(
            Tag.NULL, false, "null", ScalarStyle.PLAIN, name.getStartMark(), name.getEndMark());
    return new MappingNode(
        Tag.MAP,
        false,
        List.of(new NodeTuple(name, nothing)),
        FlowStyle.FLOW,
        name.getStartMark(),
        name.getEndMark());
  }

  List<YamlMap> maps(String key, @Nullable YamlMap elementDefaults) {
    Node value = node(key);
    if (value == null) {
      return List.of();
    }
    if (value instanceof SequenceNode sequence) {
      List<YamlMap> maps = new ArrayList<>();
      for (Node element : sequence.getValue()) {
        String elementPath = at(key) + "[" + maps.size() + "]";
        maps.add(new YamlMap(file, elementPath, element, problems, elementDefaults));
      }
      return maps;
    }
    wrong(key, "is no list.", "write a list of settings, each starting with '- '.");
    return List.of();
  }

  Optional<YamlMap> map(String key) {
    Node value = node(key);
    return value == null
        ? Optional.empty()
        : Optional.of(new YamlMap(file, at(key), value, problems, null));
  }

  /** The map of a key that stands here, whatever the defaults say. */
  Optional<YamlMap> own(String key) {
    asked.add(key);
    return values.containsKey(key) ? map(key) : Optional.empty();
  }

  /** True where the key holds a map rather than one value. */
  boolean isMap(String key) {
    return node(key) instanceof MappingNode;
  }

  /** True where the key holds one value. */
  boolean isText(String key) {
    return node(key) instanceof ScalarNode;
  }

  /** True where the key is there with the value null; what the defaults say counts too. */
  boolean isNull(String key) {
    asked.add(key);
    Node value = values.get(key);
    if (value == null && defaults != null) {
      value = defaults.values.get(key);
    }
    return value != null && isNull(value);
  }

  /** All keys, for maps with free ones. */
  Set<String> keys() {
    return Collections.unmodifiableSet(values.keySet());
  }

  Optional<Boolean> flag(String key) {
    Optional<String> text = text(key);
    if (text.isPresent() && !text.get().equals("true") && !text.get().equals("false")) {
      wrong(key, "is '" + text.get() + "'.", "write true or false.");
      return Optional.empty();
    }
    return text.map(Boolean::valueOf);
  }

  /** Notes each key nobody asked for; call after all known keys were read. */
  void refuseUnknownKeys() {
    for (String key : values.keySet()) {
      if (!asked.contains(key)) {
        String near = Suggestions.didYouMean(key, asked);
        problem(
            values.get(key),
            "unknown key '" + at(key) + "'" + (near.isEmpty() ? "." : "; " + near),
            "",
            "known here: " + String.join(", ", asked) + ".");
      }
    }
  }

  /** Marks keys as known without reading them. */
  void know(Set<String> keys) {
    asked.addAll(keys);
  }

  Set<String> asked() {
    return Set.copyOf(asked);
  }
}
