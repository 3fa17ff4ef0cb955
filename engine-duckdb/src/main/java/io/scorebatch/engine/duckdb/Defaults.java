package io.scorebatch.engine.duckdb;

import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Default values of features, read as the feature store reads them: numbers by NumPy's rules, so
 * {@code 1.0} is no integer and {@code nan} is a float; a boolean is true where the text is {@code
 * true} in any case.
 */
final class Defaults {
  private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]+(_[0-9]+)*");
  private static final Pattern FLOAT =
      Pattern.compile(
          "[+-]?([0-9]+(_[0-9]+)*\\.?([0-9]+(_[0-9]+)*)?|\\.[0-9]+(_[0-9]+)*)"
              + "([eE][+-]?[0-9]+(_[0-9]+)*)?");
  private static final Pattern NOT_FINITE =
      Pattern.compile("([+-]?)(nan|inf|infinity)", Pattern.CASE_INSENSITIVE);

  private Defaults() {}

  /** A column with its default in place of NULL, and of NaN where it is a float. */
  static String apply(String expression, String column, ColumnType type, String text) {
    String literal = literal(column, type, text);
    return isFloat(type)
        ? "CASE WHEN "
            + replaces(expression, type)
            + " THEN "
            + literal
            + " ELSE "
            + expression
            + " END"
        : "coalesce(" + expression + ", " + literal + ")";
  }

  /** True in SQL where a default takes the column's place. */
  static String replaces(String expression, ColumnType type) {
    String isNull = expression + " IS NULL";
    return isFloat(type) ? isNull + " OR isnan(" + expression + ")" : isNull;
  }

  private static String literal(String column, ColumnType type, String text) {
    if (type == Primitive.STRING) {
      return Sql.literal(text, type);
    }
    if (type == Primitive.BOOLEAN) {
      return Sql.literal(text.toLowerCase(Locale.ROOT).equals("true"), type);
    }
    String number = text.strip();
    if (isFloat(type)) {
      var special = NOT_FINITE.matcher(number);
      if (special.matches()) {
        String sign = special.group(1).equals("-") ? "-" : "";
        boolean nan = special.group(2).equalsIgnoreCase("nan");
        return Sql.literal(nan ? "nan" : sign + "inf", type);
      }
      if (!FLOAT.matcher(number).matches()) {
        throw EngineFailures.defaultInvalid(column, type, text, "It is no number.");
      }
      double value = Double.parseDouble(number.replace("_", ""));
      return type == Primitive.FLOAT
          ? Sql.literal(infinite((float) value), type)
          : Sql.literal(infinite(value), type);
    }
    int bits = bits(type);
    if (bits == 0) {
      throw EngineFailures.defaultInvalid(
          column, type, text, "Defaults exist for numbers, text and booleans only.");
    }
    if (!INTEGER.matcher(number).matches()) {
      throw EngineFailures.defaultInvalid(column, type, text, "It is no whole number.");
    }
    BigInteger value = new BigInteger(number.replace("_", "").replaceFirst("^\\+", ""));
    if (value.bitLength() >= bits) {
      throw EngineFailures.defaultInvalid(column, type, text, "It is out of the type's range.");
    }
    return Sql.literal(value, type);
  }

  private static Object infinite(double value) {
    return Double.isInfinite(value) ? (value > 0 ? "inf" : "-inf") : (Object) value;
  }

  private static Object infinite(float value) {
    return Float.isInfinite(value) ? (value > 0 ? "inf" : "-inf") : (Object) value;
  }

  private static boolean isFloat(ColumnType type) {
    return type == Primitive.FLOAT || type == Primitive.DOUBLE;
  }

  private static int bits(ColumnType type) {
    if (type == Primitive.SHORT) {
      return Short.SIZE;
    }
    if (type == Primitive.INT) {
      return Integer.SIZE;
    }
    return type == Primitive.LONG ? Long.SIZE : 0;
  }
}
