package io.scorebatch.report;

import io.scorebatch.api.engine.SqlEngine;

/** Prints the rows of a result in one format; {@link #close} ends the output. One thread. */
public sealed interface RowPrinter extends SqlEngine.Rows, AutoCloseable
    permits TableRowPrinter, CsvRowPrinter, JsonRowPrinter {
  /** Writes what is still held back, and the end of the format. */
  @Override
  void close();
}
