package io.scorebatch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.model.SplitRule;
import io.scorebatch.api.model.TreeEnsemble.Precision;
import io.scorebatch.api.model.TreeTable;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The fast walk against its plain twin. */
class BlockLeavesTest {
  private static final int[] SIZES = {0, 1, 7, 8, 9, 1023, 1024, 1025, 2047, 2048, 2049};

  @Property(tries = 200)
  void agreesWithThePlainTwin(
      @ForAll long seed, @ForAll SplitRule rule, @ForAll @IntRange(min = 0, max = 10) int size) {
    RandomTrees random = new RandomTrees(seed, rule, false);
    TreeTable trees = random.table((int) (seed & 7));
    random.assertAgrees(
        BlockLeaves.of(trees, rule).orElseThrow(), trees, random.frame(SIZES[size]));
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
    new Forest(
            BlockLeaves.of(tree, SplitRule.FLOAT_BELOW).orElseThrow(),
            tree,
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
    new Forest(
            BlockLeaves.of(trees, SplitRule.FLOAT_BELOW).orElseThrow(),
            trees,
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
