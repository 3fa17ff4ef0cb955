package io.scorebatch.api.plan;

import java.util.List;
import java.util.Optional;

/**
 * Which rows of the key source are scored, and what becomes of rows that cannot be. Immutable.
 *
 * @param selections what a row must meet to be scored, all of them; empty for every row
 * @param sample how many of the rows selected are scored; empty for all
 * @param onBadRow what becomes of a row whose values the model cannot take
 * @param profileInputs whether the distribution of each number that goes into the model is told
 */
public record RowHandling(
    List<Selection> selections, Optional<Sample> sample, OnBadRow onBadRow, boolean profileInputs) {
  /** Every row; a bad one fails the model. */
  public static final RowHandling EVERY_ROW =
      new RowHandling(List.of(), Optional.empty(), OnBadRow.FAIL, false);

  public RowHandling {
    selections = List.copyOf(selections);
  }

  /**
   * What becomes of a bad row: one with a value that is no number where the model wants one, that
   * no column type can hold, that an on-demand function fails on or that the model refuses.
   */
  public enum OnBadRow {
    /** The call fails, naming the value and its key. */
    FAIL,
    /** The row is written; every column that comes from the model is NULL. */
    NULL,
    /** The row is left out. */
    SKIP
  }
}
