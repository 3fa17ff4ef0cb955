package io.scorebatch.artifact.xgboost;

import io.scorebatch.api.model.TreeTable;
import io.scorebatch.artifact.model.TreeTableBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Trees of a gbtree or dart booster as one table. One thread at a time. */
final class Trees {
  private static final int HIGHEST_CODE = 1 << 24; // what float32 can count

  private final TreeTableBuilder table;
  private final float[] dartStart;
  private final int width;

  /**
   * @param features input columns
   * @param dartStart what a dart booster adds to a leaf and takes off again before it weighs it,
   *     for each output: the start of the sum where the wrappers score in place, 0 for a Booster
   * @param width outputs a leaf holds
   */
  Trees(int features, float[] dartStart, int width) {
    this.table = new TreeTableBuilder(features, width);
    this.dartStart = dartStart;
    this.width = width;
  }

  /**
   * The trees, leaves ready to be added.
   *
   * @param blocks the trees to take
   * @param outputs the output of each tree; read where leaves hold one number
   * @param weights dart's weight of each tree; empty for gbtree
   */
  TreeTable table(List<Block> blocks, int[] outputs, double[] weights) {
    for (int tree = 0; tree < blocks.size(); tree++) {
      add(blocks.get(tree), outputs[tree], weights, tree);
    }
    return table.build();
  }

  private void add(Block tree, int output, double[] weights, int number) {
    int[] left = tree.integers("left_children");
    int nodes = left.length;
    if (nodes == 0) {
      throw tree.damaged(tree.path() + " has no node");
    }
    int[] right = tree.integers("right_children", nodes);
    int[] feature = tree.integers("split_indices", nodes);
    double[] condition = tree.numbers("split_conditions", nodes);
    double[] defaultLeft = tree.numbers("default_left", nodes);
    double[] splitType = tree.numbers("split_type");
    if (splitType.length != 0 && splitType.length != nodes) {
      throw tree.damaged(tree.path() + ".split_type has " + splitType.length + " entries");
    }
    Map<Integer, Integer> sets = categorySets(tree);
    double[] vectors = width == 1 ? condition : vectors(tree);

    // Only nodes a row can reach are taken: pruned ones hold rubbish. A node met twice is a cycle.
    boolean[] seen = new boolean[nodes];
    int[] open = new int[nodes + 1];
    int[] parents = new int[nodes + 1]; // ~parent for a right child
    int size = 1;
    parents[0] = Integer.MAX_VALUE;
    table.startTree();
    while (size > 0) {
      int node = open[--size];
      int parent = parents[size];
      if (node < 0 || node >= nodes || seen[node]) {
        throw tree.damaged(
            tree.path() + " has the child " + node + (node < 0 || node >= nodes ? "" : " twice"));
      }
      seen[node] = true;
      boolean leaf = left[node] == -1;
      int added =
          leaf
              ? leaf(tree, vectors, node, right[node], nodes, output, weights, number)
              : inner(
                  feature[node],
                  condition[node],
                  defaultLeft[node] != 0,
                  splitType.length != 0 && splitType[node] != 0 ? sets.get(node) : null,
                  splitType.length != 0 && splitType[node] != 0);
      if (parent != Integer.MAX_VALUE) {
        if (parent >= 0) {
          table.linkLeft(parent, added);
        } else {
          table.linkRight(~parent, added);
        }
      }
      if (!leaf) {
        if (size + 2 > open.length) {
          throw tree.damaged(tree.path() + " is no tree");
        }
        open[size] = right[node];
        parents[size++] = ~added;
        open[size] = left[node];
        parents[size++] = added;
      }
    }
  }

  private int inner(
      int feature,
      double condition,
      boolean defaultLeft,
      @org.jspecify.annotations.Nullable Integer set,
      boolean categorical) {
    int missing = TreeTable.MISSING_NAN + (defaultLeft ? TreeTable.DEFAULT_LEFT : 0);
    if (!categorical) {
      return table.numeric(feature, condition, missing);
    }
    // A categorical node without codes matches none of them.
    return table.categorical(feature, set == null ? table.set(new int[0]) : set, missing);
  }

  private int leaf(
      Block tree,
      double[] vectors,
      int node,
      int leafNumber,
      int nodes,
      int output,
      double[] weights,
      int number) {
    double[] value = new double[width];
    // Since 3.1 vectors are kept for leaves alone, before it for each node.
    int row = width > 1 && vectors.length != nodes * (long) width ? leafNumber : node;
    if (row < 0 || (row + 1L) * width > vectors.length) {
      throw tree.damaged(tree.path() + " has no value for the leaf " + node);
    }
    for (int k = 0; k < width; k++) {
      float leaf = (float) vectors[row * width + k];
      if (weights.length > 0) {
        float from = dartStart[width == 1 ? output : k];
        leaf = (from + leaf - from) * (float) weights[number];
      }
      value[k] = leaf;
    }
    return table.leaf(value);
  }

  private double[] vectors(Block tree) {
    return tree.has("leaf_weights") ? tree.numbers("leaf_weights") : tree.numbers("base_weights");
  }

  private Map<Integer, Integer> categorySets(Block tree) {
    int[] nodes = tree.integers("categories_nodes");
    int[] segments = tree.integers("categories_segments", nodes.length);
    int[] sizes = tree.integers("categories_sizes", nodes.length);
    int[] categories = tree.integers("categories");
    Map<Integer, Integer> sets = new HashMap<>();
    for (int i = 0; i < nodes.length; i++) {
      long end = (long) segments[i] + sizes[i];
      if (segments[i] < 0 || sizes[i] < 0 || end > categories.length) {
        throw tree.damaged(tree.path() + " has the categories of node " + nodes[i] + " outside");
      }
      int highest = -1;
      for (int c = segments[i]; c < end; c++) {
        if (categories[c] < 0 || categories[c] >= HIGHEST_CODE) {
          throw tree.damaged(tree.path() + " has the category " + categories[c]);
        }
        highest = Math.max(highest, categories[c]);
      }
      int[] bits = new int[(highest + 32) / 32];
      for (int c = segments[i]; c < end; c++) {
        bits[categories[c] >>> 5] |= 1 << (categories[c] & 31);
      }
      sets.put(nodes[i], table.set(bits));
    }
    return sets;
  }
}
