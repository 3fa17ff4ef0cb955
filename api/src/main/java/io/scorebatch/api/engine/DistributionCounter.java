package io.scorebatch.api.engine;

import java.util.Arrays;
import java.util.TreeMap;

/** Counts values into a {@link Distribution}. One thread at a time. */
public final class DistributionCounter {
  private static final int STEP = 64;

  private long[] counts = new long[STEP];
  private int first = -STEP / 2;
  private long missing;
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;
  private double sum;

  /** Counts the first values of an array; a NaN is missing. */
  public void add(double[] values, int rows) {
    for (int row = 0; row < rows; row++) {
      double value = values[row];
      if (Double.isNaN(value)) {
        missing++;
        continue;
      }
      int place = Distribution.bin(value) - first;
      if (place < 0 || place >= counts.length) {
        place = widened(place);
      }
      counts[place]++;
      min = Math.min(min, value);
      max = Math.max(max, value);
      if (!Double.isInfinite(value)) {
        sum += value;
      }
    }
  }

  private int widened(int place) {
    if (place < 0) {
      int more = (-place / STEP + 1) * STEP;
      long[] wider = new long[counts.length + more];
      System.arraycopy(counts, 0, wider, more, counts.length);
      counts = wider;
      first -= more;
      return place + more;
    }
    counts = Arrays.copyOf(counts, (place / STEP + 1) * STEP);
    return place;
  }

  /** What was counted so far. */
  public Distribution distribution() {
    TreeMap<Integer, Long> bins = new TreeMap<>();
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0) {
        bins.put(first + i, counts[i]);
      }
    }
    boolean none = bins.isEmpty();
    return new Distribution(missing, bins, none ? Double.NaN : min, none ? Double.NaN : max, sum);
  }
}
