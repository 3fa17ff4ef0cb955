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
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The fast walk against its plain twin. */
class BlockLeavesTest {
  private static final int[] SIZES = {0, 1, 7, 8, 9, 1023, 1024, 1025, 2047, 2048, 2049};
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

  @Property(tries = 200)
  void agreesWithThePlainTwin(
      @ForAll long seed, @ForAll SplitRule rule, @ForAll @IntRange(min = 0, max = 10) int size) {
    Random random = new Random(seed);
    int features = 1 + random.nextInt(5);
    int width = 1 + random.nextInt(2) * random.nextInt(3);
    Precision precision = random.nextBoolean() ? Precision.FLOAT : Precision.DOUBLE;
    List<Double> thresholds = new ArrayList<>();
    TreeTable trees = randomTrees(random, features, width, rule, thresholds);
    double[][] columns = randomColumns(random, features, SIZES[size], thresholds);
    int[] outputs = new int[width == 1 ? trees.trees() : 0];
    for (int t = 0; t < outputs.length; t++) {
      outputs[t] = t % 2;
    }
    int raws = width == 1 ? 2 : width;

    double[][] fast = new double[raws][SIZES[size]];
    double[][] plain = new double[raws][SIZES[size]];
    Frame frame = new Frame(SIZES[size], 0, columns, new String[features][]);
    Forest.of(
            trees, rule, CategoryRule.XGBOOST, trees.values(), outputs, precision, Optional.empty())
        .addTo(frame, fast);
    Forest.plain(
            trees, rule, CategoryRule.XGBOOST, trees.values(), outputs, precision, Optional.empty())
        .addTo(frame, plain);

    assertThat(BlockLeaves.of(trees, rule)).isPresent();
    assertThat(fast).isDeepEqualTo(plain);
  }

  private static TreeTable randomTrees(
      Random random, int features, int width, SplitRule rule, List<Double> thresholds) {
    Nodes nodes = new Nodes(features, width);
    int trees = random.nextInt(6);
    for (int t = 0; t < trees; t++) {
      int depth = random.nextInt(4) == 0 ? 20 : random.nextInt(7);
      nodes.root(grow(random, nodes, features, width, rule, depth, thresholds));
    }
    return nodes.table();
  }

  private static int grow(
      Random random,
      Nodes nodes,
      int features,
      int width,
      SplitRule rule,
      int depth,
      List<Double> thresholds) {
    if (depth == 0 || random.nextInt(6) == 0) {
      double[] value = new double[width];
      for (int k = 0; k < width; k++) {
        value[k] = (float) random.nextGaussian();
      }
      return nodes.leaf(value);
    }
    double threshold = random.nextInt(3) == 0 ? edge(random) : random.nextGaussian();
    if (Double.isNaN(threshold)) {
      threshold = 0;
    }
    if (rule == SplitRule.FLOAT_BELOW) {
      threshold = Float.valueOf((float) threshold).doubleValue();
    }
    thresholds.add(threshold);
    // Deep trees are thin, so that they stay small.
    int other = depth > 7 && random.nextInt(8) > 0 ? 0 : depth - 1;
    int left = grow(random, nodes, features, width, rule, depth - 1, thresholds);
    int right = grow(random, nodes, features, width, rule, other, thresholds);
    int column = random.nextInt(features);
    return nodes.split(column, threshold, random.nextInt(8), left, right);
  }

  private static double[][] randomColumns(
      Random random, int features, int rows, List<Double> thresholds) {
    double[][] columns = new double[features][rows];
    for (double[] column : columns) {
      for (int r = 0; r < rows; r++) {
        column[r] =
            switch (random.nextInt(5)) {
              case 0 -> edge(random);
              case 1 -> thresholds.isEmpty() ? 0 : tie(random, thresholds);
              default -> random.nextGaussian();
            };
      }
    }
    return columns;
  }

  /** A threshold or one of its neighbours, as double and as float. */
  private static double tie(Random random, List<Double> thresholds) {
    double threshold = thresholds.get(random.nextInt(thresholds.size()));
    return switch (random.nextInt(5)) {
      case 0 -> threshold;
      case 1 -> Math.nextUp(threshold);
      case 2 -> Math.nextDown(threshold);
      case 3 -> Math.nextUp((float) threshold);
      default -> Math.nextDown((float) threshold);
    };
  }

  private static double edge(Random random) {
    return EDGES[random.nextInt(EDGES.length)];
  }

  /** The code of a threshold of 0 has all bits set, as if it were a leaf with a sign. */
  @Test
  void walksPastASplitAtZeroInADeepTree() {
    Nodes nodes = new Nodes(1, 1);
    int node = nodes.leaf(7);
    for (int depth = 0; depth < 20; depth++) {
      node = nodes.split(0, 0, TreeTable.MISSING_NAN, node, nodes.leaf(depth));
    }
    TreeTable tree = nodes.root(node).table();
    double[][] raw = new double[1][1];
    Frame frame = new Frame(1, 0, new double[][] {{-1}}, new String[1][]);
    Forest.of(
            tree,
            SplitRule.FLOAT_BELOW,
            CategoryRule.XGBOOST,
            tree.values(),
            new int[1],
            Precision.DOUBLE,
            Optional.empty())
        .addTo(frame, raw);
    assertThat(raw[0]).containsExactly(7);
  }

  @Test
  void cutsWideModelsIntoSmallerBlocks() {
    int features = 2000;
    Nodes nodes = new Nodes(features, 1);
    for (int f = 0; f < features; f++) {
      int rule = TreeTable.MISSING_NAN | (f % 2 == 0 ? TreeTable.DEFAULT_LEFT : 0);
      nodes.root(nodes.split(f, 0.5, rule, nodes.leaf(0), nodes.leaf(1)));
    }
    TreeTable trees = nodes.table();
    assertThat(BlockLeaves.of(trees, SplitRule.FLOAT_BELOW).orElseThrow().maxRows()).isEqualTo(128);
    double[][] columns = new double[features][300];
    for (double[] column : columns) {
      column[299] = 1;
    }
    double[][] raw = new double[1][300];
    Forest.of(
            trees,
            SplitRule.FLOAT_BELOW,
            CategoryRule.XGBOOST,
            trees.values(),
            new int[features],
            Precision.DOUBLE,
            Optional.empty())
        .addTo(new Frame(300, 0, columns, new String[features][]), raw);
    assertThat(raw[0][298]).isZero();
    assertThat(raw[0][299]).isEqualTo(features);
  }

  @Test
  void takesOnlyNumericNodes() {
    Nodes nodes = new Nodes(1, 1);
    nodes.root(nodes.category(0, 2, nodes.leaf(1), nodes.leaf(2), 3));
    assertThat(BlockLeaves.of(nodes.table(), SplitRule.FLOAT_BELOW)).isEmpty();
  }

  @Test
  void codesOfFloatsAreInOrder() {
    float[] ascending = {
      Float.NEGATIVE_INFINITY,
      -Float.MAX_VALUE,
      -1,
      -Float.MIN_VALUE,
      0,
      Float.MIN_VALUE,
      1,
      Float.MAX_VALUE,
      Float.POSITIVE_INFINITY
    };
    for (int i = 1; i < ascending.length; i++) {
      assertThat(BlockLeaves.floatCode(ascending[i]))
          .isGreaterThan(BlockLeaves.floatCode(ascending[i - 1]));
    }
    assertThat(BlockLeaves.floatCode(-0.0f)).isEqualTo(BlockLeaves.floatCode(0.0f));
  }

  @Test
  void ranksCountThresholdsBelow() {
    double[] thresholds = {-1, 0, 2.5};
    assertThat(BlockLeaves.rank(thresholds, -2)).isZero();
    assertThat(BlockLeaves.rank(thresholds, -1)).isZero();
    assertThat(BlockLeaves.rank(thresholds, -0.0)).isEqualTo(1);
    assertThat(BlockLeaves.rank(thresholds, 2.5)).isEqualTo(2);
    assertThat(BlockLeaves.rank(thresholds, 3)).isEqualTo(3);
  }
}
