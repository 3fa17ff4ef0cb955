package io.scorebatch.engine.spark;

import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.plan.InputBinding;
import io.scorebatch.api.plan.OutputColumn;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * The model over the rows of a partition, in blocks. Its rows hold, in this order: one column for
 * each model input, flags and numbers that are tallied, the columns that outputs take from the
 * joined rows. Serializable; each iterator it makes is for one thread.
 */
final class ScoringTask implements Serializable {
  private final Broadcast<ScorerRecipe> recipe;
  private final byte[] inputs;
  private final byte[] outputs;
  private final int flags;
  private final int ranges;

  /**
   * @param recipe the model
   * @param inputs the bindings of its inputs
   * @param outputs what to make of it
   * @param flags how many BOOLEAN columns the rows have that are counted
   * @param ranges how many LONG columns the rows have whose bounds are kept
   */
  ScoringTask(
      Broadcast<ScorerRecipe> recipe,
      List<InputBinding> inputs,
      List<OutputColumn> outputs,
      int flags,
      int ranges) {
    this.recipe = recipe;
    this.inputs = Portable.bytes(new ArrayList<>(inputs));
    this.outputs = Portable.bytes(new ArrayList<>(outputs));
    this.flags = flags;
    this.ranges = ranges;
  }

  Tallies tallies() {
    return new Tallies(flags, ranges);
  }

  /**
   * Scores rows. A row handed out is valid until the next.
   *
   * @param tallies receives what there is to tell of the rows
   * @throws RejectedValueException from the iterator, as the scorer throws it
   * @throws UnfitValueException from the iterator
   */
  Iterator<InternalRow> score(Iterator<InternalRow> rows, Tallies tallies) {
    return new Scored(rows, tallies);
  }

  /**
   * As {@link #score}, for rows that go straight to a user: failures name the model and the input.
   *
   * @throws io.scorebatch.api.error.ScorebatchException from the iterator
   */
  Iterator<InternalRow> scoreFor(String modelName, Iterator<InternalRow> rows) {
    Iterator<InternalRow> scored = score(rows, tallies());
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        try {
          return scored.hasNext();
        } catch (RejectedValueException e) {
          List<InputBinding> bindings = list(inputs);
          String input = e.input() < 0 ? null : bindings.get(e.input()).input();
          throw SparkFailures.rejectedSomewhere(modelName, e, input);
        } catch (UnfitValueException e) {
          throw SparkFailures.unfitSomewhere(modelName, e);
        } catch (ScorerFailedException e) {
          throw SparkFailures.scorerFailed(modelName, e);
        }
      }

      @Override
      public InternalRow next() {
        try {
          return scored.next();
        } catch (UnfitValueException e) {
          throw SparkFailures.unfitSomewhere(modelName, e);
        }
      }
    };
  }

  /**
   * The rows with something wrong, each followed by the input's index (-1 for none) and the value
   * as text.
   */
  Iterator<InternalRow> problems(Iterator<InternalRow> rows) {
    return new Problems(rows);
  }

  @SuppressWarnings("unchecked")
  private static <T> List<T> list(byte[] bytes) {
    return (List<T>) Portable.value(bytes);
  }

  private ModelBlock block() {
    Scorer scorer = recipe.value().scorer();
    return new ModelBlock(scorer, list(inputs));
  }

  private List<OutputCells.Cell> cells() {
    List<InputBinding> bindings = list(inputs);
    return OutputCells.of(list(outputs), bindings.size() + flags + ranges);
  }

  private final class Scored implements Iterator<InternalRow> {
    private final Iterator<InternalRow> from;
    private final Tallies tallies;
    private final int arguments = ScoringTask.<InputBinding>list(inputs).size();
    private final ModelBlock block = block();
    private final OutputCells.Cell[] cells = cells().toArray(OutputCells.Cell[]::new);
    private final @Nullable Object[] values = new @Nullable Object[cells.length];
    private final InternalRow view = new GenericInternalRow(values);
    private int next;

    Scored(Iterator<InternalRow> from, Tallies tallies) {
      this.from = from;
      this.tallies = tallies;
    }

    @Override
    public boolean hasNext() {
      if (next < block.size()) {
        return true;
      }
      next = 0;
      if (!block.fill(from)) {
        return false;
      }
      block.score();
      return true;
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      InternalRow row = block.row(next);
      tallies.add(row, arguments);
      for (int i = 0; i < values.length; i++) {
        values[i] = cells[i].value(row, block.scores(), next);
      }
      next++;
      return view;
    }
  }

  private final class Problems implements Iterator<InternalRow> {
    private final Iterator<InternalRow> from;
    private final ModelBlock block = block();
    private final List<OutputCells.Cell> cells = cells();
    private int at;
    private @Nullable InternalRow found;

    Problems(Iterator<InternalRow> from) {
      this.from = from;
    }

    @Override
    public boolean hasNext() {
      while (found == null) {
        if (at == block.size()) {
          at = 0;
          if (!block.fill(from)) {
            return false;
          }
        }
        found = problem(at++);
      }
      return true;
    }

    private @Nullable InternalRow problem(int row) {
      try {
        block.score(row);
        cells.forEach(cell -> cell.value(block.row(row), block.scores(), 0));
        return null;
      } catch (RejectedValueException e) {
        String value = e.input() < 0 ? e.value() : block.show(e.input(), row);
        return with(row, e.input(), value);
      } catch (UnfitValueException e) {
        return with(row, -1, e.value());
      }
    }

    private InternalRow with(int row, int input, String value) {
      return new JoinedRow(
          block.row(row),
          new GenericInternalRow(new Object[] {input, UTF8String.fromString(value)}));
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      InternalRow row = java.util.Objects.requireNonNull(found);
      found = null;
      return row;
    }
  }
}
