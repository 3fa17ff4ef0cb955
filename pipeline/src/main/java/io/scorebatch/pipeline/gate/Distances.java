package io.scorebatch.pipeline.gate;

import io.scorebatch.api.engine.Distribution;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far two distributions lie apart. Both have the bins of {@link Distribution}, so that nothing
 * is estimated: values of one bin count as one value.
 */
final class Distances {
  private static final int GROUPS = 10;
  private static final double LEAST_SHARE = 1e-4;

  private Distances() {}

  /**
   * Population stability index: the sum of (p − q) · ln(p / q) over groups of values, p and q being
   * the shares of either side. The groups are the tenths of the baseline (its inverted cumulative
   * distribution at 0.1, 0.2, … 1), what lies below and above it, and what is missing. A share of
   * less than 0.0001 counts as that.
   *
   * @return 0 for equal shares; symmetric only where both give the same groups; 0 where the
   *     baseline or the other side has no row
   */
  static double psi(Distribution baseline, Distribution now) {
    List<Integer> ends = tenths(baseline);
    double[] expected = shares(baseline, ends);
    double[] actual = shares(now, ends);
    double sum = 0;
    for (int i = 0; i < expected.length; i++) {
      double p = Math.max(actual[i], LEAST_SHARE);
      double q = Math.max(expected[i], LEAST_SHARE);
      sum += (p - q) * Math.log(p / q);
    }
    return rows(baseline) == 0 || rows(now) == 0 ? 0 : sum;
  }

  /** The last bin of each tenth; first the bin before the smallest. */
  private static List<Integer> tenths(Distribution baseline) {
    List<Integer> ends = new ArrayList<>();
    long count = baseline.count();
    if (count == 0) {
      return ends;
    }
    ends.add(baseline.bins().firstKey() - 1);
    long below = 0;
    for (Map.Entry<Integer, Long> bin : baseline.bins().entrySet()) {
      long tenth = below * GROUPS / count;
      below += bin.getValue();
      if (below * GROUPS / count > tenth) {
        ends.add(bin.getKey());
      }
    }
    return ends;
  }

  /** The share of each group: up to each end, above the last, missing. */
  private static double[] shares(Distribution distribution, List<Integer> ends) {
    double rows = Math.max(1, rows(distribution));
    double[] shares = new double[ends.size() + 2];
    int group = 0;
    for (Map.Entry<Integer, Long> bin : distribution.bins().entrySet()) {
      while (group < ends.size() && bin.getKey() > ends.get(group)) {
        group++;
      }
      shares[group] += bin.getValue() / rows;
    }
    shares[ends.size() + 1] = distribution.missing() / rows;
    return shares;
  }

  private static long rows(Distribution distribution) {
    return distribution.count() + distribution.missing();
  }

  /**
   * Two-sample Kolmogorov-Smirnov statistic: the greatest difference of the cumulative shares of
   * values, without those that are missing; 0 to 1.
   *
   * @return 0 where either side has no value
   */
  static double ks(Distribution one, Distribution other) {
    long ofAllOne = one.count();
    long ofAllOther = other.count();
    if (ofAllOne == 0 || ofAllOther == 0) {
      return 0;
    }
    SortedMap<Integer, long[]> both = new TreeMap<>();
    one.bins().forEach((bin, rows) -> both.computeIfAbsent(bin, b -> new long[2])[0] += rows);
    other.bins().forEach((bin, rows) -> both.computeIfAbsent(bin, b -> new long[2])[1] += rows);
    long ofOne = 0;
    long ofOther = 0;
    double greatest = 0;
    for (long[] rows : both.values()) {
      ofOne += rows[0];
      ofOther += rows[1];
      double apart = (double) ofOne / ofAllOne - (double) ofOther / ofAllOther;
      greatest = Math.max(greatest, Math.abs(apart));
    }
    return greatest;
  }
}
