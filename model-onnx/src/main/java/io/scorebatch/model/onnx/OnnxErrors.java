package io.scorebatch.model.onnx;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.OutputKind;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What can go wrong with an ONNX file, in words. */
final class OnnxErrors {
  private OnnxErrors() {}

  static ScorebatchException missing(Path file) {
    return ScorebatchException.of(
        ErrorCode.MODEL_ARTIFACT_MISSING,
        "ONNX file '" + file + "' does not exist.",
        "",
        "log the model again, or name the folder that holds it.");
  }

  static ScorebatchException damaged(Path file, String what) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNREADABLE,
        "'" + file + "' is no readable ONNX file: " + what + ".",
        "It is cut off, damaged, or of another format.",
        "copy the file again and compare its size.");
  }

  static ScorebatchException interrupted(Path file) {
    return ScorebatchException.of(
        ErrorCode.INTERRUPTED, "Scoring with '" + file + "' was stopped.", "", "run it again.");
  }

  static ScorebatchException opsetTooNew(
      Path file, String domain, long wanted, long largest, String producer) {
    String by = producer.isEmpty() ? "" : " (written by " + producer + ")";
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "'" + file + "'" + by + " is stamped with opset " + wanted + " of " + domain + ".",
        "ONNX Runtime "
            + RuntimeLimits.VERSION
            + " knows "
            + domain
            + " up to opset "
            + largest
            + ".",
        "convert the model again with target_opset={'': "
            + RuntimeLimits.SUGGESTED_OPSET
            + ", 'ai.onnx.ml': "
            + RuntimeLimits.SUGGESTED_ML_OPSET
            + "}.");
  }

  static ScorebatchException irTooNew(Path file, long wanted) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "'" + file + "' has IR version " + wanted + ".",
        "ONNX Runtime "
            + RuntimeLimits.VERSION
            + " reads IR versions up to "
            + RuntimeLimits.LARGEST_IR_VERSION
            + ".",
        "write it with an older onnx package, or set model.ir_version before saving.");
  }

  static ScorebatchException unknownOperators(Path file, Collection<String> domains) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "'" + file + "' uses operators of " + quoted(domains) + ".",
        "They come from a library of custom operators, and Scorebatch loads none.",
        "convert the model with standard operators, or score it by Python.");
  }

  static ScorebatchException unsupportedInput(Path file, GraphValue input) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "'" + file + "' reads an input " + input + ".",
        "A row of columns can fill a tensor of float, double, int32, int64, bool or string of one"
            + " or two dimensions, its batch free or 1.",
        "export the model with such inputs, or score it by Python.");
  }

  static ScorebatchException unsupportedOutput(Path file, GraphValue output) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "'" + file + "' answers with an output " + output + ".",
        "A prediction table takes numbers, booleans and strings of one or two dimensions, and maps"
            + " of probabilities.",
        "export the model without this output, or score it by Python.");
  }

  static ScorebatchException columnsUnknown(Path file, GraphValue input) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "'" + file + "' does not say how many columns its input '" + input.name() + "' has.",
        "Neither does the model's signature.",
        "log the model with a signature, or export it with a fixed number of columns.");
  }

  static ScorebatchException columnsDiffer(Path file, GraphValue input, long columns, int given) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNREADABLE,
        "'"
            + file
            + "' reads "
            + columns
            + " columns in its input '"
            + input.name()
            + "', the"
            + " model's metadata names "
            + given
            + ".",
        "The columns cannot be told apart.",
        "log the model again with the signature it was converted with.");
  }

  static ScorebatchException namesDiffer(
      Path file, Collection<String> missing, Collection<String> unknown) {
    String what = "";
    if (!missing.isEmpty()) {
      what += " It reads " + quoted(missing) + ", which the model's metadata does not name.";
    }
    if (!unknown.isEmpty()) {
      what += " The metadata names " + quoted(unknown) + ", which it does not read.";
    }
    return ScorebatchException.of(
        ErrorCode.MODEL_UNREADABLE,
        "The inputs of '" + file + "' are not those of the model's metadata." + what,
        "Inputs are matched by name.",
        "log the model again with the signature it was converted with.");
  }

  static ScorebatchException kindUnavailable(Path file, OutputKind kind, List<OutputKind> offered) {
    return ScorebatchException.of(
        ErrorCode.OUTPUT_KIND_UNAVAILABLE,
        "'" + file + "' has no output for " + kind.configName() + ".",
        "It answers "
            + offered.stream().map(OutputKind::configName).collect(Collectors.joining(", "))
            + ".",
        "ask for one of these, or convert the model with that output.");
  }

  static ScorebatchException noProbability(Path file, String output, double value) {
    return ScorebatchException.of(
        ErrorCode.OUTPUT_KIND_UNAVAILABLE,
        "Output '" + output + "' of '" + file + "' holds " + value + ", which is no probability.",
        "The probabilities of a row lie between 0 and 1 and sum to 1. The model was converted with"
            + " raw_scores=True, or answers scores.",
        "convert it with raw_scores=False, or ask for predict.");
  }

  static ScorebatchException wrongSize(Path file, String output, long found, long wanted) {
    return ScorebatchException.of(
        ErrorCode.ENGINE_FAILED,
        "Output '"
            + output
            + "' of '"
            + file
            + "' has "
            + found
            + " values where "
            + wanted
            + " were expected.",
        "The file declares another shape than the model answers.",
        "export the model with the shapes of its outputs.");
  }

  static ScorebatchException unknownLabel(Path file, Object label) {
    return ScorebatchException.of(
        ErrorCode.ENGINE_FAILED,
        "'" + file + "' answered the label '" + label + "', which is not among its classes.",
        "",
        "convert the model again.");
  }

  static ScorebatchException failed(Path file, String doing, @Nullable Throwable cause) {
    String reason = cause == null || cause.getMessage() == null ? "" : cause.getMessage().strip();
    ScorebatchException failure =
        ScorebatchException.of(
            ErrorCode.ENGINE_FAILED,
            "ONNX Runtime failed to " + doing + " '" + file + "': " + reason,
            "",
            "run the file with onnxruntime in Python to compare; see docs/foreign-models.md.");
    return new ScorebatchException(failure.problems(), cause);
  }

  private static String quoted(Collection<String> names) {
    return names.stream().map(name -> "'" + name + "'").collect(Collectors.joining(", "));
  }
}
