package io.scorebatch.kernel;

import io.scorebatch.api.model.SplitRule;
import io.scorebatch.api.model.TreeTable;
import io.scorebatch.kernel.BitLeaves.Conditions;
import io.scorebatch.kernel.BitLeaves.Group;
import io.scorebatch.kernel.BitLeaves.Reading;
import io.scorebatch.kernel.BitLeaves.Tree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Numbers conditions and leaves for {@link BitLeaves}. One use. */
final class BitLeavesBuilder {
  /** Planes of a group: 1 MB. */
  private static final int MAX_PLANES = (1 << 20) / (BitLeaves.WORDS * Long.BYTES);

  /** Ranks that all groups together may map to planes: 32 MB. */
  private static final long MAX_MAPPED = 1 << 24;

  private final TreeTable trees;
  private final SplitRule splits;

  /** For each inner node the greatest value that goes left, its rank and its kind. */
  private final double[] limits;

  private final int[] ranks;
  private final int[] kindOf;

  private final List<Kind> kinds = new ArrayList<>();
  private final List<Reading> readings = new ArrayList<>();
  private final List<Group> groups = new ArrayList<>();
  private final List<int[]> leaves = new ArrayList<>();
  private int codes;
  private long mapped;

  /**
   * Conditions on a feature with one missing rule.
   *
   * @param reading number of the reading
   * @param missing the rank that missing values count as
   */
  private record Kind(int reading, int missing) {}

  BitLeavesBuilder(TreeTable trees, SplitRule splits) {
    this.trees = trees;
    this.splits = splits;
    this.limits = new double[trees.nodes()];
    this.ranks = new int[trees.nodes()];
    this.kindOf = new int[trees.nodes()];
  }

  Optional<BitLeaves> build(PlainLeaves plain) {
    BalancedTree.Maker maker = new BalancedTree.Maker(trees, BitLeaves.MAX_HEIGHT);
    List<BalancedTree> balanced = new ArrayList<>();
    for (int root : trees.roots()) {
      Optional<BalancedTree> tree = maker.make(root);
      if (tree.isEmpty()) {
        return Optional.empty();
      }
      balanced.add(tree.get());
    }
    for (int i = 0; i < trees.nodes(); i++) {
      if (!trees.isLeaf(i)) {
        limits[i] = limit(trees.threshold()[i]);
        if (trees.isCategorical(i) || Double.isInfinite(limits[i])) {
          return Optional.empty();
        }
      }
    }
    if (!rankLimits() || readings.size() > trees.trees()) {
      // With few trees, ranks cost more than walks.
      return Optional.empty();
    }
    for (int tree = 0; tree < balanced.size(); ) {
      tree += group(tree, balanced.subList(tree, balanced.size()));
      if (mapped > MAX_MAPPED) {
        return Optional.empty();
      }
    }
    return Optional.of(
        new BitLeaves(
            plain,
            readings.toArray(Reading[]::new),
            groups.toArray(Group[]::new),
            order(),
            trees.nodes()));
  }

  private int[] order() {
    int[] order = new int[codes];
    int n = 0;
    for (int[] tree : leaves) {
      System.arraycopy(tree, 0, order, n, tree.length);
      n += tree.length;
    }
    return order;
  }

  private double limit(double threshold) {
    double limit = splits == SplitRule.FLOAT_BELOW ? Math.nextDown((float) threshold) : threshold;
    return limit + 0.0; // no negative zero
  }

  /** Ranks each limit among those of its feature; false where there are too many. */
  private boolean rankLimits() {
    int[][] nodes = nodesByFeature();
    for (int f = 0; f < nodes.length; f++) {
      double[] sorted = distinctLimits(nodes[f]);
      if (sorted.length > ThresholdRanks.MAX) {
        return false;
      }
      ThresholdRanks ranking = new ThresholdRanks(sorted);
      int[] kindOfRule = new int[Missing.values().length];
      Arrays.fill(kindOfRule, -1);
      for (int i : nodes[f]) {
        ranks[i] = ranking.rank(limits[i]);
        Missing rule = Missing.of(trees.missing()[i]);
        if (kindOfRule[rule.ordinal()] < 0) {
          kindOfRule[rule.ordinal()] = kind(f, ranking, rule);
        }
        kindOf[i] = kindOfRule[rule.ordinal()];
      }
    }
    return true;
  }

  private int[][] nodesByFeature() {
    int[] counts = new int[trees.features()];
    for (int i = 0; i < trees.nodes(); i++) {
      if (!trees.isLeaf(i)) {
        counts[trees.feature()[i]]++;
      }
    }
    int[][] nodes = new int[counts.length][];
    for (int f = 0; f < nodes.length; f++) {
      nodes[f] = new int[counts[f]];
    }
    for (int i = trees.nodes() - 1; i >= 0; i--) {
      if (!trees.isLeaf(i)) {
        int f = trees.feature()[i];
        nodes[f][--counts[f]] = i;
      }
    }
    return nodes;
  }

  private double[] distinctLimits(int[] nodes) {
    double[] sorted = new double[nodes.length];
    for (int i = 0; i < nodes.length; i++) {
      sorted[i] = limits[nodes[i]];
    }
    Arrays.sort(sorted);
    int n = 0;
    for (double value : sorted) {
      if (n == 0 || value > sorted[n - 1]) {
        sorted[n++] = value;
      }
    }
    return Arrays.copyOf(sorted, n);
  }

  private int kind(int feature, ThresholdRanks ranking, Missing rule) {
    Reading reading =
        new Reading(feature, ranking, splits != SplitRule.DOUBLE_AT_MOST, rule.zeroLimit());
    int number = readings.indexOf(reading);
    if (number < 0) {
      number = readings.size();
      readings.add(reading);
    }
    int missing =
        switch (rule) {
          case LEFT, ZERO_LEFT -> 0;
          case RIGHT, ZERO_RIGHT -> ranking.size();
          case ZERO -> ranking.rank(0);
        };
    kinds.add(new Kind(number, missing));
    return kinds.size() - 1;
  }

  /** Makes a group of as many trees as have room in it, one at least; returns their number. */
  private int group(int firstTree, List<BalancedTree> rest) {
    boolean[][] used = new boolean[kinds.size()][0];
    int planes = 0;
    int size = 0;
    while (size < rest.size() && planes < MAX_PLANES) {
      planes += use(rest.get(size++).nodes(), used);
    }
    char[][] planeOf = new char[used.length][];
    Conditions[] conditions = conditions(used, planeOf);
    Tree[] packed = new Tree[size];
    for (int i = 0; i < size; i++) {
      packed[i] = pack(rest.get(i), planeOf);
    }
    groups.add(new Group(firstTree, conditions, packed));
    return size;
  }

  /** Marks the conditions of some nodes; returns how many planes they add. */
  private int use(int[] nodes, boolean[][] used) {
    int added = 0;
    for (int node : nodes) {
      int kind = kindOf[node];
      if (used[kind].length == 0) {
        used[kind] = new boolean[readings.get(kinds.get(kind).reading).ranks().rankOfNan()];
        added++;
      }
      if (!used[kind][ranks[node]]) {
        used[kind][ranks[node]] = true;
        added++;
      }
    }
    return added;
  }

  private Conditions[] conditions(boolean[][] used, char[][] planeOf) {
    List<Conditions> conditions = new ArrayList<>();
    int first = 0;
    for (int k = 0; k < used.length; k++) {
      int missing = used[k].length;
      if (missing == 0) {
        continue;
      }
      int count = 0;
      for (boolean one : used[k]) {
        count += one ? 1 : 0;
      }
      char[] map = new char[missing + 1];
      int plane = first + count;
      for (int rank = 0; rank < missing; rank++) {
        map[rank] = (char) plane;
        plane -= used[k][rank] ? 1 : 0;
      }
      map[missing] = map[kinds.get(k).missing];
      planeOf[k] = map;
      mapped += map.length;
      conditions.add(new Conditions(kinds.get(k).reading, map, first, count));
      first += count + 1;
    }
    return conditions.toArray(Conditions[]::new);
  }

  private Tree pack(BalancedTree tree, char[][] planeOf) {
    int[] tests = new int[tree.nodes().length];
    for (int i = 0; i < tests.length; i++) {
      int node = tree.nodes()[i];
      // Rows equal to a threshold go left: its plane comes before the one they mark.
      int plane = planeOf[kindOf[node]][ranks[node]] - 1;
      tests[i] = BitLeaves.test(plane, tree.places()[i]);
    }
    Tree packed = new Tree(tree.height(), tests, codes);
    leaves.add(tree.leaves());
    codes += tree.leaves().length;
    return packed;
  }
}
