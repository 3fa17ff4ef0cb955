package io.scorebatch.api.model;

/**
 * A step that reads the columns of a row and writes columns. Columns are numbers (float64, NaN
 * where missing) or text (null where missing). Each record states formula and order of operations.
 */
public sealed interface Transform {
  /** What a check does with values that are not finite. */
  enum Accept {
    /** Anything passes: no check. */
    ALL,
    /** NaN and infinities are refused, and what float32 cannot hold. */
    FINITE_FLOAT,
    /** NaN passes; infinities are refused, and what float32 cannot hold. */
    FINITE_FLOAT_OR_NAN,
    /** NaN and infinities are refused. */
    FINITE,
    /** NaN passes; infinities are refused. */
    FINITE_OR_NAN
  }

  /**
   * Passes all columns on as they are, or refuses the row with a {@link RejectedValueException}, as
   * the library's own input check does ({@code check_array}). A library that checks nothing needs
   * no such step. Text is not looked at.
   */
  record Check(Accept accept) implements Transform {}

  /**
   * Numbers equal to a value become NaN: XGBoost's {@code missing}. Compared as float32, as XGBoost
   * does.
   */
  record ValueToNan(double value) implements Transform {}

  /** The columns named, in this order; one may be named twice. */
  record Select(int[] columns) implements Transform {}
}
