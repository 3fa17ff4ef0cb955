package io.scorebatch.model.catboost;

import io.scorebatch.model.catboost.FlatTable.Vector;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Checks a {@code cbm} file before CatBoost's library loads it: that library trusts the indices in
 * a file, and one that leads out of its list ends the JVM. Field numbers are those of CatBoost's
 * {@code model.fbs}, {@code features.fbs} and {@code ctr_data.fbs}. Stateless.
 */
final class CbmCheck {
  /** What is wrong with a file. */
  static final class DamagedException extends Exception {
    DamagedException(String message) {
      super(message);
    }
  }

  private static final int MAGIC = 0x314D4243;
  private static final int DEEPEST = 16;
  private static final int MOST_DIMENSIONS = 100_000;
  private static final String TABLES = "static_provider_v1";

  /** Kinds of statistics of categories, as the file numbers them. */
  private static final int BORDERS = 0;

  private static final int BUCKETS = 1;
  private static final int BINARIZED_MEAN = 2;
  private static final int FLOAT_MEAN = 3;
  private static final int LAST_KIND = 5;

  private static final int BUCKET_BYTES = 12;
  private static final long NO_HASH = -1;

  private final FlatTable core;
  private final FlatTable trees;
  private final ByteBuffer rest;

  /** What makes a table of statistics the one a feature reads. */
  private record Statistic(int kind, List<Integer> categories, List<Long> splits) {}

  private record Table(Statistic statistic, int classes) {}

  private CbmCheck(FlatTable core, FlatTable trees, ByteBuffer rest) {
    this.core = core;
    this.trees = trees;
    this.rest = rest;
  }

  /** Whether a file starts as cbm files do. */
  static boolean isCbm(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      ByteBuffer start = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
      channel.read(start);
      return start.position() == 4 && start.getInt(0) == MAGIC;
    }
  }

  /**
   * Checks a file.
   *
   * @throws DamagedException where the library must not load it
   */
  static void check(Path path) throws IOException, DamagedException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new DamagedException("it is larger than 2 GB");
      }
      check(channel.map(MapMode.READ_ONLY, 0, channel.size()));
    }
  }

  static void check(ByteBuffer file) throws DamagedException {
    ByteBuffer bytes = file.slice().order(ByteOrder.LITTLE_ENDIAN);
    try {
      long size = Integer.toUnsignedLong(bytes.getInt(4));
      if (size > bytes.limit() - 8L) {
        throw new DamagedException("its model is " + size + " bytes long, and cut off");
      }
      FlatTable core = FlatTable.root(bytes.slice(8, (int) size));
      FlatTable trees = core.table(1).orElseThrow(() -> new DamagedException("it holds no trees"));
      int end = 8 + (int) size;
      ByteBuffer rest = bytes.slice(end, bytes.limit() - end).order(ByteOrder.LITTLE_ENDIAN);
      new CbmCheck(core, trees, rest).check();
    } catch (IndexOutOfBoundsException e) {
      throw new DamagedException("a place it names lies outside of it");
    }
  }

  private void check() throws DamagedException {
    int dimension = trees.number(0, 1);
    require(dimension >= 1 && dimension <= MOST_DIMENSIONS, "dimension", dimension);
    Vector categories = trees.vector(4, 4);
    Vector numbers = trees.vector(5, 4);
    require(trees.vector(12, 4).size() == 0, "text features", trees.vector(12, 4).size());
    require(trees.vector(13, 4).size() == 0, "estimated features", trees.vector(13, 4).size());
    checkPositions(categories, numbers);
    long bins = 0;
    for (int i = 0; i < numbers.size(); i++) {
      bins += numbers.table(i).vector(3, 4).size();
    }
    bins += oneHotBins(categories.size());
    bins += statisticBins();
    checkTrees(dimension, bins);
  }

  private static void require(boolean holds, String what, long value) throws DamagedException {
    if (!holds) {
      throw new DamagedException("its " + what + " cannot be " + value);
    }
  }

  /** Features are counted by kind and over all; each place is taken once. */
  private static void checkPositions(Vector categories, Vector numbers) throws DamagedException {
    Set<Integer> overall = new HashSet<>();
    int all = categories.size() + numbers.size();
    checkPositions(categories, 0, all, overall);
    checkPositions(numbers, 1, all, overall);
  }

  private static void checkPositions(Vector features, int field, int all, Set<Integer> overall)
      throws DamagedException {
    Set<Integer> places = new HashSet<>();
    for (int i = 0; i < features.size(); i++) {
      int place = features.table(i).number(field, -1);
      int flat = features.table(i).number(field + 1, -1);
      require(place >= 0 && place < features.size() && places.add(place), "feature index", place);
      require(flat >= 0 && flat < all && overall.add(flat), "flat feature index", flat);
    }
  }

  private long oneHotBins(int categories) throws DamagedException {
    Vector features = trees.vector(6, 4);
    long bins = 0;
    for (int i = 0; i < features.size(); i++) {
      int category = features.table(i).number(0, -1);
      require(category >= 0 && category < categories, "one-hot feature", category);
      bins += features.table(i).vector(1, 4).size();
    }
    return bins;
  }

  /** Features made of statistics by category: each reads a table behind the model. */
  private long statisticBins() throws DamagedException {
    Vector features = trees.vector(7, 4);
    List<Table> tables = tables();
    long bins = 0;
    for (int i = 0; i < features.size(); i++) {
      FlatTable ctr =
          features.table(i).table(0).orElseThrow(() -> new DamagedException("a ctr is empty"));
      Statistic statistic = statistic(ctr.table(0));
      int border = ctr.number(1, 0);
      boolean found = false;
      for (Table table : tables) {
        if (table.statistic.equals(statistic)) {
          found = true;
          int last = statistic.kind == BORDERS && table.classes > 2 ? border + 1 : border;
          boolean counts = statistic.kind == BUCKETS || statistic.kind == BORDERS;
          require(!counts || (border >= 0 && last < Math.max(table.classes, 2)), "class", border);
        }
      }
      require(found, "ctr", i);
      bins += features.table(i).vector(1, 4).size();
    }
    return bins;
  }

  private static Statistic statistic(Optional<FlatTable> base) throws DamagedException {
    FlatTable found = base.orElseThrow(() -> new DamagedException("a ctr has no base"));
    FlatTable combination =
        found.table(0).orElseThrow(() -> new DamagedException("a ctr combines nothing"));
    int kind = found.small(1, 0);
    require(kind >= 0 && kind <= LAST_KIND, "kind of ctr", kind);
    Vector categories = combination.vector(0, 4);
    List<Integer> names = new ArrayList<>();
    for (int i = 0; i < categories.size(); i++) {
      names.add(categories.number(i));
    }
    List<Long> splits = new ArrayList<>();
    for (int part = 1; part <= 2; part++) {
      ByteBuffer content = combination.vector(part, 8).content();
      splits.add((long) content.remaining());
      while (content.hasRemaining()) {
        splits.add(content.getLong());
      }
    }
    return new Statistic(kind, names, splits);
  }

  private List<Table> tables() throws DamagedException {
    List<Table> tables = new ArrayList<>();
    Vector parts = core.vector(3, 4);
    for (int i = 0; i < parts.size(); i++) {
      if (!parts.text(i).equals(TABLES)) {
        throw new DamagedException("it has a part '" + parts.text(i) + "' that is not known");
      }
    }
    if (parts.size() == 0) {
      return tables;
    }
    require(parts.size() == 1, "number of parts", parts.size());
    int position = 4;
    long count = Integer.toUnsignedLong(rest.getInt(0));
    for (long i = 0; i < count; i++) {
      long size = Integer.toUnsignedLong(rest.getInt(position));
      position += 4;
      require(size <= rest.limit() - position, "table size", size);
      tables.add(table(FlatTable.root(rest.slice(position, (int) size))));
      position += (int) size;
    }
    return tables;
  }

  /** A hash table from category to place, and the statistics by place. */
  private static Table table(FlatTable table) throws DamagedException {
    Statistic statistic = statistic(table.table(0));
    ByteBuffer buckets = table.vector(1, 1).content();
    long content = table.vector(2, 1).size();
    int classes = table.number(4, 0);
    require(
        buckets.remaining() > 0
            && buckets.remaining() % BUCKET_BYTES == 0
            && Integer.bitCount(buckets.remaining() / BUCKET_BYTES) == 1,
        "hash table size",
        buckets.remaining());
    require(classes >= 0 && classes <= MOST_DIMENSIONS, "number of classes", classes);
    long width = width(statistic.kind, classes);
    boolean hasEnd = false;
    for (int at = 0; at < buckets.limit(); at += BUCKET_BYTES) {
      if (buckets.getLong(at) == NO_HASH) {
        hasEnd = true;
      } else {
        long place = Integer.toUnsignedLong(buckets.getInt(at + Long.BYTES));
        require((place + 1) * width <= content, "place of a category", place);
      }
    }
    // A search ends at an empty place; without one it would not end.
    require(hasEnd, "number of free places", 0);
    return new Table(statistic, classes);
  }

  /** Bytes a place takes. */
  private static long width(int kind, int classes) {
    switch (kind) {
      case BORDERS:
        return 4L * Math.max(classes, 2);
      case BUCKETS:
        return 4L * Math.max(classes, 1);
      case BINARIZED_MEAN:
      case FLOAT_MEAN:
        return 8;
      default:
        return 4;
    }
  }

  private void checkTrees(int dimension, long bins) throws DamagedException {
    Vector splits = trees.vector(1, 4);
    Vector sizes = trees.vector(2, 4);
    Vector starts = trees.vector(3, 4);
    long leaves = trees.vector(8, 8).size();
    Vector steps = trees.vector(10, 4);
    for (int i = 0; i < splits.size(); i++) {
      require(splits.number(i) >= 0 && splits.number(i) < bins, "split", splits.number(i));
    }
    boolean symmetric = steps.size() == 0;
    require(starts.size() == sizes.size(), "number of tree starts", starts.size());
    // The library takes trees for symmetric only where both lists are empty.
    require(!symmetric || trees.vector(11, 4).size() == 0, "number of steps", 0);
    long start = 0;
    long values = 0;
    for (int i = 0; i < sizes.size(); i++) {
      int size = sizes.number(i);
      require(size >= 0 && (!symmetric || size <= DEEPEST), "tree size", size);
      require(starts.number(i) == start, "tree start", start);
      start += size;
      require(start <= splits.size(), "tree size", size);
      values += symmetric ? (1L << size) * dimension : 0;
      if (!symmetric) {
        checkSteps(steps, (int) start - size, (int) start, dimension, leaves);
      }
    }
    require(start == splits.size(), "number of splits", splits.size());
    require(symmetric ? values == leaves : leaves % dimension == 0, "number of leaves", leaves);
    int weights = trees.vector(9, 8).size();
    require(weights == 0 || weights == leaves / dimension, "number of weights", weights);
  }

  /** Trees whose levels differ: steps lead forward within the tree, or end at a leaf. */
  private void checkSteps(Vector steps, int from, int to, int dimension, long leaves)
      throws DamagedException {
    Vector leaf = trees.vector(11, 4);
    require(to <= steps.size() && to <= leaf.size(), "number of steps", steps.size());
    require(to > from, "tree size", 0);
    for (int node = from; node < to; node++) {
      int left = steps.first(node);
      int right = steps.second(node);
      require(node + left < to && node + right < to, "step", Math.max(left, right));
      if (left == 0 || right == 0) {
        long value = Integer.toUnsignedLong(leaf.number(node));
        require(value + dimension <= leaves, "leaf", value);
      }
    }
  }
}
