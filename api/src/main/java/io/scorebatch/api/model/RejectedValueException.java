package io.scorebatch.api.model;

/** A value that the library that trained the model would refuse too. The engine finds its key. */
public final class RejectedValueException extends RuntimeException {
  /** What is wrong with the value. */
  public enum Reason {
    NAN("NaN or NULL"),
    INFINITE("infinite"),
    TOO_LARGE_FOR_FLOAT32("too large for float32"),
    UNKNOWN_CATEGORY("a category unknown to the model"),
    OUT_OF_RANGE("out of the range the model accepts");

    private final String text;

    Reason(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  private final int row;
  private final int input;
  private final Reason reason;
  private final String value;

  /**
   * @param row row of the block
   * @param input index into the scorer's inputs; -1 where the value is an intermediate one
   * @param reason what is wrong
   * @param value the value as text
   */
  public RejectedValueException(int row, int input, Reason reason, String value) {
    super("row " + row + ", input " + input + ": value " + value + " is " + reason.text());
    this.row = row;
    this.input = input;
    this.reason = reason;
    this.value = value;
  }

  public int row() {
    return row;
  }

  public int input() {
    return input;
  }

  public Reason reason() {
    return reason;
  }

  public String value() {
    return value;
  }
}
