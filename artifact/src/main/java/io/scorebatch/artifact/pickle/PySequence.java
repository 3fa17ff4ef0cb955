package io.scorebatch.artifact.pickle;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * A {@code list}, {@code tuple}, {@code set} or {@code frozenset}; sets keep the order of the file.
 * Unmodifiable once read; compared by identity, as it may be part of a cycle.
 */
public final class PySequence {
  /** Which Python type it is. */
  public enum Kind {
    LIST,
    TUPLE,
    SET,
    FROZENSET
  }

  private final Kind kind;
  private final ArrayList<Object> items;

  public PySequence(Kind kind, List<?> items) {
    this.kind = requireNonNull(kind, "kind is null");
    this.items = new ArrayList<>(items);
  }

  public Kind kind() {
    return kind;
  }

  public boolean isTuple() {
    return kind == Kind.TUPLE;
  }

  public List<Object> items() {
    return Collections.unmodifiableList(items);
  }

  public Object item(int index) {
    return items.get(index);
  }

  public int size() {
    return items.size();
  }

  /** Only the reader of a file adds items. */
  void add(Object item) {
    items.add(item);
  }

  @Override
  public String toString() {
    return kind.name().toLowerCase(Locale.ROOT) + " of " + items.size();
  }
}
