package io.scorebatch.engine.spark;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.apache.spark.sql.catalyst.InternalRow;

/** Counts of true flags, and least and greatest of numbers, over rows. One thread at a time. */
final class Tallies implements Serializable {
  private final long[] counts;
  private final long[] least;
  private final long[] greatest;

  Tallies(int flags, int ranges) {
    counts = new long[flags];
    least = new long[ranges];
    greatest = new long[ranges];
    Arrays.fill(least, Long.MAX_VALUE);
    Arrays.fill(greatest, Long.MIN_VALUE);
  }

  /** A row whose flags, then numbers, start at a column. */
  void add(InternalRow row, int first) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += row.getBoolean(first + i) ? 1 : 0;
    }
    for (int i = 0; i < least.length; i++) {
      int column = first + counts.length + i;
      if (!row.isNullAt(column)) {
        least[i] = Math.min(least[i], row.getLong(column));
        greatest[i] = Math.max(greatest[i], row.getLong(column));
      }
    }
  }

  static long count(List<Tallies> all, int flag) {
    return all.stream().mapToLong(t -> t.counts[flag]).sum();
  }

  /** Empty where every number was NULL. */
  static OptionalLong least(List<Tallies> all, int range) {
    return known(all, range).stream().mapToLong(t -> t.least[range]).min();
  }

  /** Empty where every number was NULL. */
  static OptionalLong greatest(List<Tallies> all, int range) {
    return known(all, range).stream().mapToLong(t -> t.greatest[range]).max();
  }

  private static List<Tallies> known(List<Tallies> all, int range) {
    return all.stream().filter(t -> t.least[range] <= t.greatest[range]).toList();
  }
}
