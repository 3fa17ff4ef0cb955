package io.scorebatch.api.engine;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How the values of a number column are spread: exact counts in bins whose bounds are the same for
 * every column and every run, so that two distributions can be compared and parts of one be added.
 *
 * <p>Bin 0 holds zero. Bin k > 0 holds positive numbers whose exponent and first three mantissa
 * bits, read as one number, are k − 1: each power of two is cut into eight. Bin −k holds their
 * negatives. Infinities have the outermost bins. Immutable.
 *
 * @param missing rows without a value: NULL or NaN
 * @param bins rows by bin, without empty ones
 * @param min the smallest value; NaN for none
 * @param max the largest value; NaN for none
 * @param sum of the finite values, added in no particular order
 */
public record Distribution(
    long missing, SortedMap<Integer, Long> bins, double min, double max, double sum) {
  private static final int MANTISSA_BITS = 3;
  private static final int SHIFT = 52 - MANTISSA_BITS;

  public Distribution {
    bins = Collections.unmodifiableSortedMap(new TreeMap<>(bins));
  }

  /** Rows with a value. */
  public long count() {
    return bins.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The bin of a value that is no NaN. */
  static int bin(double value) {
    int place = (int) ((Double.doubleToRawLongBits(value) & Long.MAX_VALUE) >>> SHIFT);
    if (value == 0) {
      return 0;
    }
    return value < 0 ? -place - 1 : place + 1;
  }

  /** The smallest magnitude a bin holds, with its sign. */
  public static double bound(int bin) {
    if (bin == 0) {
      return 0;
    }
    double magnitude = Double.longBitsToDouble((long) (Math.abs(bin) - 1) << SHIFT);
    return bin < 0 ? -magnitude : magnitude;
  }

  /** Both together, as of one column. */
  public Distribution plus(Distribution other) {
    TreeMap<Integer, Long> all = new TreeMap<>(bins);
    other.bins.forEach((bin, rows) -> all.merge(bin, rows, Long::sum));
    return new Distribution(
        missing + other.missing,
        all,
        least(min, other.min),
        -least(-max, -other.max),
        sum + other.sum);
  }

  private static double least(double one, double other) {
    return Double.isNaN(one) ? other : Double.isNaN(other) ? one : Math.min(one, other);
  }
}
