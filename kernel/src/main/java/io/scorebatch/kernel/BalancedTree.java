package io.scorebatch.kernel;

import io.scorebatch.api.model.TreeTable;
import java.util.Arrays;
import java.util.Optional;

/**
 * A tree as low as it can be made: each decision asks whether a row reaches some node. Where that
 * is the right child of the root, the decision is the root's own test; in a thin tree it is a node
 * that about half of the leaves hang from, and the decision is all tests on the way there. Rows
 * that reach it go on below it, others in the tree without it. So 63 leaves in a tree of almost any
 * shape need seven decisions, of 1.4 tests each.
 *
 * <p>The answer at depth d is bit d of where a row stands: decisions at depth d have positions of d
 * bits, leaves have codes of {@code height} bits. A leaf that stands higher has several codes: what
 * is answered below it does not matter.
 *
 * @param height number of answers on the way to a code
 * @param nodes the inner node of each test, decision by decision
 * @param places where each test belongs: {@link #place}
 * @param leaves the node of each code
 */
record BalancedTree(int height, int[] nodes, int[] places, int[] leaves) {
  private static final int LEFT = 1;
  private static final int FURTHER = 2;
  private static final int DEPTH_SHIFT = 2;
  private static final int DEPTH_MASK = 15;
  private static final int POSITION_SHIFT = DEPTH_SHIFT + 4;

  /** Bits of a place, for heights up to 8. */
  static final int PLACE_BITS = POSITION_SHIFT + 7;

  /**
   * Where a test belongs.
   *
   * @param left whether the way leads to the left
   * @param further whether the decision has tests before it
   * @param depth of the decision
   * @param position of the decision
   */
  static int place(boolean left, boolean further, int depth, int position) {
    return (left ? LEFT : 0)
        | (further ? FURTHER : 0)
        | depth << DEPTH_SHIFT
        | position << POSITION_SHIFT;
  }

  static boolean left(int place) {
    return (place & LEFT) != 0;
  }

  static boolean further(int place) {
    return (place & FURTHER) != 0;
  }

  static int depth(int place) {
    return place >>> DEPTH_SHIFT & DEPTH_MASK;
  }

  static int position(int place) {
    return place >>> POSITION_SHIFT;
  }

  /** Lowers trees one after the other. One thread. */
  static final class Maker {
    /** How far both sides of a cut may fill what they have room for. */
    private static final double FILL = 0.6;

    private final TreeTable trees;
    private final int maxHeight;

    /** The nodes of a tree, parents first, and what is left of it. Leaves have no children: -1. */
    private final int[] node;

    private final int[] left;
    private final int[] right;
    private final int[] parent;
    private final int[] leaves;
    private final int[] height;

    private final int[] queue;
    private final int[] testNodes;
    private final int[] testPlaces;
    private final int[] codes;
    private int tests;
    private int target;

    Maker(TreeTable trees, int maxHeight) {
      this.trees = trees;
      this.maxHeight = maxHeight;
      int most = 2 << maxHeight;
      node = new int[most];
      left = new int[most];
      right = new int[most];
      parent = new int[most];
      leaves = new int[most];
      height = new int[most];
      queue = new int[most];
      testNodes = new int[most * maxHeight];
      testPlaces = new int[most * maxHeight];
      codes = new int[1 << maxHeight];
    }

    /** As few levels as possible; nothing where more than the greatest height are needed. */
    Optional<BalancedTree> make(int root) {
      if (!read(root)) {
        return Optional.empty();
      }
      target = Integer.SIZE - Integer.numberOfLeadingZeros(leaves[0] - 1);
      for (; target <= maxHeight; target++) {
        boolean roomy = leaves[0] <= (1 << target) * FILL || target == maxHeight;
        if (height[0] <= target || roomy) {
          tests = 0;
          if (place(0, 0, 0)) {
            return Optional.of(
                new BalancedTree(
                    target,
                    Arrays.copyOf(testNodes, tests),
                    Arrays.copyOf(testPlaces, tests),
                    Arrays.copyOf(codes, 1 << target)));
          }
          read(root);
        }
      }
      return Optional.empty();
    }

    /** Whether the tree is small enough. */
    private boolean read(int root) {
      int count = 1;
      node[0] = root;
      for (int i = 0; i < count; i++) {
        left[i] = -1;
        right[i] = -1;
        if (!trees.isLeaf(node[i])) {
          if (count + 2 > node.length) {
            return false;
          }
          left[i] = child(i, trees.left()[node[i]], count++);
          right[i] = child(i, trees.right()[node[i]], count++);
        }
      }
      for (int i = count - 1; i >= 0; i--) {
        measure(i);
      }
      return leaves[0] <= codes.length;
    }

    private int child(int of, int tableNode, int number) {
      node[number] = tableNode;
      parent[number] = of;
      return number;
    }

    private void measure(int i) {
      boolean leaf = left[i] < 0;
      leaves[i] = leaf ? 1 : leaves[left[i]] + leaves[right[i]];
      height[i] = leaf ? 0 : 1 + Math.max(height[left[i]], height[right[i]]);
    }

    /** Whether a part of the tree fits below this depth; then it stands there. */
    private boolean place(int part, int depth, int position) {
      if (left[part] < 0) {
        for (int code = position; code < 1 << target; code += 1 << depth) {
          codes[code] = node[part];
        }
        return true;
      }
      if (depth == target) {
        return false;
      }
      int room = target - depth;
      int reached = height[part] <= room ? right[part] : cut(part, 1 << (room - 1));
      addTests(reached, part, depth, position);
      return place(remove(reached, part), depth + 1, position)
          && place(reached, depth + 1, position | 1 << depth);
    }

    /**
     * A node whose removal leaves enough room on both sides, as near to the root as there is one;
     * else the one that halves best.
     */
    private int cut(int root, int room) {
      int best = right[root];
      int least = Integer.MAX_VALUE;
      int from = 0;
      int to = 0;
      queue[to++] = right[root];
      queue[to++] = left[root];
      while (from < to) {
        int i = queue[from++];
        int most = Math.max(leaves[i], leaves[root] - leaves[i]);
        if (most < least) {
          best = i;
          least = most;
          if (most <= room * FILL) {
            break;
          }
        }
        if (left[i] >= 0) {
          queue[to++] = right[i];
          queue[to++] = left[i];
        }
      }
      return best;
    }

    private void addTests(int reached, int root, int depth, int position) {
      for (int i = reached; i != root; i = parent[i]) {
        testNodes[tests] = node[parent[i]];
        testPlaces[tests] = BalancedTree.place(i == left[parent[i]], i != reached, depth, position);
        tests++;
      }
    }

    /** Takes a node off: its sibling takes the place of its parent. Returns the new root. */
    private int remove(int gone, int root) {
      int above = parent[gone];
      int sibling = gone == left[above] ? right[above] : left[above];
      if (above == root) {
        return sibling;
      }
      int next = parent[above];
      if (left[next] == above) {
        left[next] = sibling;
      } else {
        right[next] = sibling;
      }
      parent[sibling] = next;
      for (int i = next; i != root; i = parent[i]) {
        measure(i);
      }
      measure(root);
      return root;
    }
  }
}
