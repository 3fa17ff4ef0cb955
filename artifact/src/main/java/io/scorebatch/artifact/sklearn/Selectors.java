package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Transformers that keep some columns. */
final class Selectors {
  private Selectors() {}

  static FittedTransform variance(PyObject selector, Parts parts) {
    double threshold = selector.number("threshold");
    double[] variances = selector.array("variances_").doubles();
    boolean[] kept = new boolean[variances.length];
    for (int j = 0; j < kept.length; j++) {
      kept[j] = variances[j] > threshold;
    }
    return select(selector, Columns.numbersOf(selector), kept, true);
  }

  static FittedTransform best(PyObject selector, Parts parts) {
    double[] scores = scores(selector);
    boolean[] kept = new boolean[scores.length];
    if (selector.attribute("k").equals("all")) {
      Arrays.fill(kept, true);
    } else {
      // The last k of a stable sort: of equal scores the later columns.
      List<Integer> order = order(scores);
      int k = selector.count("k", 0, Integer.MAX_VALUE);
      order.subList(Math.max(0, order.size() - k), order.size()).forEach(j -> kept[j] = true);
    }
    return select(selector, Columns.numbersOf(selector), kept, false);
  }

  static FittedTransform percentile(PyObject selector, Parts parts) {
    double[] scores = scores(selector);
    double percentile = selector.number("percentile");
    boolean[] kept = new boolean[scores.length];
    if (percentile == 100) {
      Arrays.fill(kept, true);
    } else if (percentile != 0 && scores.length > 0) {
      double threshold = percentile(scores, 100 - percentile);
      int count = 0;
      for (int j = 0; j < scores.length; j++) {
        kept[j] = scores[j] > threshold;
        count += kept[j] ? 1 : 0;
      }
      int most = (int) (scores.length * percentile / 100);
      for (int j = 0; j < scores.length && count < most; j++) {
        if (scores[j] == threshold) {
          kept[j] = true;
          count++;
        }
      }
    }
    return select(selector, Columns.numbersOf(selector), kept, false);
  }

  /** Recursive elimination keeps its answer. */
  static FittedTransform support(PyObject selector, Parts parts) {
    long[] support = selector.array("support_").longs();
    boolean[] kept = new boolean[support.length];
    for (int j = 0; j < kept.length; j++) {
      kept[j] = support[j] != 0;
    }
    boolean anything = allowsNan(selector.object("estimator_"), parts);
    return select(selector, Columns.numbersOf(selector), kept, anything);
  }

  static FittedTransform fromModel(PyObject selector, Parts parts) {
    PyObject estimator = selector.object(selector.has("estimator_") ? "estimator_" : "estimator");
    if (!selector.attribute("importance_getter").equals("auto")) {
      throw SklearnErrors.setting(
          selector, "importance_getter", selector.attribute("importance_getter"));
    }
    double[] scores = Importances.of(selector, estimator);
    double threshold = Importances.threshold(selector, estimator, scores);
    boolean[] kept = new boolean[scores.length];
    Arrays.fill(kept, !selector.has("max_features"));
    if (selector.has("max_features")) {
      int most =
          selector.count(
              selector.has("max_features_") ? "max_features_" : "max_features",
              0,
              Integer.MAX_VALUE);
      List<Integer> order = new ArrayList<>();
      for (int j = 0; j < scores.length; j++) {
        order.add(j);
      }
      order.sort(Comparator.comparingDouble(j -> -scores[j]));
      order.subList(0, Math.min(most, order.size())).forEach(j -> kept[j] = true);
    }
    for (int j = 0; j < kept.length; j++) {
      kept[j] &= scores[j] >= threshold;
    }
    return select(selector, Columns.numbersOf(estimator), kept, allowsNan(estimator, parts));
  }

  /** The {@code allow_nan} tag of the estimator that judges. */
  private static boolean allowsNan(PyObject estimator, Parts parts) {
    String name = estimator.className();
    if (name.startsWith("xgboost.")
        || name.startsWith("lightgbm.")
        || estimator.simpleName().startsWith("HistGradientBoosting")) {
      return true;
    }
    if (name.startsWith("sklearn.ensemble._forest.")) {
      return DecisionTrees.forestAccept(Members.of(estimator, "estimators_"), parts.version())
          == Accept.FINITE_FLOAT_OR_NAN;
    }
    return estimator.has("tree_")
        && DecisionTrees.accept(estimator, parts.version()) == Accept.FINITE_FLOAT_OR_NAN;
  }

  private static double[] scores(PyObject selector) {
    double[] scores = selector.array("scores_").doubles();
    for (int j = 0; j < scores.length; j++) {
      scores[j] = Double.isNaN(scores[j]) ? -Double.MAX_VALUE : scores[j];
    }
    return scores;
  }

  private static List<Integer> order(double[] scores) {
    List<Integer> order = new ArrayList<>();
    for (int j = 0; j < scores.length; j++) {
      order.add(j);
    }
    order.sort(Comparator.comparingDouble(j -> scores[j]));
    return order;
  }

  /** NumPy's linear percentile. */
  static double percentile(double[] values, double percent) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double at = percent / 100 * (sorted.length - 1);
    int below = (int) Math.floor(at);
    int above = Math.min(below + 1, sorted.length - 1);
    double t = at - below;
    double step = sorted[above] - sorted[below];
    return t >= 0.5 ? sorted[above] - step * (1 - t) : sorted[below] + step * t;
  }

  private static FittedTransform select(
      PyObject selector, Columns columns, boolean[] kept, boolean anything) {
    if (kept.length != columns.count()) {
      throw SklearnErrors.damaged(
          selector, "judges " + kept.length + " of " + columns.count() + " columns");
    }
    List<Integer> selected = new ArrayList<>();
    for (int j = 0; j < kept.length; j++) {
      if (kept[j]) {
        selected.add(j);
      }
    }
    if (selected.isEmpty()) {
      throw SklearnErrors.unsupported(selector, "keeps no column");
    }
    Columns named =
        selector.has("feature_names_in_")
            ? new Columns(columns.text(), Columns.namesOf(selector))
            : columns;
    int[] indices = selected.stream().mapToInt(Integer::intValue).toArray();
    Transform select = new Transform.Select(indices);
    // A selector that lets NaN pass checks nothing, not even for infinities.
    return anything
        ? FittedTransform.of(named, indices.length, select)
        : FittedTransform.of(named, indices.length, new Transform.Check(Accept.FINITE), select);
  }
}
