package io.scorebatch.kernel;

import io.scorebatch.api.model.SplitRule;
import io.scorebatch.api.model.TreeTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Eight rows at a time through one tree, without branches, tree by tree over a block of rows: for
 * trees too big for {@link BitLeaves}.
 *
 * <p>Values become int codes that compare as the values do: float32 rules by the bits of the float
 * in order, float64 rules by rank among the thresholds of the feature. A row goes right where its
 * code is greater than the node's; the difference of the two, shifted, is that decision. A missing
 * value is the least or the greatest code, so each feature has up to two coded columns (for nodes
 * that send missing left and right), more where LightGBM reads NaN as 0.
 *
 * <p>The codes of a row lie side by side. A node is one long: threshold code (32 bits), coded
 * column (12), left child (20); the right child is the next node. A leaf is its own left child with
 * a threshold that no code exceeds, so that a row that arrived stays while others walk on.
 */
final class BlockLeaves implements LeafFinder {
  /** Rows walked together. */
  private static final int LANES = 8;

  private static final int MAX_ROWS = 1024;

  /** Codes of a block: 1 MB, so that wide models do not fill the heap. */
  private static final int MAX_CODES = 1 << 18;

  private static final int CHILD_BITS = 20;
  private static final int CHILD_MASK = (1 << CHILD_BITS) - 1;
  private static final int MAX_COLUMNS = 1 << (Integer.SIZE - CHILD_BITS);

  /** Steps before it is looked whether all rows of a group have arrived. */
  private static final int STEPS_AT_ONCE = 8;

  private static final int FURTHER_STEPS = 4;

  /** The threshold of a leaf. */
  private static final long NO_CODE_ABOVE = Integer.MAX_VALUE;

  private final CodedColumn[] columns;
  private final Part[] parts;
  private final int[] order;

  /**
   * Trees whose nodes are numbered together.
   *
   * @param firstTree number of its first tree
   * @param firstNode number of its first node in {@link #order}
   */
  private record Part(int firstTree, int firstNode, long[] nodes, int[] roots, int[] steps) {}

  /**
   * A feature as codes.
   *
   * @param thresholds the feature's distinct thresholds, ascending, for rules in float64; empty for
   *     float32 rules
   */
  private record CodedColumn(int feature, Missing missing, double[] thresholds) {
    /** Writes the codes of some rows, side by side. */
    void encode(double[] x, int start, int count, int[] codes) {
      if (thresholds.length == 0) {
        for (int r = 0; r < count; r++) {
          codes[r] = floatCode((float) x[start + r]);
        }
      } else {
        for (int r = 0; r < count; r++) {
          codes[r] = rank(thresholds, x[start + r]);
        }
      }
    }

    /** Whether its codes are those of another column but for the code of missing values. */
    boolean differsInMissingOnly(CodedColumn other) {
      return feature == other.feature && zeroIsMissing() == other.zeroIsMissing();
    }

    private boolean zeroIsMissing() {
      return missing.zeroLimit() >= 0;
    }

    /** Writes the code of missing values over those of {@link #encode}. */
    void markMissing(double[] x, int start, int count, int[] codes) {
      int nan =
          switch (missing) {
            case LEFT, ZERO_LEFT -> Integer.MIN_VALUE;
            case RIGHT, ZERO_RIGHT -> Integer.MAX_VALUE;
            case ZERO -> code(0);
          };
      double zero = missing.zeroLimit();
      for (int r = 0; r < count; r++) {
        double value = x[start + r];
        codes[r] = Double.isNaN(value) || Math.abs(value) <= zero ? nan : codes[r];
      }
    }

    private int code(double value) {
      return thresholds.length == 0 ? floatCode((float) value) : rank(thresholds, value);
    }
  }

  private BlockLeaves(CodedColumn[] columns, Part[] parts, int[] order) {
    this.columns = columns;
    this.parts = parts;
    this.order = order;
  }

  /**
   * The trees made ready, or nothing where they have categorical nodes or are too wide or too big.
   */
  static Optional<BlockLeaves> of(TreeTable trees, SplitRule splits) {
    for (int i = 0; i < trees.categorySet().length; i++) {
      if (trees.isCategorical(i)) {
        return Optional.empty();
      }
    }
    return new Builder(trees, splits).build();
  }

  @Override
  public int[] order() {
    return order;
  }

  @Override
  public int maxRows() {
    int rows = MAX_CODES / Math.max(1, columns.length);
    return Math.max(LANES, Math.min(MAX_ROWS, rows - rows % LANES));
  }

  @Override
  public Search search(Frame frame, int start, int count) {
    int width = columns.length;
    int groups = (count + LANES - 1) / LANES;
    int[] codes = new int[groups * LANES * width];
    int[] column = new int[groups * LANES];
    for (int c = 0; c < columns.length; c++) {
      double[] x = frame.numbers(columns[c].feature());
      if (c == 0 || !columns[c].differsInMissingOnly(columns[c - 1])) {
        columns[c].encode(x, start, count, column);
      }
      columns[c].markMissing(x, start, count, column);
      for (int r = 0; r < column.length; r++) {
        codes[r * width + c] = column[r];
      }
    }
    return (tree, leaves) -> {
      Part part = partOf(tree);
      int t = tree - part.firstTree;
      walk(part.nodes, part.roots[t], part.steps[t], codes, width, groups, part.firstNode, leaves);
    };
  }

  private Part partOf(int tree) {
    int i = parts.length - 1;
    while (parts[i].firstTree > tree) {
      i--;
    }
    return parts[i];
  }

  /** Writes a leaf for each lane of each group. */
  private static void walk(
      long[] nodes,
      int root,
      int steps,
      int[] codes,
      int columns,
      int groups,
      int firstNode,
      int[] leaves) {
    for (int g = 0; g < groups; g++) {
      int at = g * LANES * columns;
      int at1 = at + columns;
      int at2 = at + 2 * columns;
      int at3 = at + 3 * columns;
      int at4 = at + 4 * columns;
      int at5 = at + 5 * columns;
      int at6 = at + 6 * columns;
      int at7 = at + 7 * columns;
      int i0 = root;
      int i1 = root;
      int i2 = root;
      int i3 = root;
      int i4 = root;
      int i5 = root;
      int i6 = root;
      int i7 = root;
      int done = 0;
      int until = Math.min(steps, STEPS_AT_ONCE);
      while (true) {
        for (; done < until; done++) {
          i0 = next(nodes[i0], codes, at);
          i1 = next(nodes[i1], codes, at1);
          i2 = next(nodes[i2], codes, at2);
          i3 = next(nodes[i3], codes, at3);
          i4 = next(nodes[i4], codes, at4);
          i5 = next(nodes[i5], codes, at5);
          i6 = next(nodes[i6], codes, at6);
          i7 = next(nodes[i7], codes, at7);
        }
        if (done == steps) {
          break;
        }
        long n0 = nodes[i0] & nodes[i1] & nodes[i2] & nodes[i3];
        long n1 = nodes[i4] & nodes[i5] & nodes[i6] & nodes[i7];
        long o0 = nodes[i0] | nodes[i1] | nodes[i2] | nodes[i3];
        long o1 = nodes[i4] | nodes[i5] | nodes[i6] | nodes[i7];
        if ((n0 & n1) >> Integer.SIZE == NO_CODE_ABOVE
            && (o0 | o1) >> Integer.SIZE == NO_CODE_ABOVE) {
          break;
        }
        until = Math.min(steps, done + FURTHER_STEPS);
      }
      int to = g * LANES;
      leaves[to] = firstNode + i0;
      leaves[to + 1] = firstNode + i1;
      leaves[to + 2] = firstNode + i2;
      leaves[to + 3] = firstNode + i3;
      leaves[to + 4] = firstNode + i4;
      leaves[to + 5] = firstNode + i5;
      leaves[to + 6] = firstNode + i6;
      leaves[to + 7] = firstNode + i7;
    }
  }

  private static int next(long node, int[] codes, int at) {
    int low = (int) node;
    long code = codes[at + (low >>> CHILD_BITS)];
    return (low & CHILD_MASK) + (int) (((node >> Integer.SIZE) - code) >>> 63);
  }

  /** Codes of floats: ints in the same order; 0 for both zeros. */
  static int floatCode(float x) {
    int bits = Float.floatToRawIntBits(x + 0.0f);
    return bits ^ (bits >> 31 & Integer.MAX_VALUE);
  }

  /** Number of thresholds below x. */
  static int rank(double[] thresholds, double x) {
    int from = 0;
    int length = thresholds.length;
    while (length > 0) {
      int half = (length + 1) >>> 1;
      from = thresholds[from + half - 1] < x ? from + half : from;
      length -= half;
    }
    return from;
  }

  /** Numbers nodes and columns anew. One use. */
  private static final class Builder {
    private final TreeTable trees;
    private final SplitRule splits;
    private final List<CodedColumn> columns = new ArrayList<>();
    private final double[][] thresholds;
    private final int[][] columnOf;
    private final int[] order;
    private int next;

    Builder(TreeTable trees, SplitRule splits) {
      this.trees = trees;
      this.splits = splits;
      this.thresholds = splits == SplitRule.DOUBLE_AT_MOST ? thresholds(trees) : new double[0][];
      this.order = new int[trees.nodes()];
      this.columnOf = new int[trees.features()][Missing.values().length];
    }

    Optional<BlockLeaves> build() {
      findColumns();
      if (columns.size() > MAX_COLUMNS) {
        return Optional.empty();
      }
      List<Part> parts = new ArrayList<>();
      int tree = 0;
      while (tree < trees.trees() || parts.isEmpty()) {
        Part part = part(tree);
        if (part == null) {
          return Optional.empty();
        }
        parts.add(part);
        tree += part.roots.length;
      }
      return Optional.of(
          new BlockLeaves(
              columns.toArray(CodedColumn[]::new),
              parts.toArray(Part[]::new),
              Arrays.copyOf(order, next)));
    }

    /** As many trees as have child numbers of 20 bits; null where one tree alone is too big. */
    private @Nullable Part part(int firstTree) {
      int firstNode = next;
      List<Integer> roots = new ArrayList<>();
      List<Integer> steps = new ArrayList<>();
      for (int tree = firstTree; tree < trees.trees(); tree++) {
        int before = next;
        int depth = number(trees.roots()[tree]);
        if (next - firstNode > CHILD_MASK) {
          next = before;
          if (roots.isEmpty()) {
            return null;
          }
          break;
        }
        roots.add(before - firstNode);
        steps.add(depth);
      }
      long[] nodes = new long[next - firstNode];
      pack(nodes, firstNode);
      return new Part(firstTree, firstNode, nodes, ints(roots), ints(steps));
    }

    private static int[] ints(List<Integer> values) {
      return values.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Numbers the nodes of a tree, level by level, siblings side by side; returns its depth. */
    private int number(int root) {
      int levelStart = next;
      order[next++] = root;
      int depth = 0;
      while (true) {
        int levelEnd = next;
        for (int i = levelStart; i < levelEnd; i++) {
          if (!trees.isLeaf(order[i])) {
            order[next++] = trees.left()[order[i]];
            order[next++] = trees.right()[order[i]];
          }
        }
        if (next == levelEnd) {
          return depth;
        }
        levelStart = levelEnd;
        depth++;
      }
    }

    /** Fills in the nodes of a part. */
    private void pack(long[] nodes, int firstNode) {
      int[] numberOf = new int[trees.nodes()];
      for (int i = 0; i < nodes.length; i++) {
        numberOf[order[firstNode + i]] = i;
      }
      for (int i = 0; i < nodes.length; i++) {
        int node = order[firstNode + i];
        if (trees.isLeaf(node)) {
          nodes[i] = NO_CODE_ABOVE << Integer.SIZE | i;
          continue;
        }
        int low = column(node) << CHILD_BITS | numberOf[trees.left()[node]];
        nodes[i] = (long) code(node) << Integer.SIZE | Integer.toUnsignedLong(low);
      }
    }

    private int column(int node) {
      return columnOf[trees.feature()[node]][Missing.of(trees.missing()[node]).ordinal()];
    }

    /** A coded column for each way a feature is read, those of one feature side by side. */
    private void findColumns() {
      Missing[][] used = new Missing[trees.features()][Missing.values().length];
      for (int i = 0; i < trees.nodes(); i++) {
        if (!trees.isLeaf(i)) {
          Missing missing = Missing.of(trees.missing()[i]);
          used[trees.feature()[i]][missing.ordinal()] = missing;
        }
      }
      for (int f = 0; f < used.length; f++) {
        for (Missing missing : used[f]) {
          if (missing != null) {
            columnOf[f][missing.ordinal()] = columns.size();
            double[] ranks = thresholds.length == 0 ? new double[0] : thresholds[f];
            columns.add(new CodedColumn(f, missing, ranks));
          }
        }
      }
    }

    /** The greatest code that goes left. */
    private int code(int node) {
      double threshold = trees.threshold()[node];
      float single = (float) threshold;
      return switch (splits) {
        case FLOAT_AT_MOST -> floatCode(single > threshold ? Math.nextDown(single) : single);
        case FLOAT_BELOW -> floatCode(single) - 1;
        case DOUBLE_AT_MOST ->
            Arrays.binarySearch(thresholds[trees.feature()[node]], threshold + 0.0);
      };
    }

    /** The distinct thresholds of each feature, ascending, without negative zero. */
    private static double[][] thresholds(TreeTable trees) {
      double[][] sorted = new double[trees.features()][];
      int[] counts = new int[trees.features()];
      for (int i = 0; i < trees.nodes(); i++) {
        if (!trees.isLeaf(i)) {
          counts[trees.feature()[i]]++;
        }
      }
      for (int f = 0; f < sorted.length; f++) {
        sorted[f] = new double[counts[f]];
        counts[f] = 0;
      }
      for (int i = 0; i < trees.nodes(); i++) {
        if (!trees.isLeaf(i)) {
          int f = trees.feature()[i];
          sorted[f][counts[f]++] = trees.threshold()[i] + 0.0;
        }
      }
      for (int f = 0; f < sorted.length; f++) {
        sorted[f] = Arrays.stream(sorted[f]).sorted().distinct().toArray();
      }
      return sorted;
    }
  }
}
