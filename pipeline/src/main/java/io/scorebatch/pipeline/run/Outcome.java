package io.scorebatch.pipeline.run;

/** What became of a batch that was to be published. */
sealed interface Outcome {
  /** It is a version of the table. */
  record Committed(long version) implements Outcome {}

  /** It changes nothing, so no version was made. */
  record Unchanged() implements Outcome {}

  /** Another batch of the same model came first: this one was chosen by what no longer holds. */
  record Overtaken() implements Outcome {}

  /** A run that started later has committed: this one's rows would be older than the table's. */
  record Superseded() implements Outcome {}
}
