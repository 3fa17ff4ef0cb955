package io.scorebatch.kernel;

import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.ModelOrigin;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.model.Task;
import io.scorebatch.api.type.ColumnType;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Scores a few rows with a structure, through the public door. */
final class Scoring {
  private Scoring() {}

  static Model model(Estimator structure, List<ModelInput> inputs, Optional<Labels> labels) {
    return new Model(
        new ModelOrigin("test", "1", "test.Model", "none"),
        Task.UNKNOWN,
        inputs,
        true,
        labels,
        EnumSet.allOf(OutputKind.class),
        structure);
  }

  static List<ModelInput> numbers(int count) {
    return IntStream.range(0, count).mapToObj(i -> ModelInput.number("f" + i)).toList();
  }

  /** Scores rows of numbers; an array a row. */
  static double[][] rows(Estimator structure, OutputKind kind, double[]... rows) {
    int columns = rows[0].length;
    double[][] numbers = new double[columns][rows.length];
    for (int r = 0; r < rows.length; r++) {
      for (int c = 0; c < columns; c++) {
        numbers[c][r] = rows[r][c];
      }
    }
    double[][] scores =
        columns(
            new NativeScorerFactory()
                .create(model(structure, numbers(columns), Optional.empty()), List.of(kind)),
            rows.length,
            numbers,
            new String[columns][]);
    double[][] answers = new double[rows.length][scores.length];
    for (int r = 0; r < rows.length; r++) {
      for (int c = 0; c < scores.length; c++) {
        answers[r][c] = scores[c][r];
      }
    }
    return answers;
  }

  /** Scores one number a row, one answer a row. */
  static double[] values(Estimator structure, OutputKind kind, double... xs) {
    double[][] rows = new double[xs.length][];
    for (int r = 0; r < xs.length; r++) {
      rows[r] = new double[] {xs[r]};
    }
    double[][] answers = rows(structure, kind, rows);
    double[] values = new double[xs.length];
    for (int r = 0; r < xs.length; r++) {
      values[r] = answers[r][0];
    }
    return values;
  }

  /** Scores texts, one a row; an array a row. */
  static double[][] texts(Estimator structure, OutputKind kind, @Nullable String... texts) {
    Scorer scorer =
        new NativeScorerFactory()
            .create(
                model(structure, List.of(ModelInput.text("text")), Optional.empty()),
                List.of(kind));
    double[][] scores =
        columns(scorer, texts.length, new double[1][], new @Nullable String[][] {texts});
    double[][] answers = new double[texts.length][scores.length];
    for (int r = 0; r < texts.length; r++) {
      for (int c = 0; c < scores.length; c++) {
        answers[r][c] = scores[c][r];
      }
    }
    return answers;
  }

  static double[][] columns(
      Scorer scorer, int rows, double[][] numbers, @Nullable String[][] texts) {
    double[][] out = new double[scorer.outputs().size()][rows];
    scorer.score(
        new ColumnBlock() {
          @Override
          public int rows() {
            return rows;
          }

          @Override
          public int columns() {
            return numbers.length;
          }

          @Override
          public double[] numbers(int column) {
            return numbers[column];
          }

          @Override
          public @Nullable String[] texts(int column) {
            return texts[column];
          }
        },
        new ScoreBlock() {
          @Override
          public double[] numbers(int column) {
            return out[column];
          }

          @Override
          public @Nullable String[] texts(int column) {
            throw new AssertionError("no text is written");
          }
        });
    return out;
  }

  static Labels labels(String... values) {
    return new Labels(ColumnType.Primitive.STRING, new ArrayList<>(List.of(values)));
  }
}
