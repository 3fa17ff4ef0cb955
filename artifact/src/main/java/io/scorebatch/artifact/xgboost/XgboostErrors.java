package io.scorebatch.artifact.xgboost;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;

/** What can be wrong with an XGBoost model. */
final class XgboostErrors {
  private static final String SAVE_AGAIN =
      "save the model again with save_model(\"model.ubj\") or log it again.";

  private XgboostErrors() {}

  static ScorebatchException damaged(String source, String why) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNREADABLE,
        source + " is no readable XGBoost model: " + why + ".",
        "",
        SAVE_AGAIN);
  }

  static ScorebatchException unsupported(String source, String what) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        source + " has " + what + ".",
        "Scorebatch cannot compute that itself.",
        "score the model with Python (python: allow).");
  }

  static ScorebatchException legacyBinary(String source) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        source + " is in XGBoost's old binary format.",
        "XGBoost itself gave it up in version 3.1.",
        "load it with an XGBoost from 1.6 to 3.0 and save it with save_model(\"model.ubj\"); with"
            + " MLflow, log it with model_format=\"ubj\".");
  }
}
