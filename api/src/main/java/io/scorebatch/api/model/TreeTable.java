package io.scorebatch.api.model;

/**
 * Binary decision trees as flat arrays, one entry a node. Nodes of all trees share the arrays;
 * child and root numbers are absolute. Immutable.
 *
 * <p>A leaf has {@code left[i] == -1} and {@code right[i] == -1}. The value of leaf i is {@code
 * values[i * width .. i * width + width - 1]}; entries of inner nodes are not read. How a row
 * chooses a child is told by the {@link SplitRule} of the ensemble.
 *
 * @param features number of input columns; {@code feature} is below it
 * @param roots the root node of each tree, in the order the trees are added up
 * @param left child for rows that pass the test, -1 for leaves
 * @param right the other child, -1 for leaves
 * @param feature input column an inner node tests (feature subsets of a tree are resolved by the
 *     reader)
 * @param threshold what a numeric node compares with; for float32 libraries the float widened
 * @param missing one of the {@code MISSING_} constants, plus {@link #DEFAULT_LEFT} where missing
 *     values go left
 * @param categorySet for categorical nodes the set of codes, -1 for numeric nodes; an empty array
 *     where no node is categorical
 * @param categories the sets that {@code categorySet} and {@code knownSet} count
 * @param knownSet for {@link CategoryRule#HIST_GRADIENT_BOOSTING}: the codes known at training of
 *     each feature, -1 for numeric features; empty otherwise
 * @param width numbers a leaf holds
 * @param values leaf values
 */
public record TreeTable(
    int features,
    int[] roots,
    int[] left,
    int[] right,
    int[] feature,
    double[] threshold,
    byte[] missing,
    int[] categorySet,
    CategorySets categories,
    int[] knownSet,
    int width,
    double[] values) {

  /** NaN is compared like a number: it passes no test and goes right. */
  public static final byte MISSING_COMPARED = 0;

  /** NaN goes the default way. XGBoost; scikit-learn since 1.3; LightGBM missing type NaN. */
  public static final byte MISSING_NAN = 2;

  /** NaN is read as 0 and then compared. LightGBM missing type None. */
  public static final byte MISSING_AS_ZERO = 4;

  /**
   * NaN and every |x| at most {@link #ZERO_LIMIT} go the default way. LightGBM missing type Zero.
   */
  public static final byte MISSING_ZERO_OR_NAN = 6;

  /** Added to one of the above: the default way is left. */
  public static final byte DEFAULT_LEFT = 1;

  /** LightGBM's {@code kZeroThreshold}: the float 1e-35 as a double. */
  public static final double ZERO_LIMIT = 1e-35f;

  public TreeTable {
    int nodes = left.length;
    if (right.length != nodes
        || feature.length != nodes
        || threshold.length != nodes
        || missing.length != nodes
        || (categorySet.length != nodes && categorySet.length != 0)) {
      throw new IllegalArgumentException("arrays of a tree table differ in length");
    }
    if (width < 1 || (long) nodes * width != values.length) {
      throw new IllegalArgumentException(
          nodes + " nodes of width " + width + " do not have " + values.length + " values");
    }
    if (knownSet.length != 0 && knownSet.length != features) {
      throw new IllegalArgumentException("known categories are not given for each feature");
    }
    for (int set : knownSet) {
      if (set < -1 || set >= categories.size()) {
        throw new IllegalArgumentException("known category set " + set + " does not exist");
      }
    }
    for (int i = 0; i < nodes; i++) {
      if (left[i] == -1 && right[i] == -1) {
        continue;
      }
      if (left[i] < 0 || left[i] >= nodes || right[i] < 0 || right[i] >= nodes) {
        throw new IllegalArgumentException("node " + i + " has a child outside the tree");
      }
      if (feature[i] < 0 || feature[i] >= features) {
        throw new IllegalArgumentException(
            "node " + i + " tests feature " + feature[i] + " of " + features);
      }
      boolean numeric = categorySet.length == 0 || categorySet[i] == -1;
      if (numeric && Double.isNaN(threshold[i])) {
        throw new IllegalArgumentException("node " + i + " has the threshold NaN");
      }
      if (!numeric && (categorySet[i] < 0 || categorySet[i] >= categories.size())) {
        throw new IllegalArgumentException("node " + i + " has no category set " + categorySet[i]);
      }
      if (missing[i] < 0 || missing[i] > (MISSING_ZERO_OR_NAN | DEFAULT_LEFT)) {
        throw new IllegalArgumentException("node " + i + " has the missing rule " + missing[i]);
      }
    }
    refuseSharedNodes(roots, left, right);
  }

  /** Each node has one parent at most, so no walk can go in circles. */
  private static void refuseSharedNodes(int[] roots, int[] left, int[] right) {
    boolean[] seen = new boolean[left.length];
    int[] open = new int[left.length + 1];
    for (int root : roots) {
      if (root < 0 || root >= left.length) {
        throw new IllegalArgumentException("root " + root + " does not exist");
      }
      int size = 0;
      open[size++] = root;
      while (size > 0) {
        int node = open[--size];
        if (seen[node]) {
          throw new IllegalArgumentException("node " + node + " is reached on two ways");
        }
        seen[node] = true;
        if (left[node] != -1) {
          if (left[node] == right[node] || seen[left[node]] || seen[right[node]]) {
            throw new IllegalArgumentException("a child of node " + node + " has two parents");
          }
          open[size++] = right[node];
          open[size++] = left[node];
        }
      }
    }
  }

  public int trees() {
    return roots.length;
  }

  public int nodes() {
    return left.length;
  }

  public boolean isLeaf(int node) {
    return left[node] == -1;
  }

  public boolean isCategorical(int node) {
    return categorySet.length != 0 && categorySet[node] != -1;
  }
}
