package io.scorebatch.artifact.lightgbm;

import io.scorebatch.api.model.LinearLeaves;
import io.scorebatch.api.model.TreeTable;
import io.scorebatch.artifact.lightgbm.ModelText.Section;
import io.scorebatch.artifact.model.TreeTableBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Trees of a LightGBM text as one table. One thread at a time. */
final class Trees {
  private static final int CATEGORICAL = 1;
  private static final int DEFAULT_LEFT = 2;

  private final TreeTableBuilder table;
  // Of the linear leaves, one entry a node of the table.
  private final List<Leaf> leaves = new ArrayList<>();
  private boolean linear;

  /** A node's constant and coefficients; inner nodes have none. */
  private record Leaf(double constant, int[] features, double[] coefficients) {
    static final Leaf INNER = new Leaf(0, new int[0], new double[0]);

    static Leaf plain(double value) {
      return new Leaf(value, INNER.features(), INNER.coefficients());
    }
  }

  Trees(int features, List<Section> trees) {
    this.table = new TreeTableBuilder(features, 1);
    trees.forEach(this::add);
  }

  TreeTable table() {
    return table.build();
  }

  Optional<LinearLeaves> linearLeaves() {
    if (!linear) {
      return Optional.empty();
    }
    double[] constants = new double[leaves.size()];
    int[] offsets = new int[leaves.size() + 1];
    for (int i = 0; i < constants.length; i++) {
      constants[i] = leaves.get(i).constant();
      offsets[i + 1] = offsets[i] + leaves.get(i).features().length;
    }
    return Optional.of(
        new LinearLeaves(
            constants,
            offsets,
            leaves.stream().flatMapToInt(l -> java.util.Arrays.stream(l.features())).toArray(),
            leaves.stream()
                .flatMapToDouble(l -> java.util.Arrays.stream(l.coefficients()))
                .toArray()));
  }

  private void add(Section tree) {
    int leafCount = tree.count("num_leaves", Integer.MAX_VALUE);
    if (leafCount < 1) {
      throw tree.damaged(tree.name() + " has no leaf");
    }
    double[] values = tree.numbers("leaf_value", leafCount);
    List<Leaf> linearLeaves = linearLeaves(tree, values);
    int inner = leafCount - 1;
    int[] left = tree.integers("left_child", inner);
    int[] right = tree.integers("right_child", inner);
    int[] feature = tree.integers("split_feature", inner);
    double[] threshold = tree.numbers("threshold", inner);
    int[] decision = tree.integers("decision_type", inner);
    int[] sets = categorySets(tree);

    boolean[] seen = new boolean[inner];
    boolean[] seenLeaf = new boolean[leafCount];
    int[] open = new int[inner + 2];
    int[] parents = new int[inner + 2]; // ~parent for a right child
    int size = 1;
    open[0] = inner == 0 ? ~0 : 0;
    parents[0] = Integer.MAX_VALUE;
    table.startTree();
    while (size > 0) {
      int node = open[--size];
      int parent = parents[size];
      boolean leaf = node < 0;
      if (leaf ? ~node >= leafCount || seenLeaf[~node] : node >= inner || seen[node]) {
        throw tree.damaged(
            tree.name() + " has the child " + node + ", which is outside or taken already");
      }
      int added;
      if (leaf) {
        seenLeaf[~node] = true;
        added = table.leaf(values[~node]);
        leaves.add(linearLeaves.get(~node));
      } else {
        seen[node] = true;
        added = inner(tree, feature[node], threshold[node], decision[node], sets);
        leaves.add(Leaf.INNER);
        if (size + 2 > open.length) {
          throw tree.damaged(tree.name() + " is no tree");
        }
        open[size] = right[node];
        parents[size++] = ~added;
        open[size] = left[node];
        parents[size++] = added;
      }
      if (parent >= 0 && parent != Integer.MAX_VALUE) {
        table.linkLeft(parent, added);
      } else if (parent < 0) {
        table.linkRight(~parent, added);
      }
    }
  }

  private int inner(Section tree, int feature, double threshold, int decision, int[] sets) {
    int missing;
    switch (decision >> 2 & 3) {
      case 0:
        missing = TreeTable.MISSING_AS_ZERO;
        break;
      case 1:
        missing = TreeTable.MISSING_ZERO_OR_NAN;
        break;
      case 2:
        missing = TreeTable.MISSING_NAN;
        break;
      default:
        throw tree.damaged(tree.name() + " has the decision type " + decision);
    }
    if ((decision & DEFAULT_LEFT) != 0) {
      missing += TreeTable.DEFAULT_LEFT;
    }
    if ((decision & CATEGORICAL) == 0) {
      return table.numeric(feature, threshold(threshold), missing);
    }
    int set = (int) threshold;
    if (set < 0 || set >= sets.length) {
      throw tree.damaged(tree.name() + " has no category set " + threshold);
    }
    return table.categorical(feature, sets[set], missing);
  }

  /**
   * LightGBM reads every x within the zero limit as 0 before it compares. Comparing x itself gives
   * the same with thresholds moved out of that range.
   */
  private static double threshold(double stored) {
    if (Math.abs(stored) > TreeTable.ZERO_LIMIT || Double.isNaN(stored)) {
      return stored;
    }
    return stored >= 0 ? TreeTable.ZERO_LIMIT : Math.nextDown(-TreeTable.ZERO_LIMIT);
  }

  private int[] categorySets(Section tree) {
    int count = tree.countOr("num_cat", 0, Integer.MAX_VALUE - 1);
    if (count == 0) {
      return new int[0];
    }
    int[] boundaries = tree.integers("cat_boundaries", count + 1);
    int[] words = tree.integers("cat_threshold", tree.parts("cat_threshold").length);
    int[] sets = new int[count];
    for (int i = 0; i < count; i++) {
      if (boundaries[i] < 0
          || boundaries[i] > boundaries[i + 1]
          || boundaries[i + 1] > words.length) {
        throw tree.damaged(tree.name() + " has cat_boundaries out of order");
      }
      sets[i] = table.set(java.util.Arrays.copyOfRange(words, boundaries[i], boundaries[i + 1]));
    }
    return sets;
  }

  private List<Leaf> linearLeaves(Section tree, double[] values) {
    List<Leaf> result = new ArrayList<>();
    if (!tree.text("is_linear").orElse("0").equals("1")) {
      for (double value : values) {
        result.add(Leaf.plain(value));
      }
      return result;
    }
    linear = true;
    double[] constants = tree.numbers("leaf_const", values.length);
    int[] counts = tree.integers("num_features", values.length);
    int total = tree.parts("leaf_features").length;
    int[] features = tree.integers("leaf_features", total);
    double[] coefficients = tree.numbers("leaf_coeff", total);
    int at = 0;
    for (int i = 0; i < values.length; i++) {
      if (counts[i] < 0 || counts[i] > total - at) {
        throw tree.damaged(tree.name() + " has " + counts[i] + " features in the leaf " + i);
      }
      result.add(
          new Leaf(
              constants[i],
              java.util.Arrays.copyOfRange(features, at, at + counts[i]),
              java.util.Arrays.copyOfRange(coefficients, at, at + counts[i])));
      at += counts[i];
    }
    return result;
  }
}
