package io.scorebatch.artifact.sklearn;

import io.scorebatch.artifact.pickle.PyObject;

/** The {@code _label_binarizer} that MLPClassifier and RidgeClassifier are fitted with. */
final class LabelBinarizers {
  private LabelBinarizers() {}

  /** Whether the model was fitted on several labels a row, each 0 or 1. */
  static boolean hasSeveralLabels(PyObject model) {
    return model.has("_label_binarizer")
        && model.object("_label_binarizer").textOr("y_type_", "").startsWith("multilabel");
  }
}
