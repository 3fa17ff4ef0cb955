package io.scorebatch.artifact.pickle;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A {@code dict} in the order of the file. Tuple keys are Lists. Unmodifiable once read; compared
 * by identity, as it may be part of a cycle.
 */
public final class PyDict implements Attributes {
  private final LinkedHashMap<Object, Object> entries;

  public PyDict() {
    this(Map.of());
  }

  public PyDict(Map<?, ?> entries) {
    this.entries = new LinkedHashMap<>(entries);
  }

  /** All entries in file order. */
  public Map<Object, Object> entries() {
    return Collections.unmodifiableMap(entries);
  }

  public int size() {
    return entries.size();
  }

  @Override
  public String owner() {
    return "dict";
  }

  @Override
  public @Nullable Object find(String name) {
    return entries.get(name);
  }

  /** Only the reader of a file adds entries. */
  void put(Object key, Object value) {
    entries.put(key, value);
  }

  @Override
  public String toString() {
    return "dict of " + entries.size();
  }
}
