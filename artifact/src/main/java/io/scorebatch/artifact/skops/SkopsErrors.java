package io.scorebatch.artifact.skops;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import java.util.Collection;

/** All failures of reading skops files. */
final class SkopsErrors {
  private SkopsErrors() {}

  static ScorebatchException damaged(String source, String what) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNREADABLE,
        source + " is not a readable skops file: " + what + ".",
        "",
        "Check that the file was copied whole; else save the model again from Python.");
  }

  static ScorebatchException hostile(String source, String what) {
    return ScorebatchException.of(
        ErrorCode.MODEL_REFUSED,
        source + " " + what + ".",
        "skops never writes such a file: it is damaged or hostile.",
        "Save the model again from Python.");
  }

  static ScorebatchException refused(String source, Collection<String> names) {
    return ScorebatchException.of(
        ErrorCode.MODEL_REFUSED,
        source + " names " + String.join(", ", names) + ".",
        "Only known classes are read from a skops file; Scorebatch never runs what a file names.",
        "Score the model with Python (python: allow) if you trust the file, or log a model that is"
            + " made of supported classes only.");
  }

  static ScorebatchException unsupported(String source, String what) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        source + " holds " + what + ".",
        "",
        "Save the model with a current skops, or score it with Python (python: allow).");
  }
}
