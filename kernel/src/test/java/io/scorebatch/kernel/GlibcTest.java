package io.scorebatch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Against what glibc answered: src/test/python/libm_values.py wrote the values. */
class GlibcTest {
  @Test
  void expHasGlibcsBits() {
    assertThat(mismatches("exp.bin", Glibc::exp)).isZero();
  }

  @Test
  void powersOfTwoHaveGlibcsBits() {
    assertThat(mismatches("pow2.bin", Glibc::pow2)).isZero();
  }

  @Test
  void expfHasGlibcsBits() {
    assertThat(mismatches("expf.bin", x -> Glibc.expf((float) x))).isZero();
  }

  @Test
  void logIsCorrectlyRounded() {
    assertThat(mismatches("log.bin", Glibc::log)).isZero();
  }

  @Test
  void nanStaysNan() {
    assertThat(Glibc.exp(Double.NaN)).isNaN();
    assertThat(Glibc.expf(Float.NaN)).isNaN();
    assertThat(Glibc.pow2(Double.NaN)).isNaN();
    assertThat(Glibc.expit(Double.NaN)).isNaN();
  }

  @Test
  void expitReachesItsEnds() {
    assertThat(Glibc.expit(800)).isEqualTo(1.0);
    assertThat(Glibc.expit(-800)).isEqualTo(0.0);
    assertThat(Glibc.expit(0)).isEqualTo(0.5);
  }

  @Test
  void tableHoldsRoundedPowersOfTwo() {
    MathContext digits = new MathContext(60);
    BigDecimal root = BigDecimal.valueOf(2);
    for (int i = 0; i < 7; i++) {
      root = root.sqrt(digits);
    }
    BigDecimal power = BigDecimal.ONE;
    for (int k = 0; k < 128; k++) {
      double high = Double.longBitsToDouble(ExpTable.DOUBLE[2 * k + 1] + ((long) k << 45));
      assertThat(high).isEqualTo(power.doubleValue());
      double tail = Double.longBitsToDouble(ExpTable.DOUBLE[2 * k]);
      assertThat(tail)
          .isEqualTo(
              power.divide(new BigDecimal(high), digits).subtract(BigDecimal.ONE).doubleValue());
      power = power.multiply(root, digits);
    }
  }

  private static long mismatches(String name, DoubleUnaryOperator function) {
    try (InputStream in = GlibcTest.class.getResourceAsStream("/libm/" + name)) {
      ByteBuffer pairs = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
      long wrong = 0;
      while (pairs.hasRemaining()) {
        double answer = function.applyAsDouble(pairs.getDouble());
        if (Double.doubleToLongBits(answer) != Double.doubleToLongBits(pairs.getDouble())) {
          wrong++;
        }
      }
      return wrong;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
