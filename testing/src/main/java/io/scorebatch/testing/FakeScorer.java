package io.scorebatch.testing;

import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.RejectedValueException.Reason;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import java.util.List;
import java.util.stream.Stream;

/** A scorer whose answers a test can compute in its head. Thread-safe as its body is. */
public final class FakeScorer implements Scorer {
  /** What it does with a block. */
  @FunctionalInterface
  public interface Body {
    void score(ColumnBlock in, ScoreBlock out);
  }

  private final List<ModelInput> inputs;
  private final List<ScoreColumn> outputs;
  private final Body body;

  public FakeScorer(List<ModelInput> inputs, List<ScoreColumn> outputs, Body body) {
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    this.body = body;
  }

  /** One score: the first input, twice the second, three times the third …; NaN stays NaN. */
  public static FakeScorer weightedSum(String... inputs) {
    return new FakeScorer(numbers(inputs), prediction(), FakeScorer::weightedSum);
  }

  /** As {@link #weightedSum}, and refuses NaN as models that know no missing values do. */
  public static FakeScorer weightedSumWithoutNaN(String... inputs) {
    return new FakeScorer(
        numbers(inputs),
        prediction(),
        (in, out) -> {
          for (int column = 0; column < in.columns(); column++) {
            for (int row = 0; row < in.rows(); row++) {
              if (Double.isNaN(in.numbers(column)[row])) {
                throw new RejectedValueException(row, column, Reason.NAN, "NaN");
              }
            }
          }
          weightedSum(in, out);
        });
  }

  /** One score a given function of one number. */
  public static FakeScorer ofNumber(String input, java.util.function.DoubleUnaryOperator function) {
    return new FakeScorer(
        numbers(input),
        prediction(),
        (in, out) -> {
          for (int row = 0; row < in.rows(); row++) {
            out.numbers(0)[row] = function.applyAsDouble(in.numbers(0)[row]);
          }
        });
  }

  private static List<ModelInput> numbers(String... names) {
    return Stream.of(names).map(ModelInput::number).toList();
  }

  private static List<ScoreColumn> prediction() {
    return List.of(ScoreColumn.number(OutputKind.PREDICT, "predict"));
  }

  private static void weightedSum(ColumnBlock in, ScoreBlock out) {
    for (int row = 0; row < in.rows(); row++) {
      double sum = 0;
      for (int column = 0; column < in.columns(); column++) {
        sum += (column + 1) * in.numbers(column)[row];
      }
      out.numbers(0)[row] = sum;
    }
  }

  @Override
  public List<ModelInput> inputs() {
    return inputs;
  }

  @Override
  public List<ScoreColumn> outputs() {
    return outputs;
  }

  @Override
  public void score(ColumnBlock in, ScoreBlock out) {
    body.score(in, out);
  }
}
