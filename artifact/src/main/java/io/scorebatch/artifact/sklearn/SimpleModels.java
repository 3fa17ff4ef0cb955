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
    return Fitted.regressor(
        Columns.numbersOf(model),
        new Constant(model.array("constant_").doubles(), Response.value(Link.IDENTITY)));
  }

  /** The answers of other strategies are random or depend on the batch. */
  static Fitted dummyClassifier(PyObject model, Parts parts) {
    String strategy = model.text("strategy");
    if (!strategy.equals("prior")) {
      throw SklearnErrors.setting(model, "strategy", strategy);
    }
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
