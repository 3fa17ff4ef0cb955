package io.scorebatch.artifact.lightgbm;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import java.util.Collection;

/** What can be wrong with a LightGBM model. */
final class LightgbmErrors {
  private LightgbmErrors() {}

  static ScorebatchException damaged(String source, String why) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNREADABLE,
        source + " is no readable LightGBM model: " + why + ".",
        "",
        "save the model again with save_model(\"model.txt\") or log it again.");
  }

  static ScorebatchException unsupported(String source, String what) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        source + " has " + what + ".",
        "Scorebatch cannot compute that itself.",
        "score the model with Python (python: allow).");
  }

  static ScorebatchException ambiguousCategories(
      String source, int lists, Collection<String> columns) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        source
            + " holds "
            + lists
            + " lists of categories for the categorical columns "
            + String.join(", ", columns)
            + ".",
        "The file does not say which columns were pandas categories and which hold integer codes,"
            + " and a wrong guess would give wrong numbers.",
        "log the model with a signature whose text columns have the type string, or make all of"
            + " these columns pandas categories before training.");
  }
}
