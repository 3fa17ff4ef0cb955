package io.scorebatch.artifact.model;

import io.scorebatch.api.model.CategorySets;
import io.scorebatch.api.model.TreeTable;
import java.util.Arrays;

/**
 * Collects nodes of trees into a {@link TreeTable}. A node is added before its children are; {@link
 * #link} then says where they are. One thread at a time.
 */
public final class TreeTableBuilder {
  /** Words of all category sets together: 64 MiB, far above any real model. */
  private static final int MAX_CATEGORY_WORDS = 1 << 24;

  private final int features;
  private final int width;
  private int nodes;
  private int[] left = new int[64];
  private int[] right = new int[64];
  private int[] feature = new int[64];
  private double[] threshold = new double[64];
  private byte[] missing = new byte[64];
  private int[] categorySet = new int[64];
  private double[] values;
  private int trees;
  private int[] roots = new int[16];
  private int sets;
  private int[] setOffsets = new int[16];
  private int words;
  private int[] setWords = new int[16];

  /**
   * @param features number of input columns
   * @param width numbers a leaf holds
   */
  public TreeTableBuilder(int features, int width) {
    this.features = features;
    this.width = width;
    this.values = new double[64 * width];
  }

  /** Says that the next node is the root of the next tree. */
  public void startTree() {
    if (trees == roots.length) {
      roots = Arrays.copyOf(roots, 2 * trees);
    }
    roots[trees++] = nodes;
  }

  /** Adds a leaf and returns its number. */
  public int leaf(double... value) {
    if (value.length != width) {
      throw new IllegalArgumentException(value.length + " values for a leaf of width " + width);
    }
    int node = node();
    left[node] = -1;
    right[node] = -1;
    categorySet[node] = -1;
    System.arraycopy(value, 0, values, node * width, width);
    return node;
  }

  /** Adds a node that compares a number and returns its number. */
  public int numeric(int column, double limit, int missingRule) {
    int node = node();
    feature[node] = column;
    threshold[node] = limit;
    missing[node] = (byte) missingRule;
    categorySet[node] = -1;
    return node;
  }

  /** Adds a node that looks a code up in the set {@link #set} made, and returns its number. */
  public int categorical(int column, int set, int missingRule) {
    int node = numeric(column, 0, missingRule);
    categorySet[node] = set;
    return node;
  }

  /**
   * Adds a set of codes as bits and returns its number.
   *
   * @throws IllegalArgumentException where the sets of all nodes grow beyond any real model
   */
  public int set(int[] bits) {
    if (words + (long) bits.length > MAX_CATEGORY_WORDS) {
      throw new IllegalArgumentException("its category sets hold over 64 MiB");
    }
    if (sets + 1 == setOffsets.length) {
      setOffsets = Arrays.copyOf(setOffsets, 2 * setOffsets.length);
    }
    if (words + bits.length > setWords.length) {
      setWords = Arrays.copyOf(setWords, Math.max(2 * setWords.length, words + bits.length));
    }
    System.arraycopy(bits, 0, setWords, words, bits.length);
    words += bits.length;
    setOffsets[++sets] = words;
    return sets - 1;
  }

  /** Says which nodes follow a node. */
  public void link(int node, int leftChild, int rightChild) {
    left[node] = leftChild;
    right[node] = rightChild;
  }

  /** Says which node follows where the test holds, leaving the other child. */
  public void linkLeft(int node, int child) {
    left[node] = child;
  }

  /** Says which node follows where the test does not hold, leaving the other child. */
  public void linkRight(int node, int child) {
    right[node] = child;
  }

  public int nodes() {
    return nodes;
  }

  /**
   * The trees added.
   *
   * @throws IllegalArgumentException where they are no trees, or a test cannot be made
   */
  public TreeTable build() {
    boolean categorical = sets > 0;
    return new TreeTable(
        features,
        Arrays.copyOf(roots, trees),
        Arrays.copyOf(left, nodes),
        Arrays.copyOf(right, nodes),
        Arrays.copyOf(feature, nodes),
        Arrays.copyOf(threshold, nodes),
        Arrays.copyOf(missing, nodes),
        categorical ? Arrays.copyOf(categorySet, nodes) : new int[0],
        categorical
            ? new CategorySets(Arrays.copyOf(setOffsets, sets + 1), Arrays.copyOf(setWords, words))
            : CategorySets.NONE,
        new int[0],
        width,
        Arrays.copyOf(values, nodes * width));
  }

  private int node() {
    if (nodes == left.length) {
      int size = Math.multiplyExact(nodes, 2);
      left = Arrays.copyOf(left, size);
      right = Arrays.copyOf(right, size);
      feature = Arrays.copyOf(feature, size);
      threshold = Arrays.copyOf(threshold, size);
      missing = Arrays.copyOf(missing, size);
      categorySet = Arrays.copyOf(categorySet, size);
      values = Arrays.copyOf(values, Math.multiplyExact(size, width));
    }
    return nodes++;
  }
}
