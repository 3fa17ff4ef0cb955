package io.scorebatch.kernel;

import io.scorebatch.api.model.CategorySets;
import io.scorebatch.api.model.TreeTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes small trees by hand. */
final class Nodes {
  private final int features;
  private final int width;
  private final List<Integer> roots = new ArrayList<>();
  private final List<int[]> children = new ArrayList<>();
  private final List<Integer> feature = new ArrayList<>();
  private final List<Double> threshold = new ArrayList<>();
  private final List<Byte> missing = new ArrayList<>();
  private final List<Integer> set = new ArrayList<>();
  private final List<double[]> values = new ArrayList<>();
  private final List<int[]> sets = new ArrayList<>();
  private int[] knownSet = new int[0];

  Nodes(int features, int width) {
    this.features = features;
    this.width = width;
  }

  /** A table of one tree with one split. */
  static TreeTable stump(double threshold, int missing, double left, double right) {
    Nodes nodes = new Nodes(1, 1);
    nodes.root(nodes.split(0, threshold, missing, nodes.leaf(left), nodes.leaf(right)));
    return nodes.table();
  }

  int leaf(double... value) {
    return add(-1, -1, 0, 0, 0, -1, value);
  }

  int split(int column, double limit, int missingRule, int left, int right) {
    return add(left, right, column, limit, missingRule, -1, new double[width]);
  }

  /** A categorical node; the codes make up its set. */
  int category(int column, int missingRule, int left, int right, int... codes) {
    sets.add(codes);
    return add(left, right, column, Double.NaN, missingRule, sets.size() - 1, new double[width]);
  }

  Nodes root(int node) {
    roots.add(node);
    return this;
  }

  /** The codes known of feature 0 (HistGradientBoosting). */
  Nodes known(int... codes) {
    sets.add(codes);
    knownSet = new int[features];
    Arrays.fill(knownSet, -1);
    knownSet[0] = sets.size() - 1;
    return this;
  }

  private int add(int left, int right, int column, double limit, int rule, int s, double[] value) {
    children.add(new int[] {left, right});
    feature.add(column);
    threshold.add(limit);
    missing.add((byte) rule);
    set.add(s);
    values.add(value);
    return children.size() - 1;
  }

  TreeTable table() {
    int n = children.size();
    byte[] rules = new byte[n];
    double[] flat = new double[n * width];
    for (int i = 0; i < n; i++) {
      rules[i] = missing.get(i);
      System.arraycopy(values.get(i), 0, flat, i * width, width);
    }
    int[] offsets = new int[sets.size() + 1];
    List<Integer> words = new ArrayList<>();
    for (int s = 0; s < sets.size(); s++) {
      int[] bits = new int[Arrays.stream(sets.get(s)).max().orElse(-1) / 32 + 1];
      for (int code : sets.get(s)) {
        bits[code / 32] |= 1 << code % 32;
      }
      Arrays.stream(bits).forEach(words::add);
      offsets[s + 1] = words.size();
    }
    return new TreeTable(
        features,
        ints(roots),
        children.stream().mapToInt(c -> c[0]).toArray(),
        children.stream().mapToInt(c -> c[1]).toArray(),
        ints(feature),
        threshold.stream().mapToDouble(Double::doubleValue).toArray(),
        rules,
        sets.isEmpty() ? new int[0] : ints(set),
        new CategorySets(offsets, ints(words)),
        knownSet,
        width,
        flat);
  }

  private static int[] ints(List<Integer> list) {
    return list.stream().mapToInt(Integer::intValue).toArray();
  }
}
