package io.scorebatch.kernel;

import io.scorebatch.api.model.CategoryRule;
import io.scorebatch.api.model.IsolationForest;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.SplitRule;
import io.scorebatch.api.model.TreeEnsemble.Precision;
import io.scorebatch.api.model.TreeTable;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** {@link IsolationForest}. */
final class IsolationForestPredictor implements Predictor {
  private static final double EULER = 0.5772156649015329;

  private final Forest forest;
  private final double denominator;
  private final double offset;

  IsolationForestPredictor(IsolationForest model) {
    TreeTable trees = model.trees();
    this.forest =
        Forest.of(
            trees,
            SplitRule.FLOAT_AT_MOST,
            CategoryRule.XGBOOST,
            leafDepths(model),
            new int[trees.trees()],
            Precision.DOUBLE,
            Optional.empty());
    this.denominator = trees.trees() * averagePathLength(model.maxSamples());
    this.offset = model.offset();
  }

  /** What each leaf adds to the depth of a row. */
  private static double[] leafDepths(IsolationForest model) {
    TreeTable trees = model.trees();
    double[] pathLengths = model.pathLengths();
    double[] averages = model.averagePathLengths();
    double[] counted = pathLengths != null ? pathLengths : countNodes(trees);
    double[] depths = new double[trees.nodes()];
    Map<Long, Double> byCount = new HashMap<>();
    for (int i = 0; i < depths.length; i++) {
      if (trees.isLeaf(i)) {
        double rest =
            averages != null
                ? averages[i]
                : byCount.computeIfAbsent(
                    model.samples()[i], IsolationForestPredictor::averagePathLength);
        depths[i] = (counted[i] + rest) - 1.0;
      }
    }
    return depths;
  }

  /** Nodes on the way to each node, itself included. */
  private static double[] countNodes(TreeTable trees) {
    double[] counts = new double[trees.nodes()];
    int[] open = new int[trees.nodes() + 1];
    for (int root : trees.roots()) {
      int size = 0;
      counts[root] = 1;
      open[size++] = root;
      while (size > 0) {
        int node = open[--size];
        if (!trees.isLeaf(node)) {
          for (int child : new int[] {trees.left()[node], trees.right()[node]}) {
            counts[child] = counts[node] + 1;
            open[size++] = child;
          }
        }
      }
    }
    return counts;
  }

  /** scikit-learn's {@code _average_path_length}. */
  static double averagePathLength(long n) {
    if (n <= 1) {
      return 0;
    }
    if (n == 2) {
      return 1;
    }
    return 2.0 * (Glibc.log(n - 1.0) + EULER) - 2.0 * (n - 1.0) / n;
  }

  @Override
  public int width(OutputKind kind) {
    return switch (kind) {
      case PREDICT, DECISION_FUNCTION, SCORE_SAMPLES -> 1;
      case PREDICT_PROBA, RAW_MARGIN, TRANSFORM -> 0;
    };
  }

  @Override
  public int classes() {
    return 0;
  }

  @Override
  public void answer(Frame in, Answers out) {
    double[] score = new double[in.rows];
    forest.addTo(in, new double[][] {score});
    double[] decision = new double[in.rows];
    double[] label = new double[in.rows];
    for (int r = 0; r < in.rows; r++) {
      double ratio = denominator == 0 ? 1 : score[r] / denominator;
      score[r] = -Glibc.pow2(-ratio);
      decision[r] = score[r] - offset;
      label[r] = decision[r] < 0 ? -1 : 1;
    }
    out.give(OutputKind.SCORE_SAMPLES, score);
    out.give(OutputKind.DECISION_FUNCTION, decision);
    out.give(OutputKind.PREDICT, label);
  }
}
