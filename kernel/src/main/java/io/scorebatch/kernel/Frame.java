package io.scorebatch.kernel;

import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.RejectedValueException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Some rows as columns on their way through a model. Arrays may be longer than {@code rows} and may
 * be shared with other frames and with the caller: nobody writes to them.
 */
final class Frame {
  final int rows;
  private final int firstRow;
  private final double[] @Nullable [] numbers;
  private final @Nullable String[] @Nullable [] texts;
  private final UnknownCategories unknown;

  /**
   * @param rows number of rows
   * @param firstRow where the first row stands in the caller's block, to name it in errors
   * @param numbers numeric columns, null for text columns
   * @param texts text columns, null for numeric columns
   * @param unknown counts values that are no category
   */
  Frame(
      int rows,
      int firstRow,
      double[] @Nullable [] numbers,
      @Nullable String[] @Nullable [] texts,
      UnknownCategories unknown) {
    this.rows = rows;
    this.firstRow = firstRow;
    this.numbers = numbers;
    this.texts = texts;
    this.unknown = unknown;
  }

  /** Rows whose unknown values nobody asks for. */
  Frame(
      int rows,
      int firstRow,
      double[] @Nullable [] numbers,
      @Nullable String[] @Nullable [] texts) {
    this(rows, firstRow, numbers, texts, new UnknownCategories());
  }

  /** A frame of these columns with the rows of this one. */
  Frame with(double[][] columns) {
    return new Frame(rows, firstRow, columns, new String[columns.length][], unknown);
  }

  Frame with(double[] @Nullable [] columns, @Nullable String[] @Nullable [] textColumns) {
    return new Frame(rows, firstRow, columns, textColumns, unknown);
  }

  int columns() {
    return numbers.length;
  }

  double[] numbers(int column) {
    double[] values = numbers[column];
    if (values == null) {
      throw new IllegalStateException("column " + column + " is text");
    }
    return values;
  }

  @Nullable String[] texts(int column) {
    @Nullable String[] values = texts[column];
    if (values == null) {
      throw new IllegalStateException("column " + column + " is not text");
    }
    return values;
  }

  /** Columns as they are, null where text. */
  double @Nullable [] numbersOrNull(int column) {
    return numbers[column];
  }

  @Nullable String @Nullable [] textsOrNull(int column) {
    return texts[column];
  }

  UnknownCategories unknown() {
    return unknown;
  }

  RejectedValueException reject(int row, int origin, Reason reason, String value) {
    return new RejectedValueException(firstRow + row, origin, reason, value);
  }
}
