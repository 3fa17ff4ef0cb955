package io.scorebatch.model.catboost;

import ai.catboost.CatBoostError;
import ai.catboost.CatBoostPredictions;
import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.RejectedValueException.Reason;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Scores blocks of rows with a loaded CatBoost model. Thread-safe. */
final class CatBoostScorer implements Scorer {
  private final CatBoostFile file;
  private final List<ModelInput> inputs;
  private final List<OutputKind> kinds;
  private final List<ScoreColumn> outputs = new ArrayList<>();
  private final int[] widths;
  private final int numbers;

  CatBoostScorer(CatBoostFile file, List<ModelInput> inputs, List<OutputKind> kinds) {
    this.file = file;
    this.inputs = List.copyOf(inputs);
    this.kinds = List.copyOf(kinds);
    widths = new int[kinds.size()];
    Map<OutputKind, List<ScoreColumn>> offered = file.columns();
    for (int i = 0; i < widths.length; i++) {
      List<ScoreColumn> columns = offered.getOrDefault(kinds.get(i), List.of());
      outputs.addAll(columns);
      widths[i] = columns.size();
    }
    numbers = (int) inputs.stream().filter(input -> !input.text()).count();
  }

  @Override
  public List<ModelInput> inputs() {
    return inputs;
  }

  @Override
  public List<ScoreColumn> outputs() {
    return List.copyOf(outputs);
  }

  @Override
  public void score(ColumnBlock in, ScoreBlock out) {
    if (in.rows() == 0) {
      return;
    }
    float[][] numeric = new float[in.rows()][numbers];
    String[][] categories = new String[in.rows()][inputs.size() - numbers];
    fill(in, numeric, categories);
    CatBoostPredictions predictions;
    try {
      predictions = file.model().predict(numeric, categories);
    } catch (CatBoostError e) {
      throw CatBoostErrors.failed(file.path(), e);
    }
    double[] raw = new double[predictions.getPredictionDimension()];
    int column = 0;
    for (int k = 0; k < widths.length; k++) {
      double[] answers = new double[widths[k]];
      double[][] to = new double[answers.length][];
      for (int i = 0; i < to.length; i++) {
        to[i] = out.numbers(column++);
      }
      for (int r = 0; r < in.rows(); r++) {
        predictions.copyObjectPredictions(r, raw);
        file.answer(kinds.get(k), raw, answers);
        for (int i = 0; i < to.length; i++) {
          to[i][r] = answers[i];
        }
      }
    }
  }

  /** Each kind of feature is counted by itself, in the order of the inputs. */
  private void fill(ColumnBlock in, float[][] numeric, String[][] categories) {
    int number = 0;
    int category = 0;
    for (int c = 0; c < inputs.size(); c++) {
      if (inputs.get(c).text()) {
        @Nullable String[] texts = in.texts(c);
        for (int r = 0; r < in.rows(); r++) {
          String text = texts[r];
          if (text == null) {
            throw new RejectedValueException(r, c, Reason.NAN, "NULL");
          }
          categories[r][category] = text;
        }
        category++;
      } else {
        double[] values = in.numbers(c);
        for (int r = 0; r < in.rows(); r++) {
          numeric[r][number] = (float) values[r];
        }
        number++;
      }
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
