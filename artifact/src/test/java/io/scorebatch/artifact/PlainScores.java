package io.scorebatch.artifact;

import io.scorebatch.api.model.BoostedLinearModel;
import io.scorebatch.api.model.CategoryRule;
import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.LinearLeaves;
import io.scorebatch.api.model.Pipeline;
import io.scorebatch.api.model.SplitRule;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transform.MapCategories;
import io.scorebatch.api.model.Transform.MappedColumn;
import io.scorebatch.api.model.Transform.Select;
import io.scorebatch.api.model.Transform.Union;
import io.scorebatch.api.model.Transform.ValueToNan;
import io.scorebatch.api.model.TreeEnsemble;
import io.scorebatch.api.model.TreeEnsemble.Precision;
import io.scorebatch.api.model.TreeTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Raw scores of boosters, worked out as plainly as the records are documented: what readers are
 * tested with, without the kernel. A row holds Double or String, null for a missing text.
 */
public final class PlainScores {
  private PlainScores() {}

  public static double[] raw(Estimator estimator, Object[] row) {
    if (estimator instanceof Pipeline pipeline) {
      Object[] values = row;
      for (Transform step : pipeline.steps()) {
        values = transform(step, values);
      }
      return raw(pipeline.estimator(), values);
    }
    double[] numbers = Arrays.stream(row).mapToDouble(v -> (Double) v).toArray();
    if (estimator instanceof TreeEnsemble trees) {
      return raw(trees, numbers);
    }
    if (estimator instanceof BoostedLinearModel linear) {
      return raw(linear, numbers);
    }
    throw new IllegalArgumentException("no plain scores of " + estimator);
  }

  private static Object[] transform(Transform step, Object[] row) {
    if (step instanceof Select select) {
      return Arrays.stream(select.columns()).mapToObj(c -> row[c]).toArray();
    }
    if (step instanceof ValueToNan missing) {
      return Arrays.stream(row)
          .map(
              v ->
                  v instanceof Double d && d.floatValue() == (float) missing.value()
                      ? Double.NaN
                      : v)
          .toArray();
    }
    if (step instanceof Union union) {
      List<Object> out = new ArrayList<>();
      for (List<Transform> branch : union.branches()) {
        Object[] values = row;
        for (Transform inner : branch) {
          values = transform(inner, values);
        }
        out.addAll(Arrays.asList(values));
      }
      return out.toArray();
    }
    if (step instanceof MapCategories map) {
      Object[] out = new Object[row.length];
      for (int i = 0; i < row.length; i++) {
        out[i] = code(map.columns().get(i), row[i]);
      }
      return out;
    }
    return row;
  }

  private static double code(MappedColumn column, Object value) {
    for (int i = 0; i < column.categories().size(); i++) {
      Object category =
          column.categories().text()
              ? column.categories().texts().get(i)
              : (Object) column.categories().numbers()[i];
      if (category == null ? value == null : category.equals(value)) {
        return column.values()[i];
      }
    }
    if (column.unknown().length == 0) {
      throw new IllegalArgumentException("unknown category " + value);
    }
    return column.unknown()[0];
  }

  private static double[] raw(TreeEnsemble e, double[] row) {
    double[] raw = e.start().clone();
    TreeTable t = e.trees();
    for (int tree = 0; tree < t.trees(); tree++) {
      int node = t.roots()[tree];
      while (!t.isLeaf(node)) {
        node = goesLeft(e, node, row) ? t.left()[node] : t.right()[node];
      }
      for (int w = 0; w < t.width(); w++) {
        int k = t.width() == 1 ? e.outputOfTree()[tree] : w;
        double leaf = leaf(e, node, w, row);
        raw[k] = e.accumulate() == Precision.FLOAT ? (float) raw[k] + (float) leaf : raw[k] + leaf;
      }
    }
    if (e.divisor() != 1 && !e.rawIsSum()) {
      for (int k = 0; k < raw.length; k++) {
        raw[k] /= e.divisor();
      }
    }
    return raw;
  }

  private static double leaf(TreeEnsemble e, int node, int w, double[] row) {
    double plain = e.trees().values()[node * e.trees().width() + w];
    if (e.linearLeaves().isEmpty()) {
      return plain;
    }
    LinearLeaves linear = e.linearLeaves().get();
    double sum = linear.constants()[node];
    for (int j = linear.offsets()[node]; j < linear.offsets()[node + 1]; j++) {
      double x = row[linear.features()[j]];
      if (Double.isNaN(x)) {
        return plain;
      }
      sum += linear.coefficients()[j] * x;
    }
    return sum;
  }

  private static boolean goesLeft(TreeEnsemble e, int node, double[] row) {
    TreeTable t = e.trees();
    double x = row[t.feature()[node]];
    boolean defaultLeft = (t.missing()[node] & TreeTable.DEFAULT_LEFT) != 0;
    int rule = t.missing()[node] & ~TreeTable.DEFAULT_LEFT;
    if (t.isCategorical(node)) {
      if (e.categories() == CategoryRule.LIGHTGBM) {
        return !Double.isNaN(x)
            && (int) x >= 0
            && t.categories().contains(t.categorySet()[node], (int) x);
      }
      if (Double.isNaN(x)) {
        return defaultLeft;
      }
      float f = (float) x;
      int set = t.categorySet()[node];
      if (f < 0 || f >= 1 << 24 || (int) f >= t.categories().capacity(set)) {
        return e.categories() == CategoryRule.XGBOOST || defaultLeft;
      }
      return !t.categories().contains(set, (int) f);
    }
    if (rule == TreeTable.MISSING_ZERO_OR_NAN
        && (Double.isNaN(x) || Math.abs(x) <= TreeTable.ZERO_LIMIT)) {
      return defaultLeft;
    }
    if (Double.isNaN(x)) {
      if (rule == TreeTable.MISSING_NAN) {
        return defaultLeft;
      }
      x = 0; // MISSING_AS_ZERO; the libraries of these tests have no other rule
    }
    return e.splits() == SplitRule.FLOAT_BELOW
        ? (float) x < (float) t.threshold()[node]
        : x <= t.threshold()[node];
  }

  private static double[] raw(BoostedLinearModel m, double[] row) {
    int outputs = m.bias().length;
    double[] raw = new double[outputs];
    for (int k = 0; k < outputs; k++) {
      float sum = (float) m.bias()[k] + (float) m.base()[k];
      for (int j = 0; j < m.features(); j++) {
        if (!Double.isNaN(row[j])) {
          sum += (float) row[j] * (float) m.weights()[j * outputs + k];
        }
      }
      raw[k] = sum;
    }
    return raw;
  }
}
