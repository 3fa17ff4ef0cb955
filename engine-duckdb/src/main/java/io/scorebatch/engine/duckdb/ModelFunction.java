package io.scorebatch.engine.duckdb;

import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.plan.InputBinding.Conversion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.duckdb.BlockFunction;
import org.duckdb.BlockFunction.Block;
import org.duckdb.BlockFunction.ResultField;
import org.duckdb.BlockFunction.ValueType;
import org.jspecify.annotations.Nullable;

/**
 * A scorer as a DuckDB function, which also counts: rows, and what their look-ups found. Called
 * from DuckDB's threads; working memory comes from a pool, as each chunk may come from a new
 * thread.
 */
final class ModelFunction {
  /** The field that is there so that a function without scores has one. */
  static final String COUNTED = "counted";

  private final List<ModelInput> inputs;
  private final List<ScoreColumn> outputs;
  private final @Nullable Scorer scorer;
  private final boolean[] orZero;
  private final Tallies tallies;
  private final boolean ticking;
  private final Queue<Scratch> pool = new ConcurrentLinkedQueue<>();
  private final Queue<Scratch> made = new ConcurrentLinkedQueue<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  private ModelFunction(
      @Nullable Scorer scorer, List<Conversion> conversions, Tallies tallies, boolean ticking) {
    this.scorer = scorer;
    this.inputs = scorer == null ? List.of() : scorer.inputs();
    this.outputs = scorer == null ? List.of() : scorer.outputs();
    this.orZero = new boolean[inputs.size()];
    for (int i = 0; i < orZero.length; i++) {
      orZero[i] = conversions.get(i) == Conversion.NUMBER_OR_ZERO;
    }
    this.tallies = tallies;
    this.ticking = ticking;
  }

  /**
   * @param scorer the model
   * @param conversions of its inputs, in order
   * @param tallies what is counted of the look-ups, by the parameters that follow the inputs
   * @param ticking whether a BOOLEAN parameter follows that nobody reads
   */
  static ModelFunction of(
      Scorer scorer, List<Conversion> conversions, Tallies tallies, boolean ticking) {
    return new ModelFunction(scorer, conversions, tallies, ticking);
  }

  /** A function that counts, and scores nothing. */
  static ModelFunction counting(Tallies tallies, boolean ticking) {
    return new ModelFunction(null, List.of(), tallies, ticking);
  }

  static String field(int output) {
    return "s" + output;
  }

  List<ValueType> parameters() {
    List<ValueType> types = new ArrayList<>();
    inputs.forEach(input -> types.add(input.text() ? ValueType.VARCHAR : ValueType.DOUBLE));
    types.addAll(tallies.parameters());
    if (ticking) {
      types.add(ValueType.BOOLEAN);
    }
    return types;
  }

  List<ResultField> results() {
    List<ResultField> results = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      results.add(
          new ResultField(field(i), isText(outputs.get(i)) ? ValueType.VARCHAR : ValueType.DOUBLE));
    }
    if (results.isEmpty()) {
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
      scratch.read(block);
      scratch.tally.add(block, inputs.size());
      scratch.rowsSeen += block.rows();
      if (scorer == null) {
        block.putFlags(0, scratch.yes);
        return;
      }
      scorer.score(scratch.in, scratch.out);
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
      scratch.read(block);
      boolean[] rejected = new boolean[block.rows()];
      if (scorer != null && rejects(scorer, scratch, 0, block.rows())) {
        for (int row = 0; row < rejected.length; row++) {
          rejected[row] = rejects(scorer, scratch, row, row + 1);
        }
      }
      block.putFlags(0, rejected);
    } finally {
      pool.add(scratch);
    }
  }

  private static boolean rejects(Scorer scorer, Scratch scratch, int from, int to) {
    try {
      scorer.score(scratch.in.slice(from, to), scratch.out);
      return false;
    } catch (RejectedValueException e) {
      return true;
    }
  }

  /** What the scorer threw first; null where it threw nothing. */
  @Nullable Throwable failure() {
    return failure.get();
  }

  long rows() {
    return made.stream().mapToLong(s -> s.rowsSeen).sum();
  }

  /** What was counted of a look-up. */
  Tallies.Total total(int lookup) {
    return tallies.total(lookup, made.stream().map(s -> s.tally).toList());
  }

  /** What was seen of the times of a look-up that has a point in time. */
  Tallies.Times times(int moment) {
    return tallies.times(moment, made.stream().map(s -> s.tally).toList());
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
    private final In in = new In();
    private final Out out = new Out();
    private final boolean[] yes = new boolean[BlockFunction.blockRows()];
    private final Tallies.Tally tally = tallies.start();
    private long rowsSeen;

    Scratch() {
      Arrays.fill(yes, true);
    }

    void read(Block block) {
      in.rows = block.rows();
      for (int i = 0; i < inputs.size(); i++) {
        if (inputs.get(i).text()) {
          block.texts(i, in.texts(i));
          continue;
        }
        double[] numbers = in.numbers(i);
        block.numbers(i, numbers);
        if (orZero[i]) {
          for (int row = 0; row < in.rows; row++) {
            numbers[row] = Double.isFinite(numbers[row]) ? numbers[row] : 0;
          }
        }
      }
    }

    void write(Block block) {
      for (int i = 0; i < outputs.size(); i++) {
        if (isText(outputs.get(i))) {
          block.putTexts(i, out.texts(i));
        } else {
          block.putNumbers(i, out.numbers(i));
        }
      }
    }
  }

  /** What the scorer reads. */
  private final class In implements ColumnBlock {
    private final double[][] numbers = new double[inputs.size()][];
    private final @Nullable String[][] texts = new @Nullable String[inputs.size()][];
    private int rows;

    In() {
      for (int i = 0; i < inputs.size(); i++) {
        if (inputs.get(i).text()) {
          texts[i] = new @Nullable String[BlockFunction.blockRows()];
        } else {
          numbers[i] = new double[BlockFunction.blockRows()];
        }
      }
    }

    /** A copy of some rows. */
    In slice(int from, int to) {
      In slice = new In();
      slice.rows = to - from;
      for (int i = 0; i < inputs.size(); i++) {
        if (inputs.get(i).text()) {
          System.arraycopy(texts[i], from, slice.texts[i], 0, slice.rows);
        } else {
          System.arraycopy(numbers[i], from, slice.numbers[i], 0, slice.rows);
        }
      }
      return slice;
    }

    @Override
    public int rows() {
      return rows;
    }

    @Override
    public int columns() {
      return inputs.size();
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
