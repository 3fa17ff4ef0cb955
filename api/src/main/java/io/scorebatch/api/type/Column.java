package io.scorebatch.api.type;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A named column. Immutable.
 *
 * @param name as stored; names are compared ignoring case
 * @param type its type
 * @param nullable whether NULL may occur
 * @param comment what the column is, for analysts; null where none is set
 */
public record Column(String name, ColumnType type, boolean nullable, @Nullable String comment) {
  public Column {
    requireNonNull(name, "name is null");
    requireNonNull(type, "type is null");
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a column has no name");
    }
  }

  /** A nullable column without a comment. */
  public static Column of(String name, ColumnType type) {
    return new Column(name, type, true, null);
  }

  public Column withComment(String text) {
    return new Column(name, type, nullable, text);
  }

  public Column required() {
    return new Column(name, type, false, comment);
  }
}
