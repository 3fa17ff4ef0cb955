package io.scorebatch.artifact.sklearn;

import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How much each column matters to an estimator, and what SelectFromModel asks at least. */
final class Importances {
  private static final double L1_THRESHOLD = 1e-5;

  private Importances() {}

  static double[] of(PyObject selector, PyObject estimator) {
    if (estimator.has("coef_")) {
      return norms(selector, estimator.array("coef_"));
    }
    double[] importances;
    if (estimator.has("tree_")) {
      importances = normalised(ofTree(estimator));
    } else if (estimator.simpleName().startsWith("RandomForest")
        || estimator.simpleName().startsWith("ExtraTrees")) {
      importances = ofForest(estimator);
    } else {
      throw SklearnErrors.setting(selector, "estimator", estimator.className());
    }
    return importances;
  }

  private static double[] norms(PyObject selector, NdArray coefficients) {
    double[] all = coefficients.doubles();
    int rows = coefficients.rank() == 2 ? coefficients.extent(0) : 1;
    int columns = rows == 0 ? 0 : all.length / rows;
    double order = selector.number("norm_order");
    if (order != 1 && coefficients.rank() == 2) {
      throw SklearnErrors.setting(selector, "norm_order", order);
    }
    double[] norms = new double[columns];
    for (int k = 0; k < rows; k++) {
      for (int j = 0; j < columns; j++) {
        norms[j] += Math.abs(all[k * columns + j]);
      }
    }
    return norms;
  }

  private static double[] ofForest(PyObject forest) {
    List<PyObject> trees = Members.of(forest, "estimators_");
    double[] sum = new double[Columns.numbersOf(forest).count()];
    int counted = 0;
    for (PyObject tree : trees) {
      if (TreeTables.treeOf(tree).array("nodes").size() > 1) {
        double[] importances = normalised(ofTree(tree));
        for (int j = 0; j < sum.length && j < importances.length; j++) {
          sum[j] += importances[j];
        }
        counted++;
      }
    }
    for (int j = 0; j < sum.length && counted > 0; j++) {
      sum[j] /= counted;
    }
    return normalised(sum);
  }

  /** The decrease of impurity at each split, as {@code Tree.compute_feature_importances}. */
  private static double[] ofTree(PyObject owner) {
    NdArray nodes = TreeTables.treeOf(owner).array("nodes");
    double[] importances = new double[Columns.numbersOf(owner).count()];
    int[] left = nodes.field("left_child").ints();
    int[] right = nodes.field("right_child").ints();
    int[] feature = nodes.field("feature").ints();
    double[] impurity = nodes.field("impurity").doubles();
    double[] weight = nodes.field("weighted_n_node_samples").doubles();
    for (int i = 0; i < left.length; i++) {
      if (left[i] == -1) {
        continue;
      }
      boolean inside =
          left[i] >= 0
              && left[i] < left.length
              && right[i] >= 0
              && right[i] < left.length
              && feature[i] >= 0
              && feature[i] < importances.length;
      if (!inside) {
        throw SklearnErrors.damaged(owner, "has a node that points outside the tree");
      }
      importances[feature[i]] +=
          weight[i] * impurity[i]
              - weight[left[i]] * impurity[left[i]]
              - weight[right[i]] * impurity[right[i]];
    }
    for (int j = 0; j < importances.length && weight.length > 0; j++) {
      importances[j] /= weight[0];
    }
    return importances;
  }

  private static double[] normalised(double[] importances) {
    double sum = PairwiseSum.of(importances, 0, importances.length);
    if (sum > 0) {
      for (int j = 0; j < importances.length; j++) {
        importances[j] /= sum;
      }
    }
    return importances;
  }

  /** {@code threshold}: a number, {@code mean}, {@code median} or a multiple of those. */
  static double threshold(PyObject selector, PyObject estimator, double[] scores) {
    if (!selector.has("threshold")) {
      return sparse(estimator) ? L1_THRESHOLD : mean(scores);
    }
    if (!(selector.attribute("threshold") instanceof String text)) {
      return selector.number("threshold");
    }
    int star = text.indexOf('*');
    String reference = text.substring(star + 1).strip();
    double value;
    if (reference.equals("mean")) {
      value = mean(scores);
    } else if (reference.equals("median")) {
      value = Selectors.percentile(scores, 50);
    } else {
      throw SklearnErrors.setting(selector, "threshold", text);
    }
    if (star < 0) {
      return value;
    }
    try {
      return Double.parseDouble(text.substring(0, star).strip()) * value;
    } catch (NumberFormatException e) {
      throw SklearnErrors.setting(selector, "threshold", text);
    }
  }

  private static double mean(double[] scores) {
    return scores.length == 0
        ? Double.NaN
        : PairwiseSum.of(scores, 0, scores.length) / scores.length;
  }

  /** Estimators whose L1 penalty makes weights exactly 0. */
  private static boolean sparse(PyObject estimator) {
    String name = estimator.simpleName();
    boolean l1 = estimator.find("penalty") instanceof String penalty && penalty.equals("l1");
    boolean elastic =
        List.of("ElasticNet", "LogisticRegression").contains(name)
            && isOne(estimator.find("l1_ratio"));
    boolean elasticSearch = name.equals("ElasticNetCV") && isOne(estimator.find("l1_ratio_"));
    boolean logisticSearch =
        name.equals("LogisticRegressionCV")
            && estimator.find("l1_ratio_") instanceof NdArray ratios
            && ratios.size() > 0
            && ratios.values().stream().allMatch(Importances::isOne);
    return l1 || name.contains("Lasso") || elastic || elasticSearch || logisticSearch;
  }

  private static boolean isOne(@Nullable Object value) {
    return value instanceof Number number && Math.abs(number.doubleValue() - 1) <= 1e-8 + 1e-5;
  }
}
