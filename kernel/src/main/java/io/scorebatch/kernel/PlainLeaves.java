package io.scorebatch.kernel;

import io.scorebatch.api.model.CategoryRule;
import io.scorebatch.api.model.SplitRule;
import io.scorebatch.api.model.TreeTable;
import java.util.stream.IntStream;

/**
 * One row after the other through the tables as they are: all split, missing and category rules.
 * The twin that {@link BitLeaves} and {@link BlockLeaves} are tested against, and the way for what
 * those cannot do.
 */
final class PlainLeaves implements LeafFinder {
  private static final int MAX_ROWS = 512;
  private static final int XGBOOST_MAX_CODE = 1 << 24;

  private final TreeTable trees;
  private final SplitRule splits;
  private final CategoryRule categories;

  PlainLeaves(TreeTable trees, SplitRule splits, CategoryRule categories) {
    this.trees = trees;
    this.splits = splits;
    this.categories = categories;
  }

  @Override
  public int[] order() {
    return IntStream.range(0, trees.nodes()).toArray();
  }

  @Override
  public int maxRows() {
    return MAX_ROWS;
  }

  @Override
  public Search search(Frame frame, int start, int count) {
    double[][] columns = new double[trees.features()][];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = frame.numbers(i);
    }
    return (tree, leaves) -> {
      for (int r = 0; r < count; r++) {
        leaves[r] = leaf(trees.roots()[tree], columns, start + r);
      }
    };
  }

  private int leaf(int root, double[][] columns, int row) {
    int node = root;
    while (trees.left()[node] != -1) {
      double x = columns[trees.feature()[node]][row];
      node = goesLeft(node, x) ? trees.left()[node] : trees.right()[node];
    }
    return node;
  }

  private boolean goesLeft(int node, double x) {
    if (trees.isCategorical(node)) {
      return categoryGoesLeft(node, x);
    }
    double value = x;
    int rule = trees.missing()[node] & ~TreeTable.DEFAULT_LEFT;
    if (Double.isNaN(x) && rule == TreeTable.MISSING_AS_ZERO) {
      value = 0;
    } else if (rule == TreeTable.MISSING_ZERO_OR_NAN
        && (Double.isNaN(x) || Math.abs(x) <= TreeTable.ZERO_LIMIT)) {
      return defaultLeft(node);
    } else if (Double.isNaN(x) && rule == TreeTable.MISSING_NAN) {
      return defaultLeft(node);
    }
    double threshold = trees.threshold()[node];
    return switch (splits) {
      case FLOAT_AT_MOST -> (float) value <= threshold;
      case FLOAT_BELOW -> (float) value < (float) threshold;
      case DOUBLE_AT_MOST -> value <= threshold;
    };
  }

  private boolean categoryGoesLeft(int node, double x) {
    int set = trees.categorySet()[node];
    switch (categories) {
      case XGBOOST, XGBOOST_1_6 -> {
        float code = (float) x;
        if (Float.isNaN(code)) {
          return defaultLeft(node);
        }
        if (code < 0
            || code >= XGBOOST_MAX_CODE
            || (int) code >= trees.categories().capacity(set)) {
          return categories == CategoryRule.XGBOOST || defaultLeft(node);
        }
        return !trees.categories().contains(set, (int) code);
      }
      case LIGHTGBM -> {
        int code = (int) x;
        return !Double.isNaN(x) && code >= 0 && trees.categories().contains(set, code);
      }
      case HIST_GRADIENT_BOOSTING -> {
        if (Double.isNaN(x) || x < 0) {
          return defaultLeft(node);
        }
        // What C's cast to uint8 does on x86: by way of an int32, whose overflow is 0x80000000.
        int code = x < 0x1p31 ? (int) x & 0xff : 0;
        if (trees.categories().contains(set, code)) {
          return true;
        }
        int known = trees.knownSet().length == 0 ? -1 : trees.knownSet()[trees.feature()[node]];
        return !(known >= 0 && trees.categories().contains(known, code)) && defaultLeft(node);
      }
    }
    throw new IllegalStateException("unknown rule " + categories);
  }

  private boolean defaultLeft(int node) {
    return (trees.missing()[node] & TreeTable.DEFAULT_LEFT) != 0;
  }
}
