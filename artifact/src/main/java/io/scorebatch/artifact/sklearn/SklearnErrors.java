package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.artifact.pickle.PyObject;

/** All failures of translating scikit-learn models. */
final class SklearnErrors {
  private static final String USE_PYTHON =
      "Score the model with Python (python: allow), or log one made of supported parts: see"
          + " docs/models.md.";

  private SklearnErrors() {}

  static ScorebatchException unsupportedClass(PyObject object, String tree) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "Scorebatch does not score " + object.className() + " natively. The model is " + tree + ".",
        "",
        USE_PYTHON);
  }

  static ScorebatchException notAnEstimator(String found) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "The file holds " + found + " where a fitted model is expected.",
        "",
        "Log a fitted estimator: mlflow.sklearn.log_model(model, …).");
  }

  static ScorebatchException version(String version) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "scikit-learn " + version + " wrote the model; Scorebatch knows 1.0 to 1.9.",
        "Other versions keep their weights under other names or compute other formulas.",
        "Load and save the model with scikit-learn 1.9 or train it again; or score it with Python"
            + " (python: allow).");
  }

  static ScorebatchException setting(PyObject object, String name, Object value) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        object.simpleName() + " has " + name + "=" + value + ", which is not scored natively.",
        "",
        USE_PYTHON);
  }

  static ScorebatchException unsupported(PyObject object, String what) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        object.simpleName() + " " + what + ", which is not scored natively.",
        "",
        USE_PYTHON);
  }

  static ScorebatchException damaged(PyObject object, String what) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNREADABLE,
        object.simpleName() + " " + what + ".",
        "The file is damaged, or a version that Scorebatch does not know wrote it.",
        "Save the model again from Python.");
  }

  static ScorebatchException inconsistent(String what) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNREADABLE,
        "The model's parts do not fit each other: " + what + ".",
        "The file is damaged, or a version that Scorebatch does not know wrote it.",
        "Save the model again from Python.");
  }
}
