package io.scorebatch.pipeline.config;

/** What becomes of the rows a prediction table has when a batch is written to it. */
public enum WriteMode {
  /** Rows and schema are replaced. */
  OVERWRITE,
  /** They stay; the batch is added. */
  APPEND,
  /** Rows with a key of the batch are replaced, others stay. */
  MERGE,
  /** The rows of a part of the table are replaced, others stay. See {@link WriteSpec.Part}. */
  REPLACE_WHERE
}
