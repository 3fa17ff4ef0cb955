package io.scorebatch.engine.spark;

import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.plan.InputBinding;
import io.scorebatch.api.plan.InputBinding.Conversion;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalDouble;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;

/** Working memory of a task: some rows, and what the model says of them. One thread at a time. */
final class ModelBlock {
  private static final int CAPACITY = 2048;

  private final Scorer scorer;
  private final List<InputBinding> bindings;
  private final In in;
  private final Out out;
  private final InternalRow[] rows = new InternalRow[CAPACITY];

  /**
   * @param bindings of the scorer's inputs, in order; rows hold the arguments first
   */
  ModelBlock(Scorer scorer, List<InputBinding> bindings) {
    this.scorer = scorer;
    this.bindings = bindings;
    this.in = new In(scorer.inputs(), CAPACITY);
    this.out = new Out(scorer.outputs());
  }

  /** Takes the next rows, which are copied; false where there are none. */
  boolean fill(Iterator<InternalRow> from) {
    in.rows = 0;
    while (in.rows < CAPACITY && from.hasNext()) {
      rows[in.rows++] = from.next().copy();
    }
    return in.rows > 0;
  }

  int size() {
    return in.rows;
  }

  InternalRow row(int index) {
    return rows[index];
  }

  ScoreBlock scores() {
    return out;
  }

  /** Scores all rows. */
  void score() {
    for (int row = 0; row < in.rows; row++) {
      for (int i = 0; i < bindings.size(); i++) {
        in.set(i, row, rows[row], bindings.get(i));
      }
    }
    score(in);
  }

  /** Scores one row; what the others' scores are is not known after. */
  void score(int row) {
    In alone = new In(scorer.inputs(), 1);
    alone.rows = 1;
    for (int i = 0; i < bindings.size(); i++) {
      alone.set(i, 0, rows[row], bindings.get(i));
    }
    score(alone);
  }

  private void score(In block) {
    try {
      scorer.score(block, out);
    } catch (RejectedValueException | ScorebatchException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError | LinkageError e) {
      // An Error would take the executor down with it.
      throw new ScorerFailedException(e);
    }
  }

  /** The value of an input, for messages. */
  String show(int input, int row) {
    if (rows[row].isNullAt(input)) {
      return SparkFailures.show(null);
    }
    boolean text = in.inputs.get(input).text() || ModelArguments.isParsed(bindings.get(input));
    return SparkFailures.show(
        text ? (Object) rows[row].getUTF8String(input).toString() : rows[row].getDouble(input));
  }

  /** What the scorer reads. */
  private static final class In implements ColumnBlock {
    private final List<ModelInput> inputs;
    private final double[][] numbers;
    private final @Nullable String[][] texts;
    private int rows;

    In(List<ModelInput> inputs, int capacity) {
      this.inputs = inputs;
      this.numbers = new double[inputs.size()][];
      this.texts = new @Nullable String[inputs.size()][];
      for (int i = 0; i < inputs.size(); i++) {
        if (inputs.get(i).text()) {
          texts[i] = new @Nullable String[capacity];
        } else {
          numbers[i] = new double[capacity];
        }
      }
    }

    void set(int input, int row, InternalRow values, InputBinding binding) {
      boolean missing = values.isNullAt(input);
      if (inputs.get(input).text()) {
        texts[input][row] = missing ? null : values.getUTF8String(input).toString();
        return;
      }
      boolean orZero = binding.conversion() == Conversion.NUMBER_OR_ZERO;
      double number = Double.NaN;
      if (!missing && ModelArguments.isParsed(binding)) {
        String text = values.getUTF8String(input).toString();
        OptionalDouble parsed = TextNumbers.parse(text);
        if (parsed.isEmpty() && !orZero) {
          throw UnfitValueException.ofInput(binding, text);
        }
        number = parsed.orElse(Double.NaN);
      } else if (!missing) {
        number = values.getDouble(input);
      }
      if (!isWhole(number, binding.conversion())) {
        throw UnfitValueException.ofInput(binding, number);
      }
      numbers[input][row] = orZero && !Double.isFinite(number) ? 0 : number;
    }

    /** Whether an input that must be whole is; missing values and other inputs always are. */
    private static boolean isWhole(double number, Conversion conversion) {
      if (conversion != Conversion.WHOLE_32 && conversion != Conversion.WHOLE_64) {
        return true;
      }
      double least = conversion == Conversion.WHOLE_32 ? Integer.MIN_VALUE : Long.MIN_VALUE;
      double greatest = conversion == Conversion.WHOLE_32 ? Integer.MAX_VALUE : Long.MAX_VALUE;
      return Double.isNaN(number)
          || (number == Math.rint(number) && number >= least && number <= greatest);
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
  private static final class Out implements ScoreBlock {
    private final double[][] numbers;
    private final @Nullable String[][] texts;

    Out(List<ScoreColumn> outputs) {
      this.numbers = new double[outputs.size()][];
      this.texts = new @Nullable String[outputs.size()][];
      for (int i = 0; i < outputs.size(); i++) {
        if (outputs.get(i).type() == ScoreColumn.Type.TEXT) {
          texts[i] = new @Nullable String[CAPACITY];
        } else {
          numbers[i] = new double[CAPACITY];
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
