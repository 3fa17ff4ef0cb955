package io.scorebatch.artifact.pickle;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An object of a Python class, as its file describes it: the class's name, constructor arguments,
 * attributes. No Python semantics. Unmodifiable once read; compared by identity, as it may be part
 * of a cycle.
 */
public final class PyObject implements Attributes {
  private final String className;
  private final List<Object> args;
  private final Map<String, Object> attributes = new LinkedHashMap<>();
  private @Nullable PySequence items;
  private @Nullable PyDict entries;

  public PyObject(String className, List<?> args) {
    this.className = requireNonNull(className, "className is null");
    this.args = List.copyOf(args);
  }

  public PyObject(String className, List<?> args, Map<String, ?> attributes) {
    this(className, args);
    this.attributes.putAll(attributes);
  }

  /** An object whose state is a dictionary, a pair of them (attributes and slots), or anything. */
  public static PyObject ofState(String className, List<?> args, Object state) {
    PyObject object = new PyObject(className, args);
    object.build(state);
    return object;
  }

  /** Fully qualified: {@code sklearn.tree._tree.Tree}. */
  public String className() {
    return className;
  }

  /** The class's name without its module. */
  public String simpleName() {
    return className.substring(className.lastIndexOf('.') + 1);
  }

  /** Constructor arguments. */
  public List<Object> args() {
    return args;
  }

  /** Attributes in file order: the state dictionary and slots. */
  public Map<String, Object> attributes() {
    return Collections.unmodifiableMap(attributes);
  }

  /** Items of a list-like object. */
  public List<Object> items() {
    return items == null ? List.of() : items.items();
  }

  /** Entries of a dict-like object; empty where it is none. */
  public PyDict entries() {
    return entries == null ? new PyDict() : entries;
  }

  @Override
  public String owner() {
    return simpleName();
  }

  @Override
  public @Nullable Object find(String name) {
    return attributes.get(name);
  }

  /** Only the reader of a file sets state. */
  void build(Object value) {
    List<Object> parts = new ArrayList<>();
    if (value instanceof PySequence pair && pair.isTuple() && pair.size() == 2) {
      parts.addAll(pair.items());
    } else {
      parts.add(value);
    }
    if (!parts.stream().allMatch(p -> p instanceof PyDict || p == PyNone.NONE)) {
      return; // State of another form is of no use to scoring.
    }
    for (Object part : parts) {
      if (part instanceof PyDict dict) {
        dict.entries()
            .forEach(
                (key, item) -> {
                  if (key instanceof String name) {
                    attributes.put(name, item);
                  }
                });
      }
    }
  }

  void append(Object item) {
    if (items == null) {
      items = new PySequence(PySequence.Kind.LIST, List.of());
    }
    items.add(item);
  }

  void put(Object key, Object value) {
    if (entries == null) {
      entries = new PyDict();
    }
    entries.put(key, value);
  }

  @Override
  public String toString() {
    return className;
  }
}
