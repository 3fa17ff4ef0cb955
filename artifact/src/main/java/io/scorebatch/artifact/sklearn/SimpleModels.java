package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.ClusterCentres;
import io.scorebatch.api.model.Constant;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.Link;
import io.scorebatch.api.model.MahalanobisOutlier;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Response;
import io.scorebatch.api.model.Response.Rule;
import io.scorebatch.api.model.Task;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.Optional;
import java.util.Set;

/** Models of one formula: KMeans, EllipticEnvelope, DummyClassifier and DummyRegressor. */
final class SimpleModels {
  private SimpleModels() {}

  static Fitted clusters(PyObject model, Parts parts) {
    Columns columns = Columns.numbersOf(model);
    return new Fitted(
        columns,
        Task.CLUSTERING,
        Optional.empty(),
        Set.of(OutputKind.PREDICT, OutputKind.TRANSFORM),
        Steps.checked(
            Accept.FINITE,
            new ClusterCentres(columns.count(), model.array("cluster_centers_").doubles())));
  }

  /** Distances to all centres, as a step. */
  static FittedTransform clusterDistances(PyObject model, Parts parts) {
    Fitted fitted = clusters(model, parts);
    NdArray centres = model.array("cluster_centers_");
    return FittedTransform.of(
        fitted.columns(),
        centres.extent(0),
        new Transform.EstimatorOutput(fitted.estimator(), OutputKind.TRANSFORM, new int[0]));
  }

  static Fitted ellipticEnvelope(PyObject model, Parts parts) {
    Columns columns = Columns.numbersOf(model);
    return Fitted.outlierDetector(
        columns,
        Steps.checked(
            Accept.FINITE,
            new MahalanobisOutlier(
                model.array("location_").doubles(),
                model.array("precision_").doubles(),
                model.number("offset_"))));
  }

  static Fitted dummyRegressor(PyObject model, Parts parts) {
    requireColumns(model, parts);
    return Fitted.regressor(
        Columns.numbersOf(model),
        new Constant(model.array("constant_").doubles(), Response.value(Link.IDENTITY)));
  }

  private static void requireColumns(PyObject model, Parts parts) {
    if (!model.has("n_features_in_")) {
      throw SklearnErrors.unsupported(
          model, "of scikit-learn " + parts.version().text() + " does not know its columns");
    }
  }

  /** The answers of other strategies are random or depend on the batch. */
  static Fitted dummyClassifier(PyObject model, Parts parts) {
    String strategy = model.text("strategy");
    if (!strategy.equals("prior")) {
      throw SklearnErrors.setting(model, "strategy", strategy);
    }
    requireColumns(model, parts);
    Labels labels = LabelArray.of(model);
    if (!(model.attribute("class_prior_") instanceof NdArray prior)) {
      throw SklearnErrors.unsupported(model, "predicts several outputs at once");
    }
    return Fitted.classifier(
        Columns.numbersOf(model),
        labels,
        Set.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA),
        new Constant(prior.doubles(), Response.classes(Link.IDENTITY, Rule.MOST_PROBABLE)));
  }
}
