package io.scorebatch.kernel;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.OutputKind;
import java.util.Collection;
import java.util.stream.Collectors;

/** Failures of making a scorer. */
final class KernelErrors {
  private KernelErrors() {}

  static ScorebatchException kindUnavailable(
      Model model, OutputKind kind, Collection<OutputKind> available) {
    return ScorebatchException.of(
        ErrorCode.OUTPUT_KIND_UNAVAILABLE,
        "Model " + model.origin().className() + " has no output '" + kind.configName() + "'.",
        "It answers "
            + available.stream()
                .map(OutputKind::configName)
                .sorted()
                .collect(Collectors.joining(", "))
            + ".",
        "ask for one of these in output_kind.");
  }

  static ScorebatchException kindMissing(String part, OutputKind kind) {
    return unsupported(
        part + " is asked for '" + kind.configName() + "', which it does not answer");
  }

  static ScorebatchException foreign(Model model) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "Model " + model.origin().className() + " is not a native model.",
        "Only its own runtime can score it.",
        "let the runtime that supports it make the scorer.");
  }

  static ScorebatchException columns(String part, int wanted, int given) {
    return unsupported(part + " reads " + wanted + " columns where " + given + " are given");
  }

  static ScorebatchException textColumn(String part, int column) {
    return unsupported(part + " reads numbers, but column " + column + " is text");
  }

  static ScorebatchException numberColumn(String part, int column) {
    return unsupported(part + " reads text, but column " + column + " holds numbers");
  }

  static ScorebatchException columnOutside(String part, int column, int count) {
    return unsupported(part + " reads column " + column + " of " + count);
  }

  static ScorebatchException pattern(String pattern, String why) {
    return unsupported("The token pattern '" + pattern + "' cannot be read: " + why);
  }

  private static ScorebatchException unsupported(String what) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        what + ".",
        "The parts of the model do not fit each other.",
        "log the model again; if it scores in Python, please report it.");
  }
}
