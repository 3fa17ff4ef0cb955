package io.scorebatch.engine.spark;

import io.scorebatch.api.plan.InputBinding;
import io.scorebatch.api.plan.OutputColumn;

/** A value that is none of the type it should become. The driver finds its key. */
final class UnfitValueException extends RuntimeException {
  private final boolean isInput;
  private final String name;
  private final String from;
  private final String wanted;
  private final String value;

  private UnfitValueException(
      boolean isInput, String name, String from, String wanted, String value) {
    super(value + " of '" + name + "' is no " + wanted);
    this.isInput = isInput;
    this.name = name;
    this.from = from;
    this.wanted = wanted;
    this.value = value;
  }

  static UnfitValueException ofInput(InputBinding binding, Object value) {
    String wanted =
        switch (binding.conversion()) {
          case WHOLE_32 -> "integer of 32 bits";
          case WHOLE_64 -> "integer of 64 bits";
          case NUMBER, TEXT, NUMBER_OR_ZERO -> "number";
        };
    boolean whole = value instanceof Double && binding.columnType().isInteger();
    return new UnfitValueException(
        true,
        binding.input(),
        binding.columnType().sparkName(),
        wanted,
        SparkFailures.show(whole ? (Object) ((Double) value).longValue() : value));
  }

  static UnfitValueException ofScore(OutputColumn output, double score) {
    return new UnfitValueException(
        false,
        output.column().name(),
        "double",
        output.column().type().sparkName(),
        SparkFailures.show(score));
  }

  /** Whether it is a value of a model input; else it is one of an output column. */
  boolean isInput() {
    return isInput;
  }

  /** The name of the input or output column. */
  String name() {
    return name;
  }

  String from() {
    return from;
  }

  String wanted() {
    return wanted;
  }

  String value() {
    return value;
  }
}
