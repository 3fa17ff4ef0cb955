package io.scorebatch.api.engine;

import java.util.List;
import java.util.Optional;

/**
 * Counts over the scored rows. Immutable.
 *
 * @param keys rows of the key source
 * @param rows rows written
 * @param nullPredictions rows whose {@code prediction} is NULL or NaN
 * @param lookups one entry a look-up step, in the plan's order
 * @param notes how the engine carried the plan out, for people: {@code keys are the table's own and
 *     unique: scanned without a join}
 */
public record ScoreStatistics(
    long keys,
    long rows,
    long nullPredictions,
    List<LookupStatistics> lookups,
    List<String> notes) {
  public ScoreStatistics {
    lookups = List.copyOf(lookups);
    notes = List.copyOf(notes);
  }

  /**
   * What a look-up found.
   *
   * @param table the feature table
   * @param tableVersion its version
   * @param matched rows whose key was there
   * @param missing rows whose key was not there, was NULL, or had nothing within the look-back
   * @param evidence more about them; empty where the engine does not tell
   * @param overridden features of the look-up that the keys brought instead
   */
  public record LookupStatistics(
      String table,
      long tableVersion,
      long matched,
      long missing,
      Optional<LookupEvidence> evidence,
      List<String> overridden) {
    public LookupStatistics {
      overridden = List.copyOf(overridden);
    }

    /** Without evidence. */
    public LookupStatistics(String table, long tableVersion, long matched, long missing) {
      this(table, tableVersion, matched, missing, Optional.empty(), List.of());
    }

    /** Share of rows matched, 0 to 1; 1 for no rows. */
    public double matchRate() {
      long all = matched + missing;
      return all == 0 ? 1.0 : (double) matched / all;
    }
  }
}
