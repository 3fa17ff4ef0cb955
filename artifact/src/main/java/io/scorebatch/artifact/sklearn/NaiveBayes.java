package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.GaussianNaiveBayes;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.LinearModel;
import io.scorebatch.api.model.Link;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Response;
import io.scorebatch.api.model.Response.Rule;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** GaussianNB, MultinomialNB, ComplementNB and BernoulliNB. */
final class NaiveBayes {
  private static final Set<OutputKind> KINDS = Set.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA);

  private NaiveBayes() {}

  static Fitted gaussian(PyObject model, Parts parts) {
    Columns columns = Columns.numbersOf(model);
    Labels labels = LabelArray.of(model);
    double[] logPriors = model.array("class_prior_").doubles();
    for (int k = 0; k < logPriors.length; k++) {
      logPriors[k] = ExactLog.log(logPriors[k]);
    }
    Estimator estimator =
        new GaussianNaiveBayes(
            columns.count(),
            model.array("theta_").doubles(),
            model.array("var_").doubles(),
            logPriors);
    return Fitted.classifier(columns, labels, KINDS, Steps.checked(Accept.FINITE, estimator));
  }

  static Fitted multinomial(PyObject model, Parts parts) {
    return linear(model, model.array("feature_log_prob_").doubles(), priors(model), List.of());
  }

  /** The prior counts only where there is a single class. */
  static Fitted complement(PyObject model, Parts parts) {
    double[] priors = priors(model);
    return linear(
        model,
        model.array("feature_log_prob_").doubles(),
        priors.length == 1 ? priors : new double[priors.length],
        List.of());
  }

  static Fitted bernoulli(PyObject model, Parts parts) {
    double[] weights = model.array("feature_log_prob_").doubles();
    double[] intercepts = priors(model);
    int features = weights.length / intercepts.length;
    for (int k = 0; k < intercepts.length; k++) {
      double[] absent = new double[features];
      for (int j = 0; j < features; j++) {
        absent[j] = Math.log(1 - Math.exp(weights[k * features + j]));
        weights[k * features + j] -= absent[j];
      }
      intercepts[k] += PairwiseSum.of(absent, 0, features);
    }
    List<Transform> steps = new ArrayList<>();
    if (model.has("binarize")) {
      steps.add(new Transform.Binarize(model.number("binarize")));
    }
    return linear(model, weights, intercepts, steps);
  }

  private static double[] priors(PyObject model) {
    double[] priors = model.array("class_log_prior_").doubles();
    if (priors.length == 0) {
      throw SklearnErrors.damaged(model, "has no classes");
    }
    return priors;
  }

  private static Fitted linear(
      PyObject model, double[] weights, double[] intercepts, List<Transform> steps) {
    Columns columns = Columns.numbersOf(model);
    Labels labels = LabelArray.of(model);
    if (labels.size() != intercepts.length) {
      throw SklearnErrors.damaged(model, "has " + intercepts.length + " priors");
    }
    Estimator linear =
        new LinearModel(
            columns.count(),
            weights,
            intercepts,
            Response.classes(Link.SOFTMAX_LOGSUMEXP, Rule.GREATEST_RAW));
    return Fitted.classifier(
        columns, labels, KINDS, Steps.checked(Accept.FINITE, Steps.before(steps, linear)));
  }
}
