package io.scorebatch.api.model;

import org.jspecify.annotations.Nullable;

/**
 * Some rows as columns: what a scorer reads. Valid only while the call that was given it lasts; a
 * scorer must not keep or change the arrays. One thread at a time.
 */
public interface ColumnBlock {
  /** Number of rows; arrays may be longer. */
  int rows();

  int columns();

  /** Values of a numeric column, NaN where missing. */
  double[] numbers(int column);

  /** Values of a text column, null where missing. */
  @Nullable String[] texts(int column);
}
