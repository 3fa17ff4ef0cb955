package io.scorebatch.kernel;

import io.scorebatch.api.model.SplitRule;
import io.scorebatch.api.model.TreeTable;
import java.util.Arrays;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Trees of few leaves for 1024 rows at a time, a bit a row: no row walks, every condition is
 * evaluated for all rows.
 *
 * <ol>
 *   <li>Each value becomes its rank among the thresholds of its feature.
 *   <li>Each condition (feature, threshold, missing rule) becomes a plane: a bit a row, set where
 *       the row goes right. A row sets its bit in the plane of the greatest threshold it exceeds;
 *       then each plane gets the bits of the next greater threshold's.
 *   <li>The decisions of a tree ({@link BalancedTree}) are planes or conjunctions of planes. From
 *       the lowest level upwards each decision chooses between the planes of its two sides, until
 *       one plane a level is left: bit d of the codes of the leaves.
 *   <li>Eight planes are transposed to a byte a row.
 * </ol>
 *
 * The loops run over arrays of longs, 64 rows each, and are compiled to vector instructions. Trees
 * are taken in groups whose planes fit a processor's cache.
 */
final class BitLeaves implements LeafFinder {
  /** Longs of a plane. */
  static final int WORDS = 16;

  static final int ROWS = Long.SIZE * WORDS;

  /** Decisions on the way to a leaf: its code is a byte. */
  static final int MAX_HEIGHT = Byte.SIZE;

  /** So few rows cost less one by one. */
  private static final int FEW_ROWS = 16;

  /** Where a row's bit is in a long, so that the transposed bytes come in the order of the rows. */
  private static final long[] BIT = new long[Long.SIZE];

  static {
    for (int r = 0; r < BIT.length; r++) {
      BIT[r] = 1L << ((r & 7) << 3 | r >>> 3);
    }
  }

  private final PlainLeaves plain;
  private final Reading[] readings;
  private final Group[] groups;
  private final int[] order;
  private final int[] codeOf;
  private final int planes;
  private final Queue<Scratch> idle = new ConcurrentLinkedQueue<>();

  /**
   * How values are read before they are compared.
   *
   * @param ranks among all thresholds of the feature
   * @param single whether they are rounded to float32
   * @param zeroLimit values up to this are missing, see {@link Missing#zeroLimit}
   */
  record Reading(int feature, ThresholdRanks ranks, boolean single, double zeroLimit) {
    void rank(double[] x, int start, int count, int[] out) {
      ranks.rank(x, start, count, single, out);
      for (int r = 0; zeroLimit >= 0 && r < count; r++) {
        out[r] = Math.abs(x[start + r]) <= zeroLimit ? ranks.rankOfNan() : out[r];
      }
    }
  }

  /**
   * The conditions of a group of trees on a feature with one missing rule, greatest threshold
   * first.
   *
   * @param reading number of a reading
   * @param planeOf for each rank the plane that gets a row's bit
   * @param first number of the first plane
   * @param count number of planes; one more gets the bits of rows that exceed no threshold
   */
  record Conditions(int reading, char[] planeOf, int first, int count) {}

  /**
   * Trees that follow each other.
   *
   * @param firstTree number of the first tree
   */
  record Group(int firstTree, Conditions[] conditions, Tree[] trees) {}

  /**
   * A tree.
   *
   * @param tests of all decisions: the plane and above it the {@link BalancedTree#place}
   * @param firstLeaf number of the leaf with code 0
   */
  record Tree(int height, int[] tests, int firstLeaf) {}

  private static final int PLANE_BITS = Integer.SIZE - BalancedTree.PLACE_BITS;
  private static final int PLANE_MASK = (1 << PLANE_BITS) - 1;

  static int test(int plane, int place) {
    return plane | place << PLANE_BITS;
  }

  /** Working memory of one search at a time. */
  private static final class Scratch {
    final int[][] ranks;
    final long[] planes;
    final long[][] levels = new long[MAX_HEIGHT][];

    Scratch(int readings, int planes) {
      this.ranks = new int[readings][ROWS];
      this.planes = new long[planes * WORDS];
      for (int d = 0; d < levels.length; d++) {
        levels[d] = new long[WORDS << d];
      }
    }
  }

  /**
   * @param order node of each leaf, tree by tree and code by code
   * @param nodes number of all nodes
   */
  BitLeaves(PlainLeaves plain, Reading[] readings, Group[] groups, int[] order, int nodes) {
    this.plain = plain;
    this.readings = readings;
    this.groups = groups;
    this.order = order;
    this.codeOf = new int[nodes];
    for (int code = 0; code < order.length; code++) {
      codeOf[order[code]] = code;
    }
    int most = 0;
    for (Group group : groups) {
      for (Conditions conditions : group.conditions) {
        most = Math.max(most, conditions.first + conditions.count + 1);
      }
    }
    this.planes = most;
  }

  /**
   * The trees made ready, or nothing where they have categorical nodes or infinite thresholds or
   * are too high.
   */
  static Optional<BitLeaves> of(TreeTable trees, SplitRule splits, PlainLeaves plain) {
    return new BitLeavesBuilder(trees, splits).build(plain);
  }

  @Override
  public int[] order() {
    return order;
  }

  @Override
  public int maxRows() {
    return ROWS;
  }

  @Override
  public Search search(Frame frame, int start, int count) {
    if (count <= FEW_ROWS) {
      return oneByOne(plain.search(frame, start, count), count);
    }
    Scratch taken = idle.poll();
    Scratch scratch = taken == null ? new Scratch(readings.length, planes) : taken;
    for (int i = 0; i < readings.length; i++) {
      double[] x = frame.numbers(readings[i].feature);
      readings[i].rank(x, start, count, scratch.ranks[i]);
    }
    return new BitSearch(scratch, count);
  }

  private Search oneByOne(Search search, int count) {
    return (tree, leaves) -> {
      search.leaves(tree, leaves);
      for (int r = 0; r < count; r++) {
        leaves[r] = codeOf[leaves[r]];
      }
    };
  }

  private final class BitSearch implements Search {
    private final Scratch scratch;
    private final int words;
    private int group = -1;

    BitSearch(Scratch scratch, int count) {
      this.scratch = scratch;
      this.words = (count + Long.SIZE - 1) / Long.SIZE;
    }

    @Override
    public void leaves(int tree, int[] leaves) {
      int wanted = group;
      while (wanted < 0 || tree >= groups[wanted].firstTree + groups[wanted].trees.length) {
        wanted++;
      }
      while (tree < groups[wanted].firstTree) {
        wanted--;
      }
      if (wanted != group) {
        group = wanted;
        for (Conditions conditions : groups[group].conditions) {
          evaluate(conditions, scratch, words);
        }
      }
      Tree found = groups[group].trees[tree - groups[group].firstTree];
      decide(found.tests, scratch.planes, scratch.levels);
      choose(scratch.levels, found.height);
      transpose(scratch.levels);
      unpack(scratch.levels, found.firstLeaf, (1 << found.height) - 1, leaves);
    }

    @Override
    public void close() {
      idle.add(scratch);
    }
  }

  /** Fills the planes of some conditions. */
  private static void evaluate(Conditions conditions, Scratch scratch, int words) {
    int from = conditions.first * WORDS;
    int to = from + conditions.count * WORDS;
    Arrays.fill(scratch.planes, from, to + WORDS, 0);
    mark(scratch.ranks[conditions.reading], words, conditions.planeOf, scratch.planes);
    addUp(scratch.planes, from + WORDS, to);
  }

  /** One bit of each word in turn: rows with one value would wait for each other's writes. */
  private static void mark(int[] ranks, int words, char[] planeOf, long[] planes) {
    for (int b = 0; b < Long.SIZE; b++) {
      long bit = BIT[b];
      for (int w = 0; w < words; w++) {
        planes[planeOf[ranks[w * Long.SIZE + b]] * WORDS + w] |= bit;
      }
    }
  }

  /** Gives each plane the bits of the one before. */
  private static void addUp(long[] planes, int from, int to) {
    for (int i = from; i < to; i++) {
      planes[i] |= planes[i - WORDS];
    }
  }

  /** Writes the planes of a tree's decisions, each at its place. */
  private static void decide(int[] tests, long[] planes, long[][] levels) {
    for (int test : tests) {
      int from = (test & PLANE_MASK) * WORDS;
      int place = test >>> PLANE_BITS;
      long[] level = levels[BalancedTree.depth(place)];
      int to = BalancedTree.position(place) * WORDS;
      boolean left = BalancedTree.left(place);
      if (BalancedTree.further(place)) {
        and(level, to, planes, from, left ? -1 : 0);
      } else if (left) {
        Arrays.fill(level, to, to + WORDS, -1);
        and(level, to, planes, from, -1);
      } else {
        System.arraycopy(planes, from, level, to, WORDS);
      }
    }
  }

  private static void and(long[] to, int at, long[] planes, int from, long flip) {
    for (int w = 0; w < WORDS; w++) {
      to[at + w] &= planes[from + w] ^ flip;
    }
  }

  /**
   * Lets the decisions of each level choose between those below. Positions of the left sides fill
   * the first half of a level, those of the right sides the second, in the same order.
   */
  private static void choose(long[][] levels, int height) {
    for (int d = height - 2; d >= 0; d--) {
      for (int below = d + 1; below < height; below++) {
        // One loop for each distance, so that it is a constant: then it is compiled to vectors.
        switch (d) {
          case 0 -> choose(levels[below], levels[d], WORDS);
          case 1 -> choose(levels[below], levels[d], WORDS << 1);
          case 2 -> choose(levels[below], levels[d], WORDS << 2);
          case 3 -> choose(levels[below], levels[d], WORDS << 3);
          case 4 -> choose(levels[below], levels[d], WORDS << 4);
          case 5 -> choose(levels[below], levels[d], WORDS << 5);
          default -> choose(levels[below], levels[d], WORDS << 6);
        }
      }
    }
  }

  private static void choose(long[] planes, long[] right, int half) {
    for (int i = 0; i < half; i++) {
      planes[i] ^= (planes[i] ^ planes[i + half]) & right[i];
    }
  }

  /**
   * Turns the first plane of each level into bytes, eight rows a long: three times bits change
   * places between two planes, one, two and four places away.
   */
  private static void transpose(long[][] planes) {
    for (int i = 0; i < Byte.SIZE; i += 2) {
      swap(planes[i], planes[i + 1], 1, 0x5555555555555555L);
    }
    for (int i = 0; i < Byte.SIZE; i += 4) {
      swap(planes[i], planes[i + 2], 2, 0x3333333333333333L);
      swap(planes[i + 1], planes[i + 3], 2, 0x3333333333333333L);
    }
    for (int i = 0; i < Byte.SIZE / 2; i++) {
      swap(planes[i], planes[i + 4], 4, 0x0f0f0f0f0f0f0f0fL);
    }
  }

  private static void swap(long[] low, long[] high, int distance, long mask) {
    for (int w = 0; w < WORDS; w++) {
      long differ = (low[w] >>> distance ^ high[w]) & mask;
      high[w] ^= differ;
      low[w] ^= differ << distance;
    }
  }

  /** A leaf for each byte. */
  private static void unpack(long[][] bytes, int first, int mask, int[] leaves) {
    for (int i = 0; i < Byte.SIZE; i++) {
      long[] rows = bytes[i];
      for (int w = 0; w < WORDS; w++) {
        long codes = rows[w];
        int to = w * Long.SIZE + i * Byte.SIZE;
        leaves[to] = first + ((int) codes & mask);
        leaves[to + 1] = first + ((int) (codes >>> 8) & mask);
        leaves[to + 2] = first + ((int) (codes >>> 16) & mask);
        leaves[to + 3] = first + ((int) (codes >>> 24) & mask);
        leaves[to + 4] = first + ((int) (codes >>> 32) & mask);
        leaves[to + 5] = first + ((int) (codes >>> 40) & mask);
        leaves[to + 6] = first + ((int) (codes >>> 48) & mask);
        leaves[to + 7] = first + ((int) (codes >>> 56) & mask);
      }
    }
  }
}
