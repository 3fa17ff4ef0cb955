package io.scorebatch.kernel;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Elementary functions with the very bits of glibc (2.28 and later, x86-64 with FMA), which Python,
 * NumPy, SciPy, XGBoost and LightGBM call. {@link Math} and {@link StrictMath} differ from it in
 * the last bit of some results, and {@code Math} even from itself once compiled.
 */
final class Glibc {
  private static final int TABLE_BITS = 7;
  private static final int TABLE_MASK = (1 << TABLE_BITS) - 1;
  private static final double SHIFT = 0x1.8p52;
  private static final double INV_LN2_N = 0x1.71547652b82fep0 * 128;
  private static final double NEG_LN2_HI_N = -0x1.62e42fefa0000p-8;
  private static final double NEG_LN2_LO_N = -0x1.cf79abc9e3b39p-47;
  private static final double C2 = 0x1.ffffffffffdbdp-2;
  private static final double C3 = 0x1.555555555543cp-3;
  private static final double C4 = 0x1.55555cf172b91p-5;
  private static final double C5 = 0x1.1111167a4d017p-7;

  /** ln 2 in two parts, as glibc's pow works it out for the base 2. */
  private static final double LN2_HIGH = 0x1.62e42fefa3800p-1 + 0x1.ef35793c76730p-45;

  private static final double LN2_LOW = 0x1.62e42fefa3800p-1 - LN2_HIGH + 0x1.ef35793c76730p-45;

  private static final double FLOAT_INV_LN2_N = 0x1.71547652b82fep0 * 32;
  private static final double E0 = 0x1.c6af84b912394p-5 / 32 / 32 / 32;
  private static final double E1 = 0x1.ebfce50fac4f3p-3 / 32 / 32;
  private static final double E2 = 0x1.62e42ff0c52d6p-1 / 32;

  private static final MathContext DIGITS = new MathContext(45, RoundingMode.HALF_EVEN);
  private static final BigDecimal LN2 =
      new BigDecimal(
          "0.693147180559945309417232121458176568075500134360255254120680009493393621969694716");

  private Glibc() {}

  static double exp(double x) {
    double size = Math.abs(x);
    if (!(size >= 0x1p-54)) {
      return 1.0 + x;
    }
    if (size >= 1024) {
      return x > 0 ? Double.POSITIVE_INFINITY : 0.0;
    }
    return expCore(x, 0.0);
  }

  /** {@code pow(2, y)}. */
  static double pow2(double y) {
    if (y == 0) {
      return 1.0;
    }
    double high = y * LN2_HIGH;
    double low = Math.fma(y, LN2_LOW, Math.fma(y, LN2_HIGH, -high));
    double size = Math.abs(high);
    if (!(size >= 0x1p-54)) {
      return 1.0 + high;
    }
    if (size >= 1024) {
      return y > 0 ? Double.POSITIVE_INFINITY : 0.0;
    }
    return expCore(high, low);
  }

  /** exp(x + low) for |x| from 2^-54 to 1024. */
  private static double expCore(double x, double low) {
    double kd = Math.fma(INV_LN2_N, x, SHIFT);
    long ki = Double.doubleToRawLongBits(kd);
    kd -= SHIFT;
    double r = Math.fma(kd, NEG_LN2_LO_N, Math.fma(kd, NEG_LN2_HI_N, x)) + low;
    int index = 2 * (int) (ki & TABLE_MASK);
    double tail = Double.longBitsToDouble(ExpTable.DOUBLE[index]);
    long scaleBits = ExpTable.DOUBLE[index + 1] + (ki << (52 - TABLE_BITS));
    double r2 = r * r;
    double tmp =
        Math.fma(r2 * r2, Math.fma(r, C5, C4), Math.fma(r2, Math.fma(r, C3, C2), tail + r));
    if (Math.abs(x) >= 512) {
      return expRescaled(tmp, scaleBits, ki);
    }
    double scale = Double.longBitsToDouble(scaleBits);
    return Math.fma(scale, tmp, scale);
  }

  /** The last step where the scale alone could overflow or become subnormal. */
  private static double expRescaled(double tmp, long scaleBits, long ki) {
    if ((ki & 0x80000000L) == 0) {
      double scale = Double.longBitsToDouble(scaleBits - (1009L << 52));
      return 0x1p1009 * Math.fma(scale, tmp, scale);
    }
    double scale = Double.longBitsToDouble(scaleBits + (1022L << 52));
    double y = Math.fma(scale, tmp, scale);
    if (y < 1.0) {
      // Rounds once to the subnormal's precision instead of twice.
      double lo = Math.fma(scale, tmp, scale - y);
      double hi = 1.0 + y;
      lo = 1.0 - hi + y + lo;
      y = (hi + lo) - 1.0;
      if (y == 0.0) {
        y = 0.0;
      }
    }
    return 0x1p-1022 * y;
  }

  static float expf(float x) {
    if (Math.abs(x) >= 88.0f) {
      if (x > 0x1.62e42ep6f) {
        return Float.POSITIVE_INFINITY;
      }
      if (x < -0x1.9fe368p6f) {
        return 0.0f;
      }
    }
    if (Float.isNaN(x)) {
      return x;
    }
    double wide = x;
    double kd = Math.fma(FLOAT_INV_LN2_N, wide, SHIFT);
    long ki = Double.doubleToRawLongBits(kd);
    kd -= SHIFT;
    double r = Math.fma(FLOAT_INV_LN2_N, wide, -kd);
    double scale = Double.longBitsToDouble(ExpTable.SINGLE[(int) (ki & 31)] + (ki << 47));
    double z = Math.fma(E0, r, E1);
    double y = Math.fma(E2, r, 1.0);
    y = Math.fma(z, r * r, y);
    return (float) (y * scale);
  }

  /** {@code scipy.special.expit}: {@code 1 / (1 + exp(-x))}. */
  static double expit(double x) {
    return 1.0 / (1.0 + exp(-x));
  }

  /**
   * The correctly rounded natural logarithm, for constants of a model: slow. Equal to glibc's log
   * but for rare arguments near the middle of two doubles.
   */
  static double log(double x) {
    if (!(x > 0) || Double.isInfinite(x) || x == 1.0) {
      return StrictMath.log(x);
    }
    double near = StrictMath.log(x);
    BigDecimal exact = exactLog(x);
    double best = near;
    for (double candidate : new double[] {Math.nextDown(near), Math.nextUp(near)}) {
      if (exact
              .subtract(new BigDecimal(candidate))
              .abs()
              .compareTo(exact.subtract(new BigDecimal(best)).abs())
          < 0) {
        best = candidate;
      }
    }
    return best;
  }

  /** log(m * 2^e) = 2 atanh((m - 1) / (m + 1)) + e log 2, m near 1. */
  private static BigDecimal exactLog(double x) {
    int exponent = Math.getExponent(x);
    BigDecimal mantissa;
    if (exponent < Double.MIN_EXPONENT) {
      mantissa = new BigDecimal(x * 0x1p60);
      exponent = Math.getExponent(x * 0x1p60);
      mantissa = mantissa.divide(BigDecimal.valueOf(2).pow(exponent, DIGITS), DIGITS);
      exponent -= 60;
    } else {
      mantissa = new BigDecimal(Math.scalb(x, -exponent));
    }
    if (mantissa.compareTo(new BigDecimal("1.4142")) > 0) {
      mantissa = mantissa.divide(BigDecimal.valueOf(2), DIGITS);
      exponent++;
    }
    BigDecimal z = mantissa.subtract(BigDecimal.ONE).divide(mantissa.add(BigDecimal.ONE), DIGITS);
    BigDecimal square = z.multiply(z, DIGITS);
    BigDecimal term = z;
    BigDecimal sum = z;
    BigDecimal least = z.abs().scaleByPowerOfTen(-44);
    for (int n = 3; term.abs().compareTo(least) > 0; n += 2) {
      term = term.multiply(square, DIGITS);
      sum = sum.add(term.divide(BigDecimal.valueOf(n), DIGITS), DIGITS);
    }
    return sum.multiply(BigDecimal.valueOf(2))
        .add(LN2.multiply(BigDecimal.valueOf(exponent)), DIGITS);
  }
}
