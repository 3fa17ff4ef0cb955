package io.scorebatch.kernel;

import io.scorebatch.api.model.AdaBoost;
import io.scorebatch.api.model.Averaging;
import io.scorebatch.api.model.BoostedLinearModel;
import io.scorebatch.api.model.Calibrated;
import io.scorebatch.api.model.ClassGroups;
import io.scorebatch.api.model.ClusterCentres;
import io.scorebatch.api.model.Constant;
import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.GaussianNaiveBayes;
import io.scorebatch.api.model.IsolationForest;
import io.scorebatch.api.model.LinearModel;
import io.scorebatch.api.model.LocalOutlierFactor;
import io.scorebatch.api.model.MahalanobisOutlier;
import io.scorebatch.api.model.MultiOutput;
import io.scorebatch.api.model.NearestNeighbours;
import io.scorebatch.api.model.NeuralNetwork;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Pipeline;
import io.scorebatch.api.model.PrincipalComponents;
import io.scorebatch.api.model.SupportVectorMachine;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transformation;
import io.scorebatch.api.model.TransformedTarget;
import io.scorebatch.api.model.TreeEnsemble;
import io.scorebatch.api.model.TreeEnsemble.StartFrom;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes predictors and steps of a model's parts, checking that they fit each other. */
final class Compiler {
  private Compiler() {}

  static Predictor predictor(Estimator estimator, Columns in) {
    if (estimator instanceof TreeEnsemble m) {
      numbers("A tree ensemble", m.trees().features(), in);
      return new TreeEnsemblePredictor(m, startScores(m, in), in.origin());
    }
    if (estimator instanceof IsolationForest m) {
      numbers("An isolation forest", m.trees().features(), in);
      return new IsolationForestPredictor(m);
    }
    if (estimator instanceof Pipeline m) {
      List<Step> steps = steps(m.steps(), in);
      return CombinedPredictors.after(steps, predictor(m.estimator(), outOf(steps, in)));
    }
    if (estimator instanceof Transformation m) {
      List<Step> steps = steps(m.steps(), in);
      Columns out = outOf(steps, in);
      numbers("The output", out.count(), out);
      return CombinedPredictors.transformation(steps, out.count());
    }
    if (estimator instanceof LinearModel m) {
      numbers("A linear model", m.features(), in);
      return LinearPredictors.of(m);
    }
    if (estimator instanceof BoostedLinearModel m) {
      numbers("A boosted linear model", m.features(), in);
      return LinearPredictors.of(m);
    }
    if (estimator instanceof Constant m) {
      return LinearPredictors.of(m);
    }
    if (estimator instanceof GaussianNaiveBayes m) {
      numbers("A Gaussian naive Bayes", m.features(), in);
      return LinearPredictors.of(m);
    }
    if (estimator instanceof NeuralNetwork m) {
      numbers("A neural network", m.layers().get(0).inputs(), in);
      return LinearPredictors.of(m);
    }
    if (estimator instanceof SupportVectorMachine m) {
      numbers("A support vector machine", m.features(), in);
      return new SupportVectorPredictor(m);
    }
    return distances(estimator, in);
  }

  private static Predictor distances(Estimator estimator, Columns in) {
    if (estimator instanceof NearestNeighbours m) {
      numbers("A nearest-neighbour model", m.neighbours().features(), in);
      return DistancePredictors.of(m);
    }
    if (estimator instanceof LocalOutlierFactor m) {
      numbers("A local outlier factor", m.neighbours().features(), in);
      return DistancePredictors.of(m);
    }
    if (estimator instanceof MahalanobisOutlier m) {
      numbers("An elliptic envelope", m.location().length, in);
      return DistancePredictors.of(m);
    }
    if (estimator instanceof PrincipalComponents m) {
      numbers("A principal component analysis", m.mean().length, in);
      return DistancePredictors.of(m, predictor(m.projection(), in));
    }
    if (estimator instanceof ClusterCentres m) {
      numbers("A k-means model", m.features(), in);
      return DistancePredictors.of(m);
    }
    return combined(estimator, in);
  }

  private static Predictor combined(Estimator estimator, Columns in) {
    if (estimator instanceof Averaging m) {
      List<Predictor> members = new ArrayList<>();
      OutputKind kind =
          m.mode() == Averaging.Mode.PROBABILITIES ? OutputKind.PREDICT_PROBA : OutputKind.PREDICT;
      for (Averaging.Member member : m.members()) {
        Predictor part = answering("A member", predictor(member.estimator(), in), kind);
        boolean votes = m.mode() == Averaging.Mode.VOTES || m.mode() == Averaging.Mode.HARD_VOTES;
        int count = votes ? part.classes() : part.width(kind);
        int expected = member.classes().length == 0 ? m.outputs() : member.classes().length;
        if (count != expected) {
          throw KernelErrors.columns("A member", expected, count);
        }
        members.add(part);
      }
      return CombinedPredictors.of(m, members);
    }
    if (estimator instanceof AdaBoost m) {
      OutputKind kind =
          m.variant() == AdaBoost.Variant.SAMME_R ? OutputKind.PREDICT_PROBA : OutputKind.PREDICT;
      return CombinedPredictors.of(m, members(m.members(), kind, in));
    }
    if (estimator instanceof Calibrated m) {
      List<Predictor> parts = new ArrayList<>();
      for (Calibrated.Fold fold : m.folds()) {
        parts.add(answering("A fold", predictor(fold.estimator(), in), fold.input()));
      }
      return new CalibratedPredictor(m, parts);
    }
    if (estimator instanceof MultiOutput m) {
      return OutputPredictors.of(m, members(m.members(), OutputKind.PREDICT, in));
    }
    if (estimator instanceof ClassGroups m) {
      Predictor part = answering("A group", predictor(m.estimator(), in), OutputKind.PREDICT);
      if (part.width(OutputKind.PREDICT) != m.classes()) {
        throw KernelErrors.columns("A group", m.classes(), part.width(OutputKind.PREDICT));
      }
      return OutputPredictors.of(m, part);
    }
    if (estimator instanceof TransformedTarget m) {
      Predictor part = answering("A target", predictor(m.estimator(), in), OutputKind.PREDICT);
      Columns target = Columns.computed(part.width(OutputKind.PREDICT));
      return CombinedPredictors.transformed(part, steps(m.inverse(), target));
    }
    throw new IllegalStateException("no predictor for " + estimator.getClass().getSimpleName());
  }

  private static List<Predictor> members(List<Estimator> members, OutputKind kind, Columns in) {
    List<Predictor> predictors = new ArrayList<>();
    for (Estimator member : members) {
      predictors.add(answering("A member", predictor(member, in), kind));
    }
    return predictors;
  }

  private static @Nullable StartScores startScores(TreeEnsemble ensemble, Columns in) {
    if (ensemble.startFrom().isEmpty()) {
      return null;
    }
    StartFrom from = ensemble.startFrom().get();
    OutputKind kind = from.logOdds() ? OutputKind.PREDICT_PROBA : OutputKind.PREDICT;
    Predictor part = answering("A start estimator", predictor(from.estimator(), in), kind);
    int width = part.width(kind);
    int scores = from.logOdds() && width == 2 ? 1 : width;
    if (scores != ensemble.outputs()) {
      throw KernelErrors.columns("A tree ensemble", ensemble.outputs(), scores);
    }
    return new StartScores(part, from);
  }

  private static Predictor answering(String part, Predictor predictor, OutputKind kind) {
    if (predictor.width(kind) == 0) {
      throw KernelErrors.kindMissing(part, kind);
    }
    return predictor;
  }

  static List<Step> steps(List<Transform> transforms, Columns in) {
    List<Step> steps = new ArrayList<>();
    Columns columns = in;
    for (Transform transform : transforms) {
      Step step = step(transform, columns);
      steps.add(step);
      columns = step.out();
    }
    return steps;
  }

  private static Columns outOf(List<Step> steps, Columns in) {
    return steps.isEmpty() ? in : steps.get(steps.size() - 1).out();
  }

  private static Step step(Transform transform, Columns in) {
    if (transform instanceof Transform.Check t) {
      return ColumnSteps.check(t, in);
    }
    if (transform instanceof Transform.ValueToNan t) {
      return ColumnSteps.valueToNan(t, in);
    }
    if (transform instanceof Transform.Select t) {
      return ColumnSteps.select(t, in);
    }
    if (transform instanceof Transform.Union t) {
      return ColumnSteps.union(t.branches().stream().map(b -> steps(b, in)).toList(), in);
    }
    if (transform instanceof Transform.MissingIndicator t) {
      return ColumnSteps.missingIndicator(t, in);
    }
    if (transform instanceof Transform.ImputeText t) {
      return CategorySteps.imputeText(t, in);
    }
    if (transform instanceof Transform.OneHot t) {
      return CategorySteps.oneHot(t, in);
    }
    if (transform instanceof Transform.MapCategories t) {
      return CategorySteps.map(t, in);
    }
    if (transform instanceof Transform.CountText t) {
      return TextSteps.count(t, in);
    }
    if (transform instanceof Transform.EstimatorOutput t) {
      Predictor part = answering("A stacking step", predictor(t.estimator(), in), t.kind());
      return new EstimatorStep(t, part);
    }
    return numberStep(transform, in);
  }

  private static Step numberStep(Transform transform, Columns in) {
    if (transform instanceof Transform.Impute t) {
      return NumberSteps.impute(t, numbers("An imputer", t.fill().length, in));
    }
    if (transform instanceof Transform.Standardize t) {
      optional("A scaler", t.centre().length, in);
      optional("A scaler", t.scale().length, in);
      return NumberSteps.standardize(t, in);
    }
    if (transform instanceof Transform.ScaleShift t) {
      optional("A scaler", t.scale().length, in);
      optional("A scaler", t.shift().length, in);
      return NumberSteps.scaleShift(t, in);
    }
    if (transform instanceof Transform.Normalize t) {
      return NumberSteps.normalize(t, numbers("A normalizer", in.count(), in));
    }
    if (transform instanceof Transform.Power t) {
      return NumberSteps.power(t, numbers("A power transform", t.lambdas().length, in));
    }
    if (transform instanceof Transform.Quantile t) {
      return NumberSteps.quantile(t, numbers("A quantile transform", t.quantiles().length, in));
    }
    if (transform instanceof Transform.Bins t) {
      return NumberSteps.bins(t, numbers("A discretizer", t.edges().length, in));
    }
    if (transform instanceof Transform.Binarize t) {
      numbers("A binarizer", in.count(), in);
      return NumberSteps.each(in, x -> x > t.threshold() ? 1 : 0);
    }
    if (transform instanceof Transform.Polynomial t) {
      for (int[] product : t.products()) {
        for (int column : product) {
          if (column < 0 || column >= in.count()) {
            throw KernelErrors.columnOutside("A polynomial", column, in.count());
          }
        }
      }
      return NumberSteps.polynomial(t, numbers("A polynomial", in.count(), in));
    }
    if (transform instanceof Transform.Apply t) {
      numbers("A function", in.count(), in);
      return NumberSteps.each(in, NumberSteps.function(t.function()));
    }
    if (transform instanceof Transform.Project t) {
      return NumberSteps.project(t, numbers("A projection", t.inputs(), in));
    }
    if (transform instanceof Transform.Tfidf t) {
      optional("A tf-idf transform", t.idf().length, in);
      return NumberSteps.tfidf(t, in);
    }
    throw new IllegalStateException("no step for " + transform.getClass().getSimpleName());
  }

  private static void optional(String part, int count, Columns in) {
    numbers(part, count == 0 ? in.count() : count, in);
  }

  /** Refuses text columns and another number of columns. */
  private static Columns numbers(String part, int count, Columns in) {
    if (count != in.count()) {
      throw KernelErrors.columns(part, count, in.count());
    }
    for (int c = 0; c < count; c++) {
      if (in.text()[c]) {
        throw KernelErrors.textColumn(part, c);
      }
    }
    return in;
  }
}
