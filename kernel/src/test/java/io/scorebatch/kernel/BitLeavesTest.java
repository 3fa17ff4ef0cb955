package io.scorebatch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.model.CategoryRule;
import io.scorebatch.api.model.SplitRule;
import io.scorebatch.api.model.TreeEnsemble.Precision;
import io.scorebatch.api.model.TreeTable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Leaves found by bits against the plain twin. */
class BitLeavesTest {
  private static final int[] SIZES = {0, 1, 16, 17, 63, 64, 65, 1023, 1024, 1025, 2049};

  @Property(tries = 300)
  void agreeWithThePlainTwin(
      @ForAll long seed, @ForAll SplitRule rule, @ForAll @IntRange(min = 0, max = 10) int size) {
    RandomTrees random = new RandomTrees(seed, rule, true);
    TreeTable trees = random.table(20);
    random.assertAgrees(of(trees, rule).orElseThrow(), trees, random.frame(SIZES[size]));
  }

  /** So many conditions that they do not fit into one group. */
  @Test
  void agreeWhereTreesAreInSeveralGroups() {
    RandomTrees random = new RandomTrees(5, SplitRule.DOUBLE_AT_MOST, true);
    TreeTable trees = random.table(1500);
    random.assertAgrees(
        of(trees, SplitRule.DOUBLE_AT_MOST).orElseThrow(), trees, random.frame(1500));
  }

  @Test
  void findTreesInAnyOrder() {
    RandomTrees random = new RandomTrees(5, SplitRule.DOUBLE_AT_MOST, true);
    TreeTable trees = random.table(1500);
    BitLeaves finder = of(trees, SplitRule.DOUBLE_AT_MOST).orElseThrow();
    Frame frame = random.frame(100);
    try (LeafFinder.Search search = finder.search(frame, 0, 100)) {
      int[] first = nodes(finder, search, 0);
      int[] last = nodes(finder, search, 1499);
      assertThat(nodes(finder, search, 0)).isEqualTo(first).isNotEqualTo(last);
      assertThat(nodes(finder, search, 1499)).isEqualTo(last);
    }
  }

  @Test
  void serveSeveralThreadsAtOnce() throws Exception {
    RandomTrees random = new RandomTrees(3, SplitRule.FLOAT_AT_MOST, true);
    TreeTable trees = random.table(50);
    BitLeaves finder = of(trees, SplitRule.FLOAT_AT_MOST).orElseThrow();
    List<Frame> frames = IntStream.range(0, 40).mapToObj(i -> random.frame(1024)).toList();
    List<int[]> alone = frames.stream().map(frame -> last(finder, frame)).toList();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<int[]>> together =
          frames.stream().map(frame -> threads.submit(() -> last(finder, frame))).toList();
      for (int i = 0; i < frames.size(); i++) {
        assertThat(together.get(i).get()).isEqualTo(alone.get(i));
      }
    } finally {
      threads.shutdown();
    }
  }

  private static int[] last(BitLeaves finder, Frame frame) {
    try (LeafFinder.Search search = finder.search(frame, 0, frame.rows)) {
      return nodes(finder, search, 49);
    }
  }

  /** A leaf may have several codes; its node is one. */
  private static int[] nodes(BitLeaves finder, LeafFinder.Search search, int tree) {
    int[] leaves = new int[finder.maxRows()];
    search.leaves(tree, leaves);
    return Arrays.stream(leaves).map(code -> finder.order()[code]).toArray();
  }

  @Test
  void fillACodeWith256Leaves() {
    Nodes nodes = new Nodes(1, 1);
    int root = bushy(nodes, 0, 256);
    TreeTable trees = nodes.root(root).table();
    double[] x = IntStream.range(0, 1000).mapToDouble(i -> i % 256 + 0.5).toArray();
    double[][] raw = new double[1][x.length];
    new Forest(
            of(trees, SplitRule.DOUBLE_AT_MOST).orElseThrow(),
            trees,
            trees.values(),
            new int[1],
            Precision.DOUBLE,
            Optional.empty())
        .addTo(new Frame(x.length, 0, new double[][] {x}, new String[1][]), raw);
    assertThat(raw[0]).isEqualTo(IntStream.range(0, 1000).mapToDouble(i -> i % 256).toArray());
  }

  /** Leaf i holds i, for values from i to i + 1. */
  private static int bushy(Nodes nodes, int from, int to) {
    if (to - from == 1) {
      return nodes.leaf(from);
    }
    int middle = (from + to) / 2;
    return nodes.split(
        0, middle, TreeTable.MISSING_NAN, bushy(nodes, from, middle), bushy(nodes, middle, to));
  }

  @Test
  void takeOnlyNumericNodes() {
    Nodes nodes = new Nodes(1, 1);
    nodes.root(nodes.category(0, 2, nodes.leaf(1), nodes.leaf(2), 3));
    assertThat(of(nodes.table(), SplitRule.FLOAT_BELOW)).isEmpty();
  }

  @Test
  void takeOnlyFiniteThresholds() {
    assertThat(of(Nodes.stump(-Float.MAX_VALUE, 0, 1, 2), SplitRule.FLOAT_AT_MOST)).isPresent();
    assertThat(of(Nodes.stump(-Float.MAX_VALUE, 0, 1, 2), SplitRule.FLOAT_BELOW)).isEmpty();
    assertThat(of(Nodes.stump(Double.POSITIVE_INFINITY, 0, 1, 2), SplitRule.DOUBLE_AT_MOST))
        .isEmpty();
  }

  /** Values are ranked feature by feature: that pays where many trees read them. */
  @Test
  void needAsManyTreesAsFeatures() {
    Nodes nodes = new Nodes(2, 1);
    int other = nodes.split(1, 0.5, TreeTable.MISSING_NAN, nodes.leaf(1), nodes.leaf(2));
    nodes.root(nodes.split(0, 0.5, TreeTable.MISSING_NAN, nodes.leaf(0), other));
    assertThat(of(nodes.table(), SplitRule.FLOAT_BELOW)).isEmpty();
    nodes.root(nodes.split(0, 0.5, TreeTable.MISSING_NAN, nodes.leaf(0), nodes.leaf(1)));
    assertThat(of(nodes.table(), SplitRule.FLOAT_BELOW)).isPresent();
  }

  private static Optional<BitLeaves> of(TreeTable trees, SplitRule rule) {
    return BitLeaves.of(trees, rule, new PlainLeaves(trees, rule, CategoryRule.XGBOOST));
  }
}
