package io.scorebatch.api.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.ModelInput;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RowFingerprintTest {
  private static final List<ModelInput> INPUTS =
      List.of(ModelInput.number("x"), ModelInput.text("t"));

  /** A block of one number and one text column. */
  private record Block(double[] x, @Nullable String[] t) implements ColumnBlock {
    @Override
    public int rows() {
      return x.length;
    }

    @Override
    public int columns() {
      return 2;
    }

    @Override
    public double[] numbers(int column) {
      return x;
    }

    @Override
    public @Nullable String[] texts(int column) {
      return t;
    }
  }

  private static long[] of(long salt, double[] x, @Nullable String... t) {
    long[] found = new long[x.length];
    new RowFingerprint(INPUTS, salt).of(new Block(x, t), found);
    return found;
  }

  // M = 2**64 - 1; bits of a double by struct.pack('>d', x), every NaN 0x7ff8000000000000
  // def mix(v): z = (v + 0x9e3779b97f4a7c15) & M; z = ((z ^ z >> 30) * 0xbf58476d1ce4e5b9) & M
  //             z = ((z ^ z >> 27) * 0x94d049bb133111eb) & M; return z ^ z >> 31
  // def next(s, v): return mix((s * 31 + mix(v)) & M)
  // start: mix(42); a number: next(s, bits); missing text: next(s, 0x6d697373696e67);
  // text: next(s, its UTF-16 units), then next of each unit. Shown as signed.
  @Test
  void isTheNumberThatPythonComputes() {
    assertThat(of(42, new double[] {1.5, Double.NaN, 0.0, -0.0, 1e300}, "x", null, "", "", "é😀"))
        .containsExactly(
            3662432912074548136L,
            -6855615905545036199L,
            4889350379390703735L,
            -699290208353632513L,
            6877280014940710471L);
  }

  @Test
  void everyNaNIsOne() {
    double other = Double.longBitsToDouble(0x7ff8000000000001L);
    assertThat(of(1, new double[] {other}, "a")).isEqualTo(of(1, new double[] {Double.NaN}, "a"));
  }

  @Test
  void anotherSaltIsAnotherFingerprint() {
    assertThat(of(1, new double[] {1}, "a")[0]).isNotEqualTo(of(2, new double[] {1}, "a")[0]);
  }

  @Test
  void missingTextIsNoEmptyText() {
    long[] found = of(1, new double[] {1, 1, 1}, null, "", "missing");
    assertThat(Set.of(found[0], found[1], found[2])).hasSize(3);
  }

  @Test
  void rowsThatDifferInOneValueHaveFingerprintsOfTheirOwn() {
    int rows = 100_000;
    double[] x = new double[rows];
    String[] t = new String[rows];
    for (int row = 0; row < rows; row++) {
      x[row] = row % 1000;
      t[row] = "t" + row / 1000;
    }
    Set<Long> different = new HashSet<>();
    for (long print : of(7, x, t)) {
      different.add(print);
    }
    assertThat(different).hasSize(rows);
  }

  @Test
  void valuesThatChangePlacesAreAnotherRow() {
    List<ModelInput> two = List.of(ModelInput.number("a"), ModelInput.number("b"));
    long[] found = new long[1];
    long[] swapped = new long[1];
    new RowFingerprint(two, 0).of(numbers(1, 2), found);
    new RowFingerprint(two, 0).of(numbers(2, 1), swapped);
    assertThat(found).isNotEqualTo(swapped);
  }

  private static ColumnBlock numbers(double a, double b) {
    return new ColumnBlock() {
      @Override
      public int rows() {
        return 1;
      }

      @Override
      public int columns() {
        return 2;
      }

      @Override
      public double[] numbers(int column) {
        return new double[] {column == 0 ? a : b};
      }

      @Override
      public @Nullable String[] texts(int column) {
        throw new AssertionError("no text");
      }
    };
  }
}
