package io.scorebatch.kernel;

import java.util.Arrays;

/**
 * Ranks values among the thresholds of a feature: the rank is the number of thresholds below. All
 * comparisons are of doubles, exact. Immutable.
 *
 * <p>The range of the thresholds is cut into equal slots. A value's slot tells how many thresholds
 * lie in the slots before it; the few in its own slot are searched by halves, without branches.
 * Rounding does no harm: a greater value never falls into an earlier slot.
 */
final class ThresholdRanks {
  private static final int SLOTS_A_THRESHOLD = 8;
  private static final int MAX_SLOTS = 2048;

  /** Most thresholds a feature may have. */
  static final int MAX = Character.MAX_VALUE - 2;

  private final int size;

  /** Ascending, then some of the greatest double, so that a search may look past the end. */
  private final double[] thresholds;

  private final char[] before;
  private final double first;
  private final double slotsAUnit;

  /** First step of the search, a power of two; 0 where there are no thresholds. */
  private final int step;

  /**
   * @param sorted distinct, ascending, finite, no negative zero, at most {@link #MAX}
   */
  ThresholdRanks(double[] sorted) {
    size = sorted.length;
    before = new char[Math.min(MAX_SLOTS, Math.max(1, size * SLOTS_A_THRESHOLD))];
    first = size == 0 ? 0 : sorted[0];
    double range = size == 0 ? 0 : sorted[size - 1] - first;
    slotsAUnit = Math.min((before.length - 1) / range, Double.MAX_VALUE);
    int[] counts = new int[before.length];
    for (double threshold : sorted) {
      counts[slot(threshold)]++;
    }
    int most = 0;
    int sum = 0;
    for (int s = 0; s < counts.length; s++) {
      before[s] = (char) sum;
      sum += counts[s];
      most = Math.max(most, counts[s]);
    }
    step = Integer.highestOneBit(most);
    thresholds = Arrays.copyOf(sorted, size + 2 * step);
    Arrays.fill(thresholds, size, thresholds.length, Double.MAX_VALUE);
  }

  int size() {
    return size;
  }

  /** The rank of NaN: above all others. */
  int rankOfNan() {
    return size + 1;
  }

  /** The rank of a value. */
  int rank(double x) {
    int at = before[slot(x)];
    for (int s = step; s > 0; s >>= 1) {
      at += s & below(at + s - 1, x);
    }
    return known(x, at);
  }

  /** Writes the ranks of some values, first rounded to floats where {@code single}. */
  void rank(double[] x, int start, int count, boolean single, int[] ranks) {
    int r = 0;
    for (; r + 4 <= count; r += 4) {
      int i = start + r;
      double v0 = single ? (float) x[i] : x[i];
      double v1 = single ? (float) x[i + 1] : x[i + 1];
      double v2 = single ? (float) x[i + 2] : x[i + 2];
      double v3 = single ? (float) x[i + 3] : x[i + 3];
      int at0 = before[slot(v0)];
      int at1 = before[slot(v1)];
      int at2 = before[slot(v2)];
      int at3 = before[slot(v3)];
      for (int s = step; s > 0; s >>= 1) {
        at0 += s & below(at0 + s - 1, v0);
        at1 += s & below(at1 + s - 1, v1);
        at2 += s & below(at2 + s - 1, v2);
        at3 += s & below(at3 + s - 1, v3);
      }
      ranks[r] = known(v0, at0);
      ranks[r + 1] = known(v1, at1);
      ranks[r + 2] = known(v2, at2);
      ranks[r + 3] = known(v3, at3);
    }
    for (; r < count; r++) {
      ranks[r] = rank(single ? (float) x[start + r] : x[start + r]);
    }
  }

  private int known(double value, int rank) {
    return Double.isNaN(value) ? size + 1 : Math.min(rank, size);
  }

  private int slot(double value) {
    return Math.max(0, Math.min((int) ((value - first) * slotsAUnit), before.length - 1));
  }

  /** All bits where a threshold is below the value: the sign of a difference is exact. */
  private int below(int threshold, double value) {
    return (int) (Double.doubleToRawLongBits(thresholds[threshold] - value) >> 63);
  }
}
