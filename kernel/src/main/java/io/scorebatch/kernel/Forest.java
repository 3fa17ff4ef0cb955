package io.scorebatch.kernel;

import io.scorebatch.api.model.CategoryRule;
import io.scorebatch.api.model.LinearLeaves;
import io.scorebatch.api.model.SplitRule;
import io.scorebatch.api.model.TreeEnsemble.Precision;
import io.scorebatch.api.model.TreeTable;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the leaves of all trees, in the order of the trees for each row. Immutable, thread-safe.
 */
final class Forest {
  private final LeafFinder finder;
  private final int trees;
  private final int width;
  private final int[] outputOfTree;
  private final double[] values;
  private final boolean floats;
  private final @Nullable LinearLeaves linear;
  private final int[] order;

  /**
   * @param values leaf values, aligned with the table's nodes
   * @param outputOfTree for width 1 the output of each tree; empty for wider trees
   */
  Forest(
      LeafFinder finder,
      TreeTable table,
      double[] values,
      int[] outputOfTree,
      Precision precision,
      Optional<LinearLeaves> linear) {
    this.finder = finder;
    this.trees = table.trees();
    this.width = table.width();
    this.outputOfTree = outputOfTree;
    this.order = finder.order();
    this.floats = precision == Precision.FLOAT;
    this.linear = linear.orElse(null);
    this.values = new double[order.length * width];
    for (int i = 0; i < order.length; i++) {
      System.arraycopy(values, order[i] * width, this.values, i * width, width);
    }
  }

  /**
   * Finds leaves the fastest way there is for trees of this shape.
   *
   * @param values leaf values, aligned with the table's nodes
   * @param outputOfTree for width 1 the output of each tree; empty for wider trees
   */
  static Forest of(
      TreeTable table,
      SplitRule splits,
      CategoryRule categories,
      double[] values,
      int[] outputOfTree,
      Precision precision,
      Optional<LinearLeaves> linear) {
    PlainLeaves plain = new PlainLeaves(table, splits, categories);
    LeafFinder finder =
        BitLeaves.of(table, splits, plain)
            .<LeafFinder>map(f -> f)
            .or(() -> BlockLeaves.of(table, splits))
            .orElse(plain);
    return new Forest(finder, table, values, outputOfTree, precision, linear);
  }

  /** Adds the trees to the raw scores, one array an output. */
  void addTo(Frame in, double[][] raw) {
    int block = finder.maxRows();
    int[] leaves = new int[block];
    for (int start = 0; start < in.rows; start += block) {
      int count = Math.min(block, in.rows - start);
      try (LeafFinder.Search search = finder.search(in, start, count)) {
        for (int tree = 0; tree < trees; tree++) {
          search.leaves(tree, leaves);
          if (linear != null) {
            addLinear(linear, in, raw[outputOfTree[tree]], leaves, start, count);
          } else if (outputOfTree.length == 0) {
            addVectors(raw, leaves, start, count);
          } else if (floats) {
            addFloats(raw[outputOfTree[tree]], leaves, start, count);
          } else {
            addDoubles(raw[outputOfTree[tree]], leaves, start, count);
          }
        }
      }
    }
  }

  private void addDoubles(double[] sum, int[] leaves, int start, int count) {
    for (int r = 0; r < count; r++) {
      sum[start + r] += values[leaves[r]];
    }
  }

  /** The sum of two floats rounded to float is the float sum: double holds it exactly enough. */
  private void addFloats(double[] sum, int[] leaves, int start, int count) {
    for (int r = 0; r < count; r++) {
      sum[start + r] = (float) (sum[start + r] + values[leaves[r]]);
    }
  }

  private void addVectors(double[][] raw, int[] leaves, int start, int count) {
    for (int k = 0; k < width; k++) {
      double[] sum = raw[k];
      for (int r = 0; r < count; r++) {
        double added = sum[start + r] + values[leaves[r] * width + k];
        sum[start + r] = floats ? (float) added : added;
      }
    }
  }

  private void addLinear(
      LinearLeaves lines, Frame in, double[] sum, int[] leaves, int start, int count) {
    for (int r = 0; r < count; r++) {
      int node = order[leaves[r]];
      double value = lines.constants()[node];
      for (int j = lines.offsets()[node]; j < lines.offsets()[node + 1]; j++) {
        double x = in.numbers(lines.features()[j])[start + r];
        if (Double.isNaN(x)) {
          value = values[leaves[r]];
          break;
        }
        value += lines.coefficients()[j] * x;
      }
      sum[start + r] += value;
    }
  }
}
