package io.scorebatch.api.table;

import java.util.stream.LongStream;

/** Rows of a data file that a deletion vector takes away. Thread-safe. */
public interface DeletedRows {
  long count();

  /** Zero-based physical positions in the file, ascending. */
  LongStream positions();
}
