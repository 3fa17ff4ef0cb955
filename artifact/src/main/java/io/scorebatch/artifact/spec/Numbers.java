package io.scorebatch.artifact.spec;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Numbers as protobuf's and Python's texts have them. */
final class Numbers {
  private static final Pattern WHOLE = Pattern.compile("\\+?[0-9]{1,10}(\\.0{1,20})?");
  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?([0-9]{1,40}(\\.[0-9]{0,40})?|\\.[0-9]{1,40})([eE][-+]?[0-9]{1,3})?");

  private Numbers() {}

  /** A whole number from 0; null where the text is none. */
  static @Nullable Integer whole(String text) {
    if (!WHOLE.matcher(text).matches()) {
      return null;
    }
    int point = text.indexOf('.');
    try {
      return Integer.parseInt(point < 0 ? text : text.substring(0, point));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** A finite number; null where the text is none. */
  static @Nullable Double decimal(String text) {
    if (!DECIMAL.matcher(text).matches()) {
      return null;
    }
    double number = Double.parseDouble(text);
    return Double.isFinite(number) ? number : null;
  }

  /** The shortest text that reads back as the same number, in the form YAML files have it. */
  static String text(double number) {
    BigDecimal exact = new BigDecimal(number);
    BigDecimal shortest = exact;
    for (int digits = 1; digits <= 17; digits++) {
      shortest = exact.round(new MathContext(digits));
      if (shortest.doubleValue() == number) {
        break;
      }
    }
    shortest = shortest.stripTrailingZeros();
    int exponent = shortest.precision() - shortest.scale() - 1;
    if (shortest.signum() == 0 || exponent >= -4 && exponent < 16) {
      String plain = shortest.toPlainString();
      return plain.contains(".") ? plain : plain + ".0";
    }
    String digits = shortest.unscaledValue().abs().toString();
    String mantissa = digits.charAt(0) + "." + (digits.length() > 1 ? digits.substring(1) : "0");
    String sign = exponent < 0 ? "-" : "+";
    int size = Math.abs(exponent);
    return (number < 0 ? "-" : "") + mantissa + "e" + sign + (size < 10 ? "0" : "") + size;
  }
}
