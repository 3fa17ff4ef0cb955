package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.CategorySets;
import io.scorebatch.api.model.TreeTable;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lays {@code sklearn.tree._tree.Tree} objects out as one {@link TreeTable}. Before release 1.3
 * nodes have no {@code missing_go_to_left}: NaN is then compared like a number, and the input check
 * keeps it away.
 */
final class TreeTables {
  private static final int LEAF = -1;

  /** What a leaf holds, from the values scikit-learn stores. */
  interface LeafValues {
    /**
     * @param stored one number an output and class, in this order
     * @param at where the numbers of the node start
     * @param count how many there are
     * @param target where the {@code width} numbers of the leaf go
     * @param to index of the first of them
     */
    void fill(double[] stored, int at, int count, double[] target, int to);
  }

  private final int features;
  private final int width;
  private final LeafValues leafValues;
  private final List<Part> parts = new ArrayList<>();
  private int nodes;

  private record Part(
      int[] left,
      int[] right,
      int[] feature,
      double[] threshold,
      byte[] missing,
      double[] values,
      long[] samples) {}

  TreeTables(int features, int width, LeafValues leafValues) {
    this.features = features;
    this.width = width;
    this.leafValues = leafValues;
  }

  /** The tree of a fitted decision tree. */
  static PyObject treeOf(PyObject decisionTree) {
    PyObject tree = decisionTree.object("tree_");
    if (!tree.className().equals("sklearn.tree._tree.Tree")) {
      throw SklearnErrors.damaged(decisionTree, "has a " + tree.className() + " for a tree");
    }
    return tree;
  }

  /**
   * Adds a tree.
   *
   * @param tree a {@code Tree}
   * @param columns for each feature the tree counts, the column of the model it is; null where they
   *     are the same
   */
  void add(PyObject tree, int @Nullable [] columns) {
    NdArray stored = tree.array("nodes");
    NdArray values = tree.array("values");
    int count = stored.size();
    if (count == 0 || values.rank() != 3 || values.extent(0) != count) {
      throw SklearnErrors.damaged(tree, "has " + stored + " and " + values);
    }
    int perNode = values.extent(1) * values.extent(2);
    int[] left = stored.field("left_child").ints();
    int[] right = stored.field("right_child").ints();
    int[] feature = stored.field("feature").ints();
    double[] threshold = stored.field("threshold").doubles();
    long[] goLeft =
        stored.hasField("missing_go_to_left") ? stored.field("missing_go_to_left").longs() : null;
    byte[] missing = new byte[count];
    double[] source = values.doubles();
    if ((long) count * width > Integer.MAX_VALUE) {
      throw SklearnErrors.damaged(tree, "has " + count + " nodes of " + width + " values");
    }
    double[] leaves = new double[count * width];
    for (int i = 0; i < count; i++) {
      if (left[i] == LEAF) {
        feature[i] = 0;
        threshold[i] = 0;
        leafValues.fill(source, i * perNode, perNode, leaves, i * width);
        continue;
      }
      if (goLeft != null) {
        missing[i] = (byte) (TreeTable.MISSING_NAN | (goLeft[i] != 0 ? TreeTable.DEFAULT_LEFT : 0));
      }
      if (left[i] < 0 || left[i] >= count || right[i] < 0 || right[i] >= count) {
        throw SklearnErrors.damaged(tree, "has a node whose child is not in the tree");
      }
      if (columns != null) {
        if (feature[i] < 0 || feature[i] >= columns.length) {
          throw SklearnErrors.damaged(tree, "tests the feature " + feature[i]);
        }
        feature[i] = columns[feature[i]];
      }
      left[i] += nodes;
      right[i] += nodes;
    }
    parts.add(
        new Part(
            left,
            right,
            feature,
            threshold,
            missing,
            leaves,
            stored.field("n_node_samples").longs()));
    nodes = Math.addExact(nodes, count);
  }

  int nodes() {
    return nodes;
  }

  TreeTable build() {
    int[] roots = new int[parts.size()];
    int[] left = new int[nodes];
    int[] right = new int[nodes];
    int[] feature = new int[nodes];
    double[] threshold = new double[nodes];
    byte[] missing = new byte[nodes];
    double[] values = new double[Math.multiplyExact(nodes, width)];
    int at = 0;
    for (int i = 0; i < roots.length; i++) {
      Part part = parts.get(i);
      int count = part.left.length;
      roots[i] = at;
      System.arraycopy(part.left, 0, left, at, count);
      System.arraycopy(part.right, 0, right, at, count);
      System.arraycopy(part.feature, 0, feature, at, count);
      System.arraycopy(part.threshold, 0, threshold, at, count);
      System.arraycopy(part.missing, 0, missing, at, count);
      System.arraycopy(part.values, 0, values, at * width, count * width);
      at += count;
    }
    return new TreeTable(
        features,
        roots,
        left,
        right,
        feature,
        threshold,
        missing,
        new int[0],
        CategorySets.NONE,
        new int[0],
        width,
        values);
  }

  /** {@code n_node_samples} of all nodes. */
  long[] samples() {
    long[] samples = new long[nodes];
    int at = 0;
    for (Part part : parts) {
      System.arraycopy(part.samples, 0, samples, at, part.samples.length);
      at += part.samples.length;
    }
    return samples;
  }

  /** Leaves of a regressor: its outputs as they are. */
  static LeafValues outputs(PyObject owner, int outputs) {
    return (stored, at, count, target, to) -> {
      requireCount(owner, count, outputs);
      System.arraycopy(stored, at, target, to, outputs);
    };
  }

  /**
   * Leaves of a classifier: the share of each class, output by output. Before 1.4 counts are
   * stored, whose sum may be 0; since then shares, which must not be normalised again. Each output
   * has as many numbers as the one of the most classes.
   *
   * @param classes number of classes of each output
   */
  static LeafValues shares(PyObject owner, int[] classes, SklearnVersion version) {
    int most = Arrays.stream(classes).max().orElse(0);
    return (stored, at, count, target, to) -> {
      requireCount(owner, count, classes.length * most);
      int next = to;
      for (int output = 0; output < classes.length; output++) {
        int from = at + output * most;
        System.arraycopy(stored, from, target, next, classes[output]);
        if (!version.since(4)) {
          double sum = PairwiseSum.of(stored, from, classes[output]);
          for (int k = 0; k < classes[output]; k++) {
            target[next + k] /= sum == 0 ? 1 : sum;
          }
        }
        next += classes[output];
      }
    };
  }

  /** Leaves of a boosting stage: {@code learning_rate * value}. */
  static LeafValues scaled(PyObject owner, double rate) {
    return (stored, at, count, target, to) -> {
      requireCount(owner, count, 1);
      target[to] = rate * stored[at];
    };
  }

  /** Leaves nobody reads: isolation trees. */
  static LeafValues unread() {
    return (stored, at, count, target, to) -> Arrays.fill(target, to, to + 1, 0);
  }

  private static void requireCount(PyObject owner, int found, int wanted) {
    if (found != wanted) {
      throw SklearnErrors.damaged(
          owner, "has leaves of " + found + " values where " + wanted + " are expected");
    }
  }
}
