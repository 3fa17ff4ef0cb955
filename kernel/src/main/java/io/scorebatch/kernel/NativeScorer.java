package io.scorebatch.kernel;

import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Cuts blocks into pieces that fit the processor's caches and passes them through the model. */
final class NativeScorer implements Scorer {
  private static final int PIECE = 2048;

  private final List<ModelInput> inputs;
  private final List<OutputKind> kinds;
  private final List<ScoreColumn> outputs;
  private final Predictor predictor;
  private final FloatInputs floats;
  private final UnknownCategories unknown = new UnknownCategories();

  NativeScorer(
      List<ModelInput> inputs,
      List<OutputKind> kinds,
      List<ScoreColumn> outputs,
      Predictor predictor,
      FloatInputs floats) {
    this.inputs = inputs;
    this.kinds = List.copyOf(kinds);
    this.outputs = List.copyOf(outputs);
    this.predictor = predictor;
    this.floats = floats;
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
    for (int start = 0; start < in.rows(); start += PIECE) {
      int rows = Math.min(PIECE, in.rows() - start);
      floats.look(in, start, rows);
      Answers answers = new Answers(kinds);
      predictor.answer(piece(in, start, rows), answers);
      int column = 0;
      for (OutputKind kind : kinds) {
        for (double[] values : answers.of(kind)) {
          System.arraycopy(values, 0, out.numbers(column++), start, rows);
        }
      }
    }
  }

  @Override
  public List<String> notes() {
    return Stream.concat(floats.notes().stream(), unknown.notes(inputs).stream()).toList();
  }

  private Frame piece(ColumnBlock in, int start, int rows) {
    double[] @Nullable [] numbers = new double[inputs.size()][];
    @Nullable String[] @Nullable [] texts = new String[inputs.size()][];
    for (int c = 0; c < numbers.length; c++) {
      if (inputs.get(c).text()) {
        @Nullable String[] all = in.texts(c);
        texts[c] = start == 0 ? all : Arrays.copyOfRange(all, start, start + rows);
      } else {
        double[] all = in.numbers(c);
        numbers[c] = start == 0 ? all : Arrays.copyOfRange(all, start, start + rows);
      }
    }
    return new Frame(rows, start, numbers, texts, unknown);
  }
}
