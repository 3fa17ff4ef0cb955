package io.scorebatch.engine.duckdb;

import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes names and values into SQL text. The only place that quotes. */
final class Sql {
  private Sql() {}

  /** A quoted identifier. */
  static String name(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** A quoted, dotted name. */
  static String name(String first, String... more) {
    StringBuilder sql = new StringBuilder(name(first));
    for (String part : more) {
      sql.append('.').append(name(part));
    }
    return sql.toString();
  }

  /** A text literal. */
  static String text(String text) {
    String quoted = "'" + text.replace("'", "''") + "'";
    // The parser stops at a NUL character, wherever it stands.
    return quoted.indexOf('\0') < 0 ? quoted : "(" + quoted.replace("\0", "'||chr(0)||'") + ")";
  }

  /** A list of text literals; null becomes NULL. */
  static String texts(Collection<? extends @Nullable String> texts) {
    return texts.stream()
        .map(t -> t == null ? "NULL" : text(t))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  /** A file that is to be read, as a literal that no character of its name turns into a pattern. */
  static String file(String pathOrUri) {
    return text(pattern(pathOrUri));
  }

  /** Files to be read, as a list. */
  static String files(Collection<String> pathsOrUris) {
    return texts(pathsOrUris.stream().map(Sql::pattern).toList());
  }

  /** The local path of a path or file URI. */
  static String localPath(String pathOrUri) {
    return pathOrUri.startsWith("file:") ? Path.of(URI.create(pathOrUri)).toString() : pathOrUri;
  }

  private static String pattern(String pathOrUri) {
    String path = localPath(pathOrUri);
    StringBuilder escaped = new StringBuilder(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '*' || c == '?' || c == '[') {
        escaped.append('[').append(c).append(']');
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }

  /** An expression as a type. */
  static String cast(String expression, ColumnType type) {
    return "CAST(" + expression + " AS " + DuckTypes.sql(type) + ")";
  }

  /** As {@link #cast}, with NULL for what does not fit. */
  static String tryCast(String expression, ColumnType type) {
    return "TRY_CAST(" + expression + " AS " + DuckTypes.sql(type) + ")";
  }

  /** A decimal as text: plain, with the digits of its scale and one before the point. */
  static String decimalText(String expression, Decimal type) {
    String text = cast(expression, Primitive.STRING);
    return type.precision() == type.scale() ? "replace(" + text + ", '.', '0.')" : text;
  }

  /** A Java value as a literal of a type. */
  static String literal(@Nullable Object value, ColumnType type) {
    if (value == null) {
      return cast("NULL", type);
    }
    if (value instanceof Instant instant) {
      return cast("make_timestamptz(" + micros(instant) + ")", type);
    }
    return cast(text(String.valueOf(value)), type);
  }

  /** Microseconds since 1970. Java's own difference of instants ends 292 years from then. */
  static long micros(Instant instant) {
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1000);
  }
}
