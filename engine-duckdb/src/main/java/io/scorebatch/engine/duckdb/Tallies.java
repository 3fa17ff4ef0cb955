package io.scorebatch.engine.duckdb;

import io.scorebatch.api.engine.LookupEvidence;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.duckdb.BlockFunction;
import org.duckdb.BlockFunction.Block;
import org.duckdb.BlockFunction.ValueType;

/**
 * Counts what look-ups found, from BIGINT columns: their bits, then for each point in time the time
 * used and the time asked for. Immutable; each thread counts in a {@link Tally} of its own.
 *
 * @param lookups how many look-ups there are
 * @param moments how many of them have a point in time
 */
record Tallies(int lookups, int moments) {
  private static final int CODES = 1 << LookupEvidence.BITS;
  private static final long NONE = Long.MIN_VALUE;

  /** What a look-up found. */
  record Total(long rows, long matched, long nullValues, long defaulted, long stale) {}

  /** Times of the feature rows a look-up used. */
  record Times(Optional<Instant> oldest, Optional<Instant> newest, Optional<Duration> greatestAge) {
    static final Times NONE = new Times(Optional.empty(), Optional.empty(), Optional.empty());
  }

  private int columns() {
    return (lookups + LookupEvidence.LOOKUPS - 1) / LookupEvidence.LOOKUPS;
  }

  List<ValueType> parameters() {
    return new ArrayList<>(Collections.nCopies(columns() + 2 * moments, ValueType.BIGINT));
  }

  Tally start() {
    return new Tally(this);
  }

  Total total(int lookup, List<Tally> tallies) {
    long[] codes = new long[CODES];
    for (Tally tally : tallies) {
      for (int code = 0; code < CODES; code++) {
        codes[code] += tally.codes[lookup][code];
      }
    }
    return new Total(
        Arrays.stream(codes).sum(),
        sum(codes, LookupEvidence.MATCHED),
        sum(codes, LookupEvidence.NULL_VALUE),
        sum(codes, LookupEvidence.DEFAULTED),
        sum(codes, LookupEvidence.STALE));
  }

  private static long sum(long[] codes, int bit) {
    long sum = 0;
    for (int code = 0; code < codes.length; code++) {
      sum += (code & bit) == 0 ? 0 : codes[code];
    }
    return sum;
  }

  Times times(int moment, List<Tally> tallies) {
    long oldest = Long.MAX_VALUE;
    long newest = NONE;
    long age = NONE;
    for (Tally tally : tallies) {
      oldest = Math.min(oldest, tally.oldest[moment]);
      newest = Math.max(newest, tally.newest[moment]);
      age = Math.max(age, tally.age[moment]);
    }
    return newest == NONE
        ? Times.NONE
        : new Times(
            Optional.of(Instant.EPOCH.plus(oldest, ChronoUnit.MICROS)),
            Optional.of(Instant.EPOCH.plus(newest, ChronoUnit.MICROS)),
            Optional.of(Duration.of(age, ChronoUnit.MICROS)));
  }

  /** One thread's counts. */
  static final class Tally {
    private final int lookups;
    private final long[][] codes;
    private final long[] oldest;
    private final long[] newest;
    private final long[] age;
    private final long[] first = new long[BlockFunction.blockRows()];
    private final long[] second = new long[BlockFunction.blockRows()];

    private Tally(Tallies tallies) {
      lookups = tallies.lookups;
      codes = new long[lookups][CODES];
      oldest = new long[tallies.moments];
      newest = new long[tallies.moments];
      age = new long[tallies.moments];
      Arrays.fill(oldest, Long.MAX_VALUE);
      Arrays.fill(newest, NONE);
      Arrays.fill(age, NONE);
    }

    /** Counts a block whose columns of evidence start at a place. */
    void add(Block block, int from) {
      int column = from;
      for (int lookup = 0; lookup < lookups; lookup += LookupEvidence.LOOKUPS) {
        block.integers(column++, first, 0);
        int here = Math.min(LookupEvidence.LOOKUPS, lookups - lookup);
        for (int i = 0; i < here; i++) {
          long[] counts = codes[lookup + i];
          int shift = i * LookupEvidence.BITS;
          for (int row = 0; row < block.rows(); row++) {
            counts[(int) (first[row] >>> shift) & CODES - 1]++;
          }
        }
      }
      for (int moment = 0; moment < oldest.length; moment++) {
        block.integers(column++, first, NONE);
        block.integers(column++, second, NONE);
        for (int row = 0; row < block.rows(); row++) {
          if (first[row] != NONE) {
            oldest[moment] = Math.min(oldest[moment], first[row]);
            newest[moment] = Math.max(newest[moment], first[row]);
            age[moment] = Math.max(age[moment], saturated(second[row], first[row]));
          }
        }
      }
    }

    private static long saturated(long asked, long used) {
      try {
        return Math.subtractExact(asked, used);
      } catch (ArithmeticException e) {
        return Long.MAX_VALUE;
      }
    }
  }
}
