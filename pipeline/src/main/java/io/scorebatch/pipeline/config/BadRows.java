package io.scorebatch.pipeline.config;

import io.scorebatch.api.plan.RowHandling.OnBadRow;
import java.util.Optional;

/**
 * What becomes of rows a model cannot take. Immutable.
 *
 * @param action fail, write without a prediction, or leave out
 * @param budget how many there may be before the model fails; empty where one is too many
 * @param quarantine whether they are kept in a table of their own
 */
public record BadRows(OnBadRow action, Optional<Budget> budget, boolean quarantine) {
  /** The first one fails the model. */
  public static final BadRows FAIL = new BadRows(OnBadRow.FAIL, Optional.empty(), false);

  /**
   * How many rows may be bad.
   *
   * @param amount a number of rows, or a share of them from 0 to 1
   * @param share whether it is a share
   */
  public record Budget(double amount, boolean share) {
    /** One row in a hundred: what a pipeline that says nothing has. */
    public static final Budget USUAL = new Budget(0.01, true);
  }
}
