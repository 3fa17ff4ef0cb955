package io.scorebatch.kernel;

/** A transform made ready. Immutable, thread-safe. */
interface Step {
  /** The columns it writes. */
  Columns out();

  /** Applies it to all rows; never writes to the arrays of {@code in}. */
  Frame apply(Frame in);
}
