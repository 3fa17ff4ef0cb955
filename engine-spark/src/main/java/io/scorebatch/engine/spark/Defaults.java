package io.scorebatch.engine.spark;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.spark.sql.Column;

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
  static Column apply(Column value, String column, ColumnType type, String text) {
    Column literal = lit(value(column, type, text)).cast(SparkTypes.of(type));
    return isFloat(type)
        ? when(isMissing(value, type), literal).otherwise(value)
        : coalesce(value, literal);
  }

  /** Where a default takes the place of a value. */
  static Column isMissing(Column value, ColumnType type) {
    return isFloat(type) ? value.isNull().or(value.isNaN()) : value.isNull();
  }

  private static Object value(String column, ColumnType type, String text) {
    if (type == Primitive.STRING) {
      return text;
    }
    if (type == Primitive.BOOLEAN) {
      return text.toLowerCase(Locale.ROOT).equals("true");
    }
    String number = text.strip();
    if (isFloat(type)) {
      var special = NOT_FINITE.matcher(number);
      if (special.matches()) {
        double infinity =
            special.group(1).equals("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        return special.group(2).equalsIgnoreCase("nan") ? Double.NaN : infinity;
      }
      if (!FLOAT.matcher(number).matches()) {
        throw SparkFailures.defaultInvalid(column, type, text, "It is no number.");
      }
      return Double.parseDouble(number.replace("_", ""));
    }
    int bits = bits(type);
    if (bits == 0) {
      throw SparkFailures.defaultInvalid(
          column, type, text, "Defaults exist for numbers, text and booleans only.");
    }
    if (!INTEGER.matcher(number).matches()) {
      throw SparkFailures.defaultInvalid(column, type, text, "It is no whole number.");
    }
    BigInteger value = new BigInteger(number.replace("_", "").replaceFirst("^\\+", ""));
    if (value.bitLength() >= bits) {
      throw SparkFailures.defaultInvalid(column, type, text, "It is out of the type's range.");
    }
    return value.longValueExact();
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
