package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Calibrated;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** CalibratedClassifierCV. */
final class CalibratedModels {
  private CalibratedModels() {}

  static Fitted translate(PyObject model, Parts parts) {
    Labels labels = LabelArray.of(model);
    List<Calibrated.Fold> folds = new ArrayList<>();
    @Nullable Columns columns = null;
    for (PyObject fold : Members.of(model, "calibrated_classifiers_")) {
      Fitted classifier =
          parts.estimator(fold.object(fold.has("estimator") ? "estimator" : "base_estimator"));
      if (columns == null) {
        columns = classifier.columns();
      }
      folds.add(fold(fold, classifier, labels));
    }
    return Fitted.classifier(
        java.util.Objects.requireNonNull(columns),
        labels,
        Set.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA),
        new Calibrated(folds, labels.size()));
  }

  private static Calibrated.Fold fold(PyObject fold, Fitted classifier, Labels labels) {
    List<Object> own = classifier.labels().orElse(labels).values();
    int[] targets = new int[own.size()];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = labels.values().indexOf(own.get(i));
      if (targets[i] < 0) {
        throw SklearnErrors.damaged(fold, "calibrates the unknown class " + own.get(i));
      }
    }
    List<Calibrated.Calibrator> calibrators = new ArrayList<>();
    for (PyObject calibrator : Members.of(fold, "calibrators")) {
      calibrators.add(calibrator(calibrator));
    }
    boolean temperature = fold.textOr("method", "").equals("temperature");
    int expected = temperature || labels.size() == 2 ? 1 : targets.length;
    if (calibrators.size() != expected || (labels.size() == 2 && targets.length != 2)) {
      throw SklearnErrors.damaged(fold, "has " + calibrators.size() + " calibrators");
    }
    return new Calibrated.Fold(
        classifier.estimator(),
        classifier.has(OutputKind.DECISION_FUNCTION)
            ? OutputKind.DECISION_FUNCTION
            : OutputKind.PREDICT_PROBA,
        targets,
        calibrators);
  }

  private static Calibrated.Calibrator calibrator(PyObject calibrator) {
    switch (calibrator.className()) {
      case "sklearn.calibration._SigmoidCalibration":
        return new Calibrated.Sigmoid(calibrator.number("a_"), calibrator.number("b_"));
      case "sklearn.isotonic.IsotonicRegression":
        if (!calibrator.text("out_of_bounds").equals("clip")) {
          throw SklearnErrors.setting(
              calibrator, "out_of_bounds", calibrator.text("out_of_bounds"));
        }
        return new Calibrated.Isotonic(
            calibrator.number("X_min_"),
            calibrator.number("X_max_"),
            calibrator.array("X_thresholds_").doubles(),
            calibrator.array("y_thresholds_").doubles());
      case "sklearn.calibration._TemperatureScaling":
        return new Calibrated.Temperature(calibrator.number("beta_"));
      default:
        throw SklearnErrors.unsupported(calibrator, "calibrates probabilities");
    }
  }
}
