package io.scorebatch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ThresholdRanksTest {
  private static final double[] EDGES = {
    0.0,
    -0.0,
    Double.MIN_VALUE,
    -Double.MIN_VALUE,
    Double.MAX_VALUE,
    -Double.MAX_VALUE,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY
  };

  @Property(tries = 300)
  void countTheThresholdsBelow(
      @ForAll @Size(max = 40)
          double @DoubleRange(min = -Double.MAX_VALUE, max = Double.MAX_VALUE) [] thresholds) {
    assertRanksEdges(sorted(thresholds));
  }

  @Property(tries = 60)
  void countTheThresholdsBelowHoweverTheyCrowd(@ForAll long seed) {
    Random random = new Random(seed);
    double[] thresholds = new double[random.nextInt(1000)];
    for (int i = 0; i < thresholds.length; i++) {
      double scale = Math.scalb(1.0, random.nextInt(3) * 400 - 400);
      thresholds[i] = random.nextInt(4) == 0 ? (float) random.nextGaussian() * scale : 1 + i * 1e-9;
    }
    assertRanksEdges(sorted(thresholds));
  }

  private static double[] sorted(double[] thresholds) {
    return Arrays.stream(thresholds).map(t -> t + 0.0).sorted().distinct().toArray();
  }

  private static void assertRanksEdges(double[] thresholds) {
    double[] values = new double[3 * thresholds.length + EDGES.length];
    int n = 0;
    for (double threshold : thresholds) {
      values[n++] = threshold;
      values[n++] = Math.nextUp(threshold);
      values[n++] = Math.nextDown(threshold);
    }
    System.arraycopy(EDGES, 0, values, n, EDGES.length);
    ThresholdRanks ranks = new ThresholdRanks(thresholds);
    int[] doubles = new int[values.length];
    int[] singles = new int[values.length];
    ranks.rank(values, 0, values.length, false, doubles);
    ranks.rank(values, 0, values.length, true, singles);
    assertThat(doubles).isEqualTo(below(thresholds, values));
    double[] rounded = Arrays.stream(values).map(v -> (float) v).toArray();
    assertThat(singles).isEqualTo(below(thresholds, rounded));
    assertThat(Arrays.stream(values).mapToInt(ranks::rank).toArray()).isEqualTo(doubles);
  }

  private static int[] below(double[] thresholds, double[] values) {
    return Arrays.stream(values)
        .mapToInt(v -> (int) Arrays.stream(thresholds).filter(t -> t < v).count())
        .toArray();
  }

  @Test
  void withoutThresholdsAreZero() {
    ThresholdRanks ranks = new ThresholdRanks(new double[0]);
    assertThat(ranks.size()).isZero();
    assertThat(ranks.rank(Double.POSITIVE_INFINITY)).isZero();
    assertThat(ranks.rank(-1)).isZero();
    assertThat(ranks.rank(Double.NaN)).isEqualTo(ranks.rankOfNan()).isEqualTo(1);
  }

  @Test
  void leaveTheRowsBeforeTheStartOut() {
    int[] ranks = new int[6];
    new ThresholdRanks(new double[] {1, 2})
        .rank(new double[] {9, 0, 1, 1.5, 2, Double.NaN, 3}, 1, 6, false, ranks);
    assertThat(ranks).containsExactly(0, 0, 1, 1, 3, 2);
  }
}
