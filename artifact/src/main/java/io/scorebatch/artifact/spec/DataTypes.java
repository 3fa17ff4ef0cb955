package io.scorebatch.artifact.spec;

import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.ArrayOf;
import io.scorebatch.api.type.ColumnType.MapOf;
import io.scorebatch.api.type.ColumnType.StructOf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Spark's simple strings, with nested types. */
final class DataTypes {
  private static final int MAX_DEPTH = 30;

  private DataTypes() {}

  /** The type of a text; null where we know none. */
  static @Nullable ColumnType parse(String text) {
    return parse(text.strip(), 0);
  }

  private static @Nullable ColumnType parse(String text, int depth) {
    if (depth > MAX_DEPTH) {
      return null;
    }
    if (text.endsWith(">")) {
      int open = text.indexOf('<');
      List<String> parts =
          open < 0 ? List.of() : split(text.substring(open + 1, text.length() - 1));
      switch (open < 0 ? "" : text.substring(0, open)) {
        case "array":
          ColumnType element = parts.size() == 1 ? parse(parts.get(0), depth + 1) : null;
          return element == null ? null : new ArrayOf(element);
        case "map":
          ColumnType key = parts.size() == 2 ? parse(parts.get(0), depth + 1) : null;
          ColumnType value = parts.size() == 2 ? parse(parts.get(1), depth + 1) : null;
          return key == null || value == null ? null : new MapOf(key, value);
        case "struct":
          return struct(parts, depth);
        default:
          return null;
      }
    }
    return ColumnType.parse(text).orElse(null);
  }

  private static @Nullable ColumnType struct(List<String> parts, int depth) {
    List<Column> fields = new ArrayList<>();
    for (String part : parts) {
      int colon = part.indexOf(':');
      ColumnType type = colon > 0 ? parse(part.substring(colon + 1), depth + 1) : null;
      if (type == null) {
        return null;
      }
      fields.add(Column.of(part.substring(0, colon), type));
    }
    return new StructOf(fields);
  }

  /** Splits at commas outside brackets. */
  private static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    int level = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '<' || c == '(') {
        level++;
      } else if (c == '>' || c == ')') {
        level--;
      } else if (c == ',' && level == 0) {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(text.substring(start));
    return parts;
  }
}
