package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.LocalOutlierFactor;
import io.scorebatch.api.model.MultiOutput;
import io.scorebatch.api.model.NearestNeighbours;
import io.scorebatch.api.model.Neighbours;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyDict;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** KNeighborsClassifier, KNeighborsRegressor and LocalOutlierFactor. */
final class NeighbourModels {
  private NeighbourModels() {}

  static Fitted classifier(PyObject model, Parts parts) {
    Columns columns = Columns.numbersOf(model);
    List<Labels> outputs = LabelArray.ofOutputs(model);
    if (!outputs.isEmpty()) {
      return classifierOfOutputs(model, columns, outputs);
    }
    Labels labels = LabelArray.of(model);
    Estimator estimator =
        new NearestNeighbours(
            neighbours(model, columns, "n_neighbors"),
            byDistance(model),
            labels.size(),
            1,
            model.array("_y").doubles());
    return Fitted.classifier(
        columns,
        labels,
        Set.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA),
        Steps.checked(Accept.FINITE, estimator));
  }

  private static Fitted classifierOfOutputs(PyObject model, Columns columns, List<Labels> outputs) {
    Neighbours neighbours = neighbours(model, columns, "n_neighbors");
    double[] stored = model.array("_y").doubles();
    if (stored.length != (long) neighbours.count() * outputs.size()) {
      throw SklearnErrors.damaged(model, "has " + stored.length + " labels");
    }
    List<Estimator> members = new ArrayList<>();
    for (int k = 0; k < outputs.size(); k++) {
      double[] targets = new double[neighbours.count()];
      for (int i = 0; i < targets.length; i++) {
        targets[i] = stored[i * outputs.size() + k];
      }
      members.add(
          new NearestNeighbours(neighbours, byDistance(model), outputs.get(k).size(), 1, targets));
    }
    return Fitted.classifierOfOutputs(
        columns,
        outputs,
        Set.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA),
        Steps.checked(Accept.FINITE, MultiOutput.of(members)));
  }

  static Fitted regressor(PyObject model, Parts parts) {
    Columns columns = Columns.numbersOf(model);
    NdArray targets = model.array("_y");
    Estimator estimator =
        new NearestNeighbours(
            neighbours(model, columns, "n_neighbors"),
            byDistance(model),
            0,
            targets.rank() == 2 ? targets.extent(1) : 1,
            targets.doubles());
    return Fitted.regressor(columns, Steps.checked(Accept.FINITE, estimator));
  }

  static Fitted localOutlierFactor(PyObject model, Parts parts) {
    if (!model.flag("novelty")) {
      throw SklearnErrors.setting(model, "novelty", "False");
    }
    Columns columns = Columns.numbersOf(model);
    Neighbours neighbours = neighbours(model, columns, "n_neighbors_");
    NdArray distances = model.array("_distances_fit_X_");
    if (distances.rank() != 2
        || distances.extent(0) != neighbours.count()
        || distances.extent(1) < neighbours.k()) {
      throw SklearnErrors.damaged(model, "has distances of shape " + distances);
    }
    double[] all = distances.doubles();
    double[] ofLast = new double[neighbours.count()];
    for (int i = 0; i < ofLast.length; i++) {
      ofLast[i] = all[i * distances.extent(1) + neighbours.k() - 1];
    }
    Estimator estimator =
        new LocalOutlierFactor(
            neighbours, ofLast, model.array("_lrd").doubles(), model.number("offset_"));
    return Fitted.outlierDetector(columns, Steps.checked(Accept.FINITE, estimator));
  }

  private static boolean byDistance(PyObject model) {
    if (!model.has("weights") || model.attribute("weights").equals("uniform")) {
      return false;
    }
    if (model.attribute("weights").equals("distance")) {
      return true;
    }
    throw SklearnErrors.setting(model, "weights", model.attribute("weights"));
  }

  private static Neighbours neighbours(PyObject model, Columns columns, String k) {
    if (!(model.attribute("_fit_X") instanceof NdArray points)) {
      throw SklearnErrors.unsupported(model, "was fitted on a sparse matrix");
    }
    Object metric = model.attribute("effective_metric_");
    PyDict settings = model.dict("effective_metric_params_");
    double power = settings.numberOr("p", 2);
    boolean onlyPower = settings.entries().keySet().stream().allMatch("p"::equals);
    if (!onlyPower) {
      throw SklearnErrors.setting(model, "metric_params", settings.entries().keySet());
    }
    return new Neighbours(
        columns.count(),
        points.doubles(),
        metric(model, metric),
        power,
        model.count(k, 1, Integer.MAX_VALUE));
  }

  private static Neighbours.Metric metric(PyObject model, Object metric) {
    switch (metric.toString()) {
      case "euclidean":
      case "l2":
        return Neighbours.Metric.EUCLIDEAN;
      case "manhattan":
      case "l1":
      case "cityblock":
        return Neighbours.Metric.MANHATTAN;
      case "chebyshev":
        return Neighbours.Metric.CHEBYSHEV;
      case "minkowski":
        return Neighbours.Metric.MINKOWSKI;
      default:
        throw SklearnErrors.setting(model, "metric", metric);
    }
  }
}
