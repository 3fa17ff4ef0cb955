package io.scorebatch.engine.duckdb;

import io.scorebatch.api.engine.Distribution;
import io.scorebatch.api.engine.DistributionCounter;
import io.scorebatch.api.engine.RowFingerprint;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.plan.RowHandling.OnBadRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Stream;
import org.duckdb.BlockFunction;
import org.duckdb.BlockFunction.Block;
import org.duckdb.BlockFunction.ResultField;
import org.duckdb.BlockFunction.ValueType;
import org.jspecify.annotations.Nullable;

/**
 * A scorer as a DuckDB function, which also counts: rows, what their look-ups found, what came out.
 * Called from DuckDB's threads; working memory comes from a pool, as each chunk may come from a new
 * thread.
 */
final class ModelFunction {
  /** The field that is there so that a function without results has one. */
  static final String COUNTED = "counted";

  /** The field with a row's fingerprint. */
  static final String FINGERPRINT = "fingerprint";

  /** The field that tells why a row is bad; NULL where it is not. */
  static final String BAD = "bad";

  /** How often some rows are tried again without the one refused before they are halved. */
  private static final int PATIENCE = 4;

  private static final int SHOWN = 200;

  private final ModelWork work;
  private final List<ScoreColumn> outputs;
  private final Optional<RowFingerprint> fingerprint;
  private final Queue<Scratch> pool = new ConcurrentLinkedQueue<>();
  private final Queue<Scratch> made = new ConcurrentLinkedQueue<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  ModelFunction(ModelWork work) {
    this.work = work;
    this.outputs = work.scores();
    this.fingerprint =
        work.fingerprint().isPresent()
            ? Optional.of(
                new RowFingerprint(work.layout().inputs(), work.fingerprint().getAsLong()))
            : Optional.empty();
  }

  static String field(int output) {
    return "s" + output;
  }

  List<ValueType> parameters() {
    List<ValueType> types = new ArrayList<>(work.layout().parameters());
    types.addAll(work.tallies().parameters());
    if (work.reasons()) {
      types.add(ValueType.VARCHAR);
    }
    types.addAll(Collections.nCopies(work.ticks(), ValueType.BOOLEAN));
    return types;
  }

  List<ResultField> results() {
    List<ResultField> results = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      results.add(
          new ResultField(field(i), isText(outputs.get(i)) ? ValueType.VARCHAR : ValueType.DOUBLE));
    }
    if (fingerprint.isPresent()) {
      results.add(new ResultField(FINGERPRINT, ValueType.BIGINT));
    }
    if (work.tolerant()) {
      results.add(new ResultField(BAD, ValueType.VARCHAR));
    }
    if (work.alone()) {
      results.add(new ResultField(COUNTED, ValueType.BOOLEAN));
    }
    return results;
  }

  private static boolean isText(ScoreColumn column) {
    return column.type() == ScoreColumn.Type.TEXT;
  }

  /** Scores a block; the body of the function. */
  void score(Block block) {
    Scratch scratch = scratch();
    try {
      scratch.in.read(block);
      scratch.tally.add(block, work.layout().columns());
      scratch.rowsSeen += block.rows();
      Scorer scorer = work.scorer();
      if (work.tolerant()) {
        scratch.scoreGood(block);
      } else if (scorer != null) {
        scorer.score(scratch.in, scratch.out);
      }
      scratch.count();
      scratch.write(block);
    } catch (Throwable e) {
      failure.compareAndSet(null, e);
      throw e;
    } finally {
      pool.add(scratch);
    }
  }

  /**
   * Tells which rows the model would refuse; the body of a function with one BOOLEAN result, used
   * to find the key of a refused value.
   */
  void findRejected(Block block) {
    Scratch scratch = scratch();
    try {
      scratch.in.read(block);
      boolean[] rejected = new boolean[block.rows()];
      if (scratch.rejects(rows(block.rows()), block.rows()) >= 0) {
        for (int row = 0; row < rejected.length; row++) {
          rejected[row] = scratch.rejects(new int[] {row}, 1) >= 0;
        }
      }
      block.putFlags(0, rejected);
    } finally {
      pool.add(scratch);
    }
  }

  private static int[] rows(int count) {
    int[] rows = new int[count];
    Arrays.setAll(rows, row -> row);
    return rows;
  }

  /** What the scorer threw first; null where it threw nothing. */
  @Nullable Throwable failure() {
    return failure.get();
  }

  long rows() {
    return made.stream().mapToLong(s -> s.rowsSeen).sum();
  }

  /** Rows that were left out or got no scores. */
  long badRows() {
    return made.stream().mapToLong(s -> s.badRows).sum();
  }

  /** Rows whose flag is set; empty where there is none. */
  OptionalLong positives() {
    return work.flag().isPresent()
        ? OptionalLong.of(made.stream().mapToLong(s -> s.positives).sum())
        : OptionalLong.empty();
  }

  /** The numbers of the score that is counted. */
  Optional<Distribution> predictions() {
    return work.predictions().isPresent()
        ? Optional.of(sum(s -> Stream.of(s.predictions)))
        : Optional.empty();
  }

  /** The numbers that went into the model, where they are counted. */
  Map<String, Distribution> inputs() {
    Map<String, Distribution> all = new LinkedHashMap<>();
    for (int i = 0; work.profiles() && i < work.layout().columns(); i++) {
      ModelInput input = work.layout().inputs().get(i);
      int column = i;
      if (!input.text()) {
        all.put(input.name(), sum(s -> Stream.of(s.profile[column])));
      }
    }
    return all;
  }

  private Distribution sum(Function<Scratch, Stream<DistributionCounter>> counters) {
    return made.stream()
        .flatMap(counters)
        .map(DistributionCounter::distribution)
        .reduce(new DistributionCounter().distribution(), Distribution::plus);
  }

  /** What was counted of a look-up. */
  Tallies.Total total(int lookup) {
    return work.tallies().total(lookup, made.stream().map(s -> s.tally).toList());
  }

  /** What was seen of the times of a look-up that has a point in time. */
  Tallies.Times times(int moment) {
    return work.tallies().times(moment, made.stream().map(s -> s.tally).toList());
  }

  private Scratch scratch() {
    Thread thread = Thread.currentThread();
    if (thread.getContextClassLoader() == null) {
      // DuckDB's own threads have none; foreign runtimes look for their classes there.
      thread.setContextClassLoader(ModelFunction.class.getClassLoader());
    }
    Scratch scratch = pool.poll();
    if (scratch == null) {
      scratch = new Scratch();
      made.add(scratch);
    }
    return scratch;
  }

  /** Working memory of one call at a time. */
  private final class Scratch {
    private final InputBlock in = new InputBlock(work.layout());
    private final Out out = new Out();
    private final boolean[] yes = new boolean[BlockFunction.blockRows()];
    private final long[] fingerprints = new long[BlockFunction.blockRows()];
    private final @Nullable String[] bad = new @Nullable String[BlockFunction.blockRows()];
    private final Tallies.Tally tally = work.tallies().start();
    private final DistributionCounter predictions = new DistributionCounter();
    private final DistributionCounter[] profile =
        new DistributionCounter[work.profiles() ? work.layout().columns() : 0];

    /** Some rows of {@link #in}, and their scores; made when needed. */
    private @Nullable InputBlock part;

    private @Nullable Out partOut;
    private double[] counted = new double[BlockFunction.blockRows()];
    private long rowsSeen;
    private int badHere;
    private long badRows;
    private long positives;

    Scratch() {
      Arrays.fill(yes, true);
      Arrays.setAll(profile, i -> new DistributionCounter());
    }

    /** Scores the rows that can be, and tells why others cannot. */
    void scoreGood(Block block) {
      int rows = block.rows();
      if (work.reasons()) {
        block.texts(work.layout().columns() + work.tallies().parameters().size(), bad);
      } else {
        Arrays.fill(bad, 0, rows, null);
      }
      int[] good = rows(rows);
      int count = 0;
      for (int row = 0; row < rows; row++) {
        if (bad[row] == null) {
          good[count++] = row;
        }
      }
      score(good, count);
      for (ModelWork.Typed typed : work.typed()) {
        double[] scores = out.numbers(typed.score());
        for (int row = 0; row < rows; row++) {
          if (bad[row] == null && !typed.fits(scores[row])) {
            bad[row] =
                "score "
                    + scores[row]
                    + " of output column '"
                    + typed.column()
                    + "' is no "
                    + typed.type();
          }
        }
      }
      badHere = 0;
      for (int row = 0; row < rows; row++) {
        badHere += bad[row] == null ? 0 : 1;
      }
      badRows += badHere;
    }

    private void score(int[] rows, int count) {
      int left = count;
      for (int refused = 0; left > 0; refused++) {
        if (refused == PATIENCE && left > 1) {
          int half = left / 2;
          score(Arrays.copyOf(rows, half), half);
          score(Arrays.copyOfRange(rows, half, left), left - half);
          return;
        }
        int at = rejects(rows, left);
        if (at < 0) {
          return;
        }
        System.arraycopy(rows, at + 1, rows, at, left - at - 1);
        left--;
      }
    }

    /** Scores some rows; the place of one that the model refuses among them, -1 for none. */
    int rejects(int[] rows, int count) {
      Scorer scorer = work.scorer();
      if (scorer == null) {
        return -1;
      }
      boolean all = count == in.rows();
      try {
        if (all) {
          scorer.score(in, out);
        } else {
          scorePart(scorer, rows, count);
        }
        return -1;
      } catch (RejectedValueException e) {
        if (e.row() < 0 || e.row() >= count) {
          throw e;
        }
        bad[rows[e.row()]] = reason(e);
        return e.row();
      }
    }

    private void scorePart(Scorer scorer, int[] rows, int count) {
      InputBlock some = part == null ? new InputBlock(work.layout()) : part;
      Out scores = partOut == null ? new Out() : partOut;
      part = some;
      partOut = scores;
      some.take(in, rows, count);
      scorer.score(some, scores);
      out.put(scores, rows, count);
    }

    private String reason(RejectedValueException e) {
      String value =
          e.input() < 0
              ? "an intermediate value"
              : "value "
                  + shorten(e.value())
                  + " of input '"
                  + work.layout().inputs().get(e.input()).name()
                  + "'";
      return value
          + " is "
          + e.reason().text()
          + ", which the library that trained the model refuses";
    }

    private static String shorten(String text) {
      return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }

    void count() {
      int rows = in.rows();
      work.predictions().ifPresent(score -> predictions.add(predictions(score), countedRows()));
      for (int i = 0; i < profile.length; i++) {
        if (!work.layout().inputs().get(i).text()) {
          profile[i].add(badHere == 0 ? in.numbers(i) : good(in.numbers(i)), rows - badHere);
        }
      }
      if (work.flag().isPresent()) {
        ModelWork.Flag flag = work.flag().get();
        double[] scores = out.numbers(flag.score());
        for (int row = 0; row < rows; row++) {
          positives += flag.isSet(scores[row]) && (badHere == 0 || bad[row] == null) ? 1 : 0;
        }
      }
    }

    /** Rows that are written. */
    private int countedRows() {
      return work.onBadRow() == OnBadRow.NULL ? in.rows() : in.rows() - badHere;
    }

    /** A score of the rows that are written, NaN where there is none. */
    private double[] predictions(int score) {
      double[] scores = out.numbers(score);
      boolean labels = outputs.get(score).type() == ScoreColumn.Type.LABEL_INDEX;
      if (badHere == 0 && !labels) {
        return scores;
      }
      int count = 0;
      for (int row = 0; row < in.rows(); row++) {
        boolean good = badHere == 0 || bad[row] == null;
        if (good || work.onBadRow() == OnBadRow.NULL) {
          counted[count++] = !good || (labels && scores[row] < 0) ? Double.NaN : scores[row];
        }
      }
      return counted;
    }

    private double[] good(double[] numbers) {
      int count = 0;
      for (int row = 0; row < in.rows(); row++) {
        if (bad[row] == null) {
          counted[count++] = numbers[row];
        }
      }
      return counted;
    }

    void write(Block block) {
      int field = 0;
      for (; field < outputs.size(); field++) {
        if (isText(outputs.get(field))) {
          block.putTexts(field, out.texts(field));
        } else {
          block.putNumbers(field, out.numbers(field));
        }
      }
      if (fingerprint.isPresent()) {
        fingerprint.get().of(in, fingerprints);
        block.putIntegers(field++, fingerprints);
      }
      if (work.tolerant() && badHere == 0) {
        block.putNulls(field++);
      } else if (work.tolerant()) {
        block.putTexts(field++, bad);
      }
      if (work.alone()) {
        block.putFlags(field, yes);
      }
    }
  }

  /** Where the scorer writes. */
  private final class Out implements ScoreBlock {
    private final double[][] numbers = new double[outputs.size()][];
    private final @Nullable String[][] texts = new @Nullable String[outputs.size()][];

    Out() {
      for (int i = 0; i < outputs.size(); i++) {
        if (isText(outputs.get(i))) {
          texts[i] = new @Nullable String[BlockFunction.blockRows()];
        } else {
          numbers[i] = new double[BlockFunction.blockRows()];
        }
      }
    }

    /** Takes scores to places of their own. */
    void put(Out from, int[] places, int count) {
      for (int i = 0; i < outputs.size(); i++) {
        for (int row = 0; row < count; row++) {
          if (isText(outputs.get(i))) {
            texts[i][places[row]] = from.texts[i][row];
          } else {
            numbers[i][places[row]] = from.numbers[i][row];
          }
        }
      }
    }

    @Override
    public double[] numbers(int column) {
      return numbers[column];
    }

    @Override
    public @Nullable String[] texts(int column) {
      return texts[column];
    }
  }
}
