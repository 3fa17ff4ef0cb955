package io.scorebatch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.model.CategorySets;
import io.scorebatch.api.model.SplitRule;
import io.scorebatch.api.model.TreeTable;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class BalancedTreeTest {
  /** Each inner node goes one way: by the balanced tree as from node to node. */
  @Property(tries = 200)
  void leadsToTheSameLeaves(@ForAll long seed) {
    TreeTable trees = new RandomTrees(seed, SplitRule.DOUBLE_AT_MOST, true).table(1);
    BalancedTree tree = make(trees).orElseThrow();
    Random random = new Random(seed);
    for (int i = 0; i < 50; i++) {
      boolean[] right = new boolean[trees.nodes()];
      for (int node = 0; node < right.length; node++) {
        right[node] = random.nextBoolean();
      }
      assertThat(tree.leaves()[code(tree, right)]).isEqualTo(leaf(trees, right));
    }
  }

  private static int leaf(TreeTable trees, boolean[] right) {
    int node = trees.roots()[0];
    while (!trees.isLeaf(node)) {
      node = right[node] ? trees.right()[node] : trees.left()[node];
    }
    return node;
  }

  private static int code(BalancedTree tree, boolean[] right) {
    int code = 0;
    for (int d = 0; d < tree.height(); d++) {
      boolean reached = false;
      for (int i = 0; i < tree.nodes().length; i++) {
        int place = tree.places()[i];
        if (BalancedTree.depth(place) == d && BalancedTree.position(place) == code) {
          boolean passes = right[tree.nodes()[i]] != BalancedTree.left(place);
          reached = passes && (reached || !BalancedTree.further(place));
        }
      }
      code |= reached ? 1 << d : 0;
    }
    return code;
  }

  @Test
  void takesLowTreesAsTheyAre() {
    Nodes nodes = new Nodes(1, 1);
    int left = nodes.split(0, 1, 0, nodes.leaf(1), nodes.leaf(2));
    int root = nodes.split(0, 2, 0, left, nodes.leaf(3));
    BalancedTree tree = make(nodes.root(root).table()).orElseThrow();
    assertThat(tree.height()).isEqualTo(2);
    assertThat(tree.nodes()).containsExactly(root, left);
    assertThat(tree.places())
        .containsExactly(
            BalancedTree.place(false, false, 0, 0), BalancedTree.place(false, false, 1, 0));
  }

  @Test
  void halvesAChain() {
    assertThat(make(chain(63)).orElseThrow().height()).isEqualTo(7);
    assertThat(make(chain(200)).orElseThrow().height()).isEqualTo(8);
  }

  @Test
  void aLeafNeedsNoDecision() {
    Nodes nodes = new Nodes(1, 1);
    int leaf = nodes.leaf(1);
    BalancedTree tree = make(nodes.root(leaf).table()).orElseThrow();
    assertThat(tree.height()).isZero();
    assertThat(tree.leaves()).containsExactly(leaf);
  }

  @Test
  void refusesTreesWithTooManyLeaves() {
    assertThat(make(chain(257))).isEmpty();
    assertThat(make(chain(100_000))).isEmpty();
  }

  private static Optional<BalancedTree> make(TreeTable trees) {
    return new BalancedTree.Maker(trees, 8).make(trees.roots()[0]);
  }

  /** A chain whose root is node 0; each right child is a leaf. */
  private static TreeTable chain(int leaves) {
    int n = 2 * leaves - 1;
    int[] left = new int[n];
    int[] right = new int[n];
    for (int i = 0; i < n; i++) {
      boolean inner = i % 2 == 0 && i < n - 1;
      left[i] = inner ? i + 2 : -1;
      right[i] = inner ? i + 1 : -1;
    }
    return new TreeTable(
        1,
        new int[] {0},
        left,
        right,
        new int[n],
        new double[n],
        new byte[n],
        new int[0],
        new CategorySets(new int[1], new int[0]),
        new int[0],
        1,
        new double[n]);
  }
}
