package io.scorebatch.api.engine;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Counts over the rows selected to be scored, bad ones included. Immutable.
 *
 * @param keys rows of the key source: those within the bounds of {@link
 *     io.scorebatch.api.plan.Selection.Between}, each once where distinct ones are asked for
 * @param selected rows of them that were to be scored: those the selections and the sample left
 * @param rows rows written
 * @param badRows rows of those selected that the model could not take; they were left out or
 *     written with NULL
 * @param positives rows whose flag column (the first {@link
 *     io.scorebatch.api.plan.OutputValue.ScoreBelow} or {@code ScoreAbove} of the outputs) is 1;
 *     empty where there is none
 * @param predictions the numbers behind the first score column: of labels, their indices; empty
 *     where there is no score or it is text
 * @param inputs the numbers that went into the model, by input, where the plan asks for them
 * @param nullPredictions rows without a prediction: NULL or NaN
 * @param lookups one entry a look-up step, in the plan's order
 * @param notes how the engine carried the plan out, for people: {@code keys are the table's own and
 *     unique: scanned without a join}
 */
public record ScoreStatistics(
    long keys,
    long selected,
    long rows,
    long badRows,
    long nullPredictions,
    OptionalLong positives,
    Optional<Distribution> predictions,
    Map<String, Distribution> inputs,
    List<LookupStatistics> lookups,
    List<String> notes) {
  public ScoreStatistics {
    inputs = Map.copyOf(inputs);
    lookups = List.copyOf(lookups);
    notes = List.copyOf(notes);
  }

  /** Of rows that were all selected and all good, without distributions. */
  public ScoreStatistics(
      long keys,
      long rows,
      long nullPredictions,
      List<LookupStatistics> lookups,
      List<String> notes) {
    this(
        keys,
        keys,
        rows,
        0,
        nullPredictions,
        OptionalLong.empty(),
        Optional.empty(),
        Map.of(),
        lookups,
        notes);
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
