package io.scorebatch.api.model;

import java.util.List;

/**
 * Applies a model to blocks of rows. Immutable and safe for any number of threads at once; working
 * memory belongs to a call. Row i of the output answers row i of the input.
 */
public interface Scorer extends AutoCloseable {
  /** The columns it reads, in the order of the block's columns. */
  List<ModelInput> inputs();

  /** The columns it writes, in the order of the score block's columns. */
  List<ScoreColumn> outputs();

  /**
   * Scores all rows of a block.
   *
   * @throws RejectedValueException where the training library would refuse a value (NaN for models
   *     that know no missing values, infinities); nothing is known of the output then
   */
  void score(ColumnBlock in, ScoreBlock out);

  /**
   * Stops blocks under way where they run elsewhere, as when a run is cancelled; they fail, and so
   * does every later one. Native scorers, whose blocks are short, have nothing to do. From any
   * thread.
   */
  default void cancel() {}

  /**
   * What a person should know of the rows scored so far: values the model cannot tell apart. On a
   * cluster only what this JVM scored.
   */
  default List<String> notes() {
    return List.of();
  }

  /** Frees what a foreign runtime holds; nothing to do for native scorers. */
  @Override
  default void close() {}
}
