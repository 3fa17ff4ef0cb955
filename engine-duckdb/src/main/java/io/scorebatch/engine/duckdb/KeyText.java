package io.scorebatch.engine.duckdb;

import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.ColumnType.Primitive;

/**
 * Text of a key file as a value of a type, strictly: what would be rounded, cut or guessed is no
 * value of the type. So {@code 1.5} is no whole number and {@code 01/02/2024} no date, and a key
 * never passes through a floating-point number.
 */
final class KeyText {
  private static final String DATE = "\\s*[+-]?[0-9]{4,}-[0-9]{1,2}-[0-9]{1,2}\\s*";
  private static final String WHOLE = "\\s*[+-]?[0-9]+\\s*";

  private KeyText() {}

  /** Whether a column of a file is read as text first. */
  static boolean isText(Column column) {
    return column.type() instanceof Primitive || column.type() instanceof Decimal;
  }

  /** The value, in SQL; fails where the text is none. */
  static String value(String text, ColumnType type) {
    return type == Primitive.STRING
        ? text
        : "CASE WHEN "
            + fails(text, type)
            + " THEN error('no "
            + type.sparkName()
            + "') ELSE "
            + Sql.cast(text, type)
            + " END";
  }

  /** True in SQL where a text is no value of the type. */
  static String fails(String text, ColumnType type) {
    String some = text + " IS NOT NULL AND ";
    String cast = Sql.tryCast(text, type) + " IS NULL";
    if (type.isInteger()) {
      return some + "(" + cast + " OR " + unlike(text, WHOLE) + ")";
    }
    if (type == Primitive.DATE) {
      return some + "(" + cast + " OR " + unlike(text, DATE) + ")";
    }
    if (type instanceof Decimal decimal) {
      String digits = "\\s*[+-]?[0-9]*\\.?[0-9]{0," + decimal.scale() + "}0*\\s*";
      return some + "(" + cast + " OR " + unlike(text, digits) + ")";
    }
    return type == Primitive.STRING ? "false" : some + cast;
  }

  private static String unlike(String text, String pattern) {
    return "NOT regexp_full_match(" + text + ", " + Sql.text(pattern) + ")";
  }
}
