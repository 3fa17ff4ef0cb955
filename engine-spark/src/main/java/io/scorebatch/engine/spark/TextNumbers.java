package io.scorebatch.engine.spark;

import java.util.OptionalDouble;
import java.util.regex.Pattern;

/**
 * Numbers in text, for models scored without feature metadata: decimal digits with point and
 * exponent, {@code nan}, {@code inf} and {@code infinity} in any case, blanks around them. No
 * hexadecimal numbers and no Java suffixes, which the other engine does not know.
 */
final class TextNumbers {
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?");
  private static final Pattern NOT_FINITE =
      Pattern.compile("([+-]?)(nan|inf|infinity)", Pattern.CASE_INSENSITIVE);

  private TextNumbers() {}

  static OptionalDouble parse(String text) {
    String number = text.strip();
    if (NUMBER.matcher(number).matches()) {
      return OptionalDouble.of(Double.parseDouble(number));
    }
    var special = NOT_FINITE.matcher(number);
    if (!special.matches()) {
      return OptionalDouble.empty();
    }
    if (special.group(2).equalsIgnoreCase("nan")) {
      return OptionalDouble.of(Double.NaN);
    }
    return OptionalDouble.of(
        special.group(1).equals("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
  }
}
