package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.CategoryRule;
import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.LinearModel;
import io.scorebatch.api.model.Link;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Pipeline;
import io.scorebatch.api.model.Response;
import io.scorebatch.api.model.Response.Rule;
import io.scorebatch.api.model.SplitRule;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.api.model.TreeEnsemble;
import io.scorebatch.api.model.TreeTable;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** GradientBoostingClassifier and GradientBoostingRegressor. */
final class GradientBoosting {
  private static final double FLOAT_EPSILON = 0x1p-23;
  private static final double DOUBLE_EPSILON = 0x1p-52;
  private static final Set<String> TREES =
      Set.of(
          "sklearn.tree._classes.DecisionTreeRegressor",
          "sklearn.ensemble._forest.RandomForestRegressor",
          "sklearn.ensemble._forest.ExtraTreesRegressor",
          "sklearn.ensemble._gb.GradientBoostingRegressor",
          "sklearn.tree._classes.DecisionTreeClassifier",
          "sklearn.ensemble._forest.RandomForestClassifier",
          "sklearn.ensemble._forest.ExtraTreesClassifier",
          "sklearn.ensemble._gb.GradientBoostingClassifier");

  private GradientBoosting() {}

  static Fitted regressor(PyObject boosting, Parts parts) {
    Columns columns = Columns.numbersOf(boosting);
    TreeEnsemble sum = sum(boosting, columns, 1, parts, Response.value(Link.IDENTITY), false);
    return Fitted.regressor(columns, Steps.checked(Accept.FINITE_FLOAT, sum));
  }

  static Fitted classifier(PyObject boosting, Parts parts) {
    Columns columns = Columns.numbersOf(boosting);
    Labels labels = LabelArray.of(boosting);
    int outputs = labels.size() == 2 ? 1 : labels.size();
    TreeEnsemble sum =
        sum(boosting, columns, outputs, parts, response(boosting, outputs, parts.version()), true);
    return Fitted.classifier(
        columns,
        labels,
        Set.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA, OutputKind.DECISION_FUNCTION),
        Steps.checked(Accept.FINITE_FLOAT, sum));
  }

  /** Before 1.4 log_loss predicts the most probable class: a raw score of 0 is class 0. */
  private static Response response(PyObject boosting, int outputs, SklearnVersion version) {
    boolean exponential = isExponential(boosting);
    if (outputs > 1) {
      return version.since(4)
          ? Response.classes(Link.SOFTMAX_PAIRWISE, Rule.GREATEST_RAW)
          : Response.classes(Link.SOFTMAX_LOGSUMEXP, Rule.MOST_PROBABLE);
    }
    return new Response(
        Link.SIGMOID,
        exponential ? 2 : 1,
        exponential || version.since(4) ? Rule.RAW_AT_LEAST_ZERO : Rule.MOST_PROBABLE);
  }

  private static boolean isExponential(PyObject boosting) {
    return boosting.text("loss").equals("exponential");
  }

  private static TreeEnsemble sum(
      PyObject boosting,
      Columns columns,
      int outputs,
      Parts parts,
      Response response,
      boolean classifier) {
    NdArray stages = boosting.array("estimators_");
    if (stages.rank() != 2 || stages.extent(1) != outputs) {
      throw SklearnErrors.damaged(
          boosting, "has stages of shape " + stages + " for " + outputs + " outputs");
    }
    TreeTables tables =
        new TreeTables(
            columns.count(), 1, TreeTables.scaled(boosting, boosting.number("learning_rate")));
    List<PyObject> trees = Members.of(boosting, "estimators_");
    int[] outputOfTree = new int[trees.size()];
    for (int i = 0; i < outputOfTree.length; i++) {
      tables.add(TreeTables.treeOf(trees.get(i)), null);
      outputOfTree[i] = i % outputs;
    }
    TreeTable table = tables.build();
    Start start = start(boosting, outputs, parts, classifier);
    return new TreeEnsemble(
        table,
        SplitRule.FLOAT_AT_MOST,
        CategoryRule.HIST_GRADIENT_BOOSTING,
        outputs,
        outputOfTree,
        TreeEnsemble.Precision.DOUBLE,
        start.constants(),
        start.from(),
        Optional.empty(),
        1,
        false,
        response);
  }

  private record Start(double[] constants, Optional<TreeEnsemble.StartFrom> from) {}

  private static Start start(PyObject boosting, int outputs, Parts parts, boolean classifier) {
    Object init = boosting.attribute("init_");
    if (init.equals("zero")) {
      return new Start(new double[outputs], Optional.empty());
    }
    PyObject estimator = boosting.object("init_");
    SklearnVersion version = parts.version();
    if (estimator.simpleName().equals("DummyRegressor")) {
      double[] constant = estimator.array("constant_").doubles();
      if (constant.length != outputs) {
        throw SklearnErrors.damaged(estimator, "has " + constant.length + " constants");
      }
      return new Start(constant, Optional.empty());
    }
    if (estimator.simpleName().equals("DummyClassifier")) {
      if (!estimator.text("strategy").equals("prior")) {
        throw SklearnErrors.setting(estimator, "strategy", estimator.text("strategy"));
      }
      double[] raw = logOdds(estimator, outputs, version);
      if (isExponential(boosting)) {
        raw[0] *= 0.5;
      }
      return new Start(raw, Optional.empty());
    }
    return new Start(
        new double[outputs],
        Optional.of(
            new TreeEnsemble.StartFrom(
                initial(boosting, estimator, parts, classifier),
                classifier,
                epsilon(version),
                version.since(4) && outputs > 1)));
  }

  /**
   * The estimator a sum starts from gets its rows as float32, and was fitted on float32. Trees do
   * not notice. Linear models then compute in float32: a regressor's prediction is off by some ulp
   * of it, but a classifier's probability near 1 is no longer one value, and its logarithm even
   * less.
   */
  private static Estimator initial(
      PyObject boosting, PyObject estimator, Parts parts, boolean classifier) {
    boolean trees = TREES.contains(estimator.className());
    if (isExponential(boosting) || !trees && (classifier || !parts.isEstimator(estimator))) {
      throw SklearnErrors.setting(boosting, "init", estimator.className());
    }
    Estimator fitted = parts.estimator(estimator).estimator();
    if (trees) {
      return fitted;
    }
    boolean linear =
        fitted instanceof Pipeline pipeline
            && pipeline.estimator() instanceof LinearModel
            && pipeline.steps().stream().allMatch(Transform.Check.class::isInstance);
    if (!linear) {
      throw SklearnErrors.setting(boosting, "init", estimator.className());
    }
    return Steps.before(List.of(new Transform.Apply(Transform.Function.FLOAT32)), fitted);
  }

  private static double epsilon(SklearnVersion version) {
    return version.since(8) ? DOUBLE_EPSILON : FLOAT_EPSILON;
  }

  /** The raw score of the class frequencies. */
  private static double[] logOdds(PyObject prior, int outputs, SklearnVersion version) {
    double[] p = prior.array("class_prior_").doubles();
    if (p.length != (outputs == 1 ? 2 : outputs)) {
      throw SklearnErrors.damaged(prior, "has " + p.length + " class frequencies");
    }
    double epsilon = epsilon(version);
    for (int k = 0; k < p.length; k++) {
      p[k] = Math.min(Math.max(p[k], epsilon), 1 - epsilon);
    }
    if (outputs == 1) {
      return new double[] {logit(p[1], version)};
    }
    double[] raw = new double[outputs];
    double mean = 0;
    for (int k = 0; k < outputs; k++) {
      raw[k] = ExactLog.log(p[k]);
    }
    if (version.since(4)) {
      mean = PairwiseSum.of(raw, 0, outputs) / outputs;
      double geometric = ExactLog.exp(mean);
      for (int k = 0; k < outputs; k++) {
        raw[k] = ExactLog.log(p[k] / geometric);
      }
    }
    return raw;
  }

  /** Since 1.6 as SciPy 1.15 computes it, whose formula changes near one half. */
  private static double logit(double p, SklearnVersion version) {
    if (!version.since(6) || p < 0.3 || p > 0.65) {
      return ExactLog.log(p / (1 - p));
    }
    double s = 2 * (p - 0.5);
    return ExactLog.log1p(s) - ExactLog.log1p(-s);
  }
}
