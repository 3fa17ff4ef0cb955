package io.scorebatch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.model.CategoryRule;
import io.scorebatch.api.model.SplitRule;
import io.scorebatch.api.model.TreeEnsemble.Precision;
import io.scorebatch.api.model.TreeTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Trees of all shapes and rows that lie at their edges, to compare two ways of finding leaves. */
final class RandomTrees {
  private static final double[] EDGES = {
    0.0,
    -0.0,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.MAX_VALUE,
    -Double.MAX_VALUE,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    Double.MIN_VALUE,
    -Double.MIN_VALUE,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    1e-35f,
    -1e-35f,
    1e-36,
    0.1,
    0.1f,
    16777216,
    16777217
  };

  private final Random random;
  private final SplitRule rule;
  private final int features;
  private final int width;
  private final boolean tame;
  private final List<Double> thresholds = new ArrayList<>();

  /**
   * @param tame whether thresholds are within float32 and trees have few leaves
   */
  RandomTrees(long seed, SplitRule rule, boolean tame) {
    this.random = new Random(seed);
    this.rule = rule;
    this.tame = tame;
    this.features = 1 + random.nextInt(5);
    this.width = 1 + random.nextInt(2) * random.nextInt(3);
  }

  /** Some trees: bushy ones of depth 6 or less, thin ones of depth 20, tame 11. */
  TreeTable table(int trees) {
    Nodes nodes = new Nodes(features, width);
    for (int t = 0; t < trees; t++) {
      int depth = random.nextInt(4) > 0 ? random.nextInt(7) : tame ? 11 : 20;
      nodes.root(grow(nodes, depth));
    }
    return nodes.table();
  }

  private int grow(Nodes nodes, int depth) {
    if (depth == 0 || random.nextInt(6) == 0) {
      double[] value = new double[width];
      for (int k = 0; k < width; k++) {
        value[k] = (float) random.nextGaussian();
      }
      return nodes.leaf(value);
    }
    double threshold = random.nextInt(3) == 0 ? edge() : random.nextGaussian();
    if (Double.isNaN(threshold) || tame && Math.abs(threshold) >= Float.MAX_VALUE) {
      threshold = 0;
    }
    if (rule == SplitRule.FLOAT_BELOW) {
      threshold = Float.valueOf((float) threshold).doubleValue();
    }
    thresholds.add(threshold);
    // Deep trees are thin, so that they stay small.
    int other = depth > (tame ? 5 : 7) && random.nextInt(8) > 0 ? 0 : depth - 1;
    boolean turned = random.nextBoolean();
    int left = grow(nodes, turned ? other : depth - 1);
    int right = grow(nodes, turned ? depth - 1 : other);
    return nodes.split(random.nextInt(features), threshold, random.nextInt(8), left, right);
  }

  /** Rows for the trees made so far. */
  Frame frame(int rows) {
    double[][] columns = new double[features][rows];
    for (double[] column : columns) {
      for (int r = 0; r < rows; r++) {
        column[r] =
            switch (random.nextInt(5)) {
              case 0 -> edge();
              case 1 -> thresholds.isEmpty() ? 0 : tie();
              default -> random.nextGaussian();
            };
      }
    }
    return new Frame(rows, 0, columns, new String[features][]);
  }

  /** A threshold or one of its neighbours, as double and as float. */
  private double tie() {
    double threshold = thresholds.get(random.nextInt(thresholds.size()));
    return switch (random.nextInt(5)) {
      case 0 -> threshold;
      case 1 -> Math.nextUp(threshold);
      case 2 -> Math.nextDown(threshold);
      case 3 -> Math.nextUp((float) threshold);
      default -> Math.nextDown((float) threshold);
    };
  }

  private double edge() {
    return EDGES[random.nextInt(EDGES.length)];
  }

  /** Adds up leaves as a model does, by a finder and by the plain twin. */
  void assertAgrees(LeafFinder finder, TreeTable trees, Frame frame) {
    Precision precision = random.nextBoolean() ? Precision.FLOAT : Precision.DOUBLE;
    int[] outputs = new int[width == 1 ? trees.trees() : 0];
    for (int t = 0; t < outputs.length; t++) {
      outputs[t] = t % 2;
    }
    PlainLeaves plain = new PlainLeaves(trees, rule, CategoryRule.XGBOOST);
    assertThat(sum(finder, trees, outputs, precision, frame))
        .isDeepEqualTo(sum(plain, trees, outputs, precision, frame));
  }

  private double[][] sum(
      LeafFinder finder, TreeTable trees, int[] outputs, Precision precision, Frame frame) {
    double[][] raw = new double[width == 1 ? 2 : width][frame.rows];
    new Forest(finder, trees, trees.values(), outputs, precision, Optional.empty())
        .addTo(frame, raw);
    return raw;
  }
}
