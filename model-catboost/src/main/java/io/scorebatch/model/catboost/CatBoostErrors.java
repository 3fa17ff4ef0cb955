package io.scorebatch.model.catboost;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.OutputKind;
import java.nio.file.Path;
import java.util.Collection;
import java.util.stream.Collectors;

/** What can go wrong with a CatBoost file, in words. */
final class CatBoostErrors {
  private CatBoostErrors() {}

  static ScorebatchException missing(Path file) {
    return ScorebatchException.of(
        ErrorCode.MODEL_ARTIFACT_MISSING,
        "CatBoost file '" + file + "' does not exist.",
        "",
        "log the model again, or name the folder that holds it.");
  }

  static ScorebatchException notBinary(Path file) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "'" + file + "' is no CatBoost model in the format cbm.",
        "The Java library of CatBoost reads no other (JSON, CoreML, pickle …).",
        "save it with save_model(path, format='cbm').");
  }

  static ScorebatchException damaged(Path file, Throwable cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.MODEL_UNREADABLE,
            "CatBoost cannot read '" + file + "': " + cause.getMessage() + ".",
            "It is cut off, damaged, or of a newer version.",
            "copy the file again and compare its size."),
        cause);
  }

  static ScorebatchException unsupportedFeatures(Path file, Collection<String> names) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "'" + file + "' has text or embedding features: " + String.join(", ", names) + ".",
        "Scorebatch passes numbers and categories to CatBoost.",
        "score the model by Python.");
  }

  static ScorebatchException unsupportedLoss(Path file, String loss) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "'" + file + "' was trained with the loss function '" + loss + "'.",
        "What its predict answers is not checked here.",
        "score the model by Python.");
  }

  static ScorebatchException inputsDiffer(Path file, int own, int given) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNREADABLE,
        "'" + file + "' reads " + own + " features, the model's metadata names " + given + ".",
        "The features cannot be told apart.",
        "log the model again.");
  }

  static ScorebatchException kindUnavailable(
      Path file, OutputKind kind, Collection<OutputKind> offered) {
    return ScorebatchException.of(
        ErrorCode.OUTPUT_KIND_UNAVAILABLE,
        "'" + file + "' has no output for " + kind.configName() + ".",
        "It answers "
            + offered.stream()
                .sorted()
                .map(OutputKind::configName)
                .collect(Collectors.joining(", "))
            + ".",
        "ask for one of these.");
  }

  static ScorebatchException failed(Path file, Throwable cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.ENGINE_FAILED,
            "CatBoost failed to score with '" + file + "': " + cause.getMessage(),
            "",
            "score the rows with catboost in Python to compare."),
        cause);
  }
}
