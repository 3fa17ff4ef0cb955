package io.scorebatch.artifact.yaml;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A YAML value as written: nothing is converted before a reader asks for it. Immutable. */
public sealed interface YamlValue {
  /** Line in the file, counted from 1. */
  int line();

  /** Kind for messages: {@code text}, {@code a list} … */
  String kind();

  /**
   * A scalar.
   *
   * @param text its content, unquoted
   * @param type what the writers of these files (YAML 1.1, as PyYAML reads it) take it for; {@code
   *     TEXT} where it is quoted
   */
  record Scalar(String text, ScalarType type, int line) implements YamlValue {
    @Override
    public String kind() {
      return type.description();
    }

    public boolean isNull() {
      return type == ScalarType.NULL;
    }
  }

  /** A list. */
  record Items(List<YamlValue> values, int line) implements YamlValue {
    public Items {
      values = List.copyOf(values);
    }

    @Override
    public String kind() {
      return "a list";
    }
  }

  /**
   * A mapping in file order. Keys are taken as text, whatever type YAML would see in them: a column
   * may be called {@code y} or {@code 1e3}.
   */
  record Fields(Map<String, YamlValue> values, int line) implements YamlValue {
    public Fields {
      values = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    @Override
    public String kind() {
      return "a mapping";
    }

    /** The value of a key; empty where the key is absent or null. */
    public Optional<YamlValue> find(String key) {
      YamlValue value = values.get(key);
      return value == null || value instanceof Scalar scalar && scalar.isNull()
          ? Optional.empty()
          : Optional.of(value);
    }

    /** The text of a scalar; empty where the key is absent, null or no scalar. */
    public Optional<String> text(String key) {
      return find(key).filter(Scalar.class::isInstance).map(v -> ((Scalar) v).text());
    }
  }
}
