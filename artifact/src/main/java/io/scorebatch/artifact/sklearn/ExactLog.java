package io.scorebatch.artifact.sklearn;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * Correctly rounded logarithms and exponentials of the few constants a model needs. The C library's
 * log, which Python calls, is correctly rounded for all but a few arguments; {@link StrictMath#log}
 * is not.
 */
final class ExactLog {
  private static final MathContext DIGITS = new MathContext(50);
  private static final int TERMS = 60;

  private ExactLog() {}

  /** Natural logarithm of a positive finite number. */
  static double log(double x) {
    if (!(x > 0) || Double.isInfinite(x)) {
      return Math.log(x);
    }
    return logarithm(new BigDecimal(x), StrictMath.log(x)).doubleValue();
  }

  /** {@code log(1 + x)} for x above -1. */
  static double log1p(double x) {
    if (x == 0 || !(x > -1) || Double.isInfinite(x)) {
      return Math.log1p(x);
    }
    return logarithm(BigDecimal.ONE.add(new BigDecimal(x)), StrictMath.log1p(x)).doubleValue();
  }

  /** {@code e^x} of a small number. */
  static double exp(double x) {
    return exp(new BigDecimal(x)).doubleValue();
  }

  /** One step from a guess g: {@code g + log(x * exp(-g))}, whose last argument is close to 1. */
  private static BigDecimal logarithm(BigDecimal x, double guess) {
    BigDecimal g = new BigDecimal(guess);
    BigDecimal rest = x.multiply(exp(g.negate()), DIGITS).subtract(BigDecimal.ONE, DIGITS);
    BigDecimal sum = BigDecimal.ZERO;
    BigDecimal power = rest;
    for (int n = 1; n < 8; n++) {
      BigDecimal term = power.divide(BigDecimal.valueOf(n), DIGITS);
      sum = n % 2 == 1 ? sum.add(term, DIGITS) : sum.subtract(term, DIGITS);
      power = power.multiply(rest, DIGITS);
    }
    return g.add(sum, DIGITS);
  }

  /** Series of {@code exp(g / 2^k)}, squared k times. */
  private static BigDecimal exp(BigDecimal g) {
    int halvings = 12;
    BigDecimal small = g.divide(BigDecimal.valueOf(1L << halvings), DIGITS);
    BigDecimal sum = BigDecimal.ONE;
    BigDecimal term = BigDecimal.ONE;
    for (int n = 1; n < TERMS; n++) {
      term = term.multiply(small, DIGITS).divide(BigDecimal.valueOf(n), DIGITS);
      sum = sum.add(term, DIGITS);
    }
    for (int i = 0; i < halvings; i++) {
      sum = sum.multiply(sum, DIGITS);
    }
    return sum;
  }
}
