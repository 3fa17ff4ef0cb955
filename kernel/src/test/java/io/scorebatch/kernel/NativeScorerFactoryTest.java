package io.scorebatch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.LinearModel;
import io.scorebatch.api.model.Link;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.Response;
import io.scorebatch.api.model.Response.Rule;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transformation;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NativeScorerFactoryTest {
  private final NativeScorerFactory factory = new NativeScorerFactory();

  /** Two columns; raw score x0 - x1. */
  private static LinearModel binary() {
    return new LinearModel(
        2,
        new double[] {1, -1},
        new double[] {0},
        Response.classes(Link.SIGMOID, Rule.RAW_ABOVE_ZERO));
  }

  private Scorer scorer(Estimator structure, OutputKind... kinds) {
    Model model =
        Scoring.model(structure, Scoring.numbers(2), Optional.of(Scoring.labels("no", "yes")));
    return factory.create(model, List.of(kinds));
  }

  @Test
  void answersSeveralKindsInOnePass() {
    Scorer scorer =
        scorer(binary(), OutputKind.PREDICT_PROBA, OutputKind.PREDICT, OutputKind.RAW_MARGIN);
    assertThat(scorer.outputs())
        .extracting(ScoreColumn::kind)
        .containsExactly(
            OutputKind.PREDICT_PROBA,
            OutputKind.PREDICT_PROBA,
            OutputKind.PREDICT,
            OutputKind.RAW_MARGIN);
    double[][] out = Scoring.columns(scorer, 2, new double[][] {{1, 0}, {1, 2}}, new String[2][]);
    assertThat(out[0]).containsExactly(0.5, 1 - Glibc.expit(-2));
    assertThat(out[1]).containsExactly(0.5, Glibc.expit(-2));
    assertThat(out[2]).containsExactly(0, 0);
    assertThat(out[3]).containsExactly(0, -2);
  }

  @Test
  void namesColumnsByClassAndLabelsByIndex() {
    Scorer scorer = scorer(binary(), OutputKind.PREDICT_PROBA, OutputKind.PREDICT);
    assertThat(scorer.outputs()).extracting(ScoreColumn::name).contains("no", "yes", "predict");
    ScoreColumn label = scorer.outputs().get(2);
    assertThat(label.type()).isEqualTo(ScoreColumn.Type.LABEL_INDEX);
    assertThat(label.labels()).contains(Scoring.labels("no", "yes"));
  }

  @Test
  void numbersManyOutputsInOrder() {
    LinearModel twelve =
        new LinearModel(2, new double[24], new double[12], Response.value(Link.IDENTITY));
    assertThat(scorer(twelve, OutputKind.PREDICT).outputs())
        .extracting(ScoreColumn::name)
        .containsExactly(IntStream.range(0, 12).mapToObj(String::valueOf).toArray(String[]::new));
  }

  @Test
  void refusesAKindTheModelDoesNotAnswer() {
    assertThatThrownBy(() -> scorer(binary(), OutputKind.SCORE_SAMPLES))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining("Model test.Model has no output 'score_samples'.");
    Model shy =
        new Model(
            Scoring.model(binary(), Scoring.numbers(2), Optional.empty()).origin(),
            io.scorebatch.api.model.Task.REGRESSION,
            Scoring.numbers(2),
            true,
            Optional.empty(),
            EnumSet.of(OutputKind.PREDICT),
            binary());
    assertThatThrownBy(() -> factory.create(shy, List.of(OutputKind.PREDICT_PROBA)))
        .hasMessageContaining("It answers predict.");
  }

  @Test
  void refusesPartsThatDoNotFit() {
    Model model = Scoring.model(binary(), Scoring.numbers(3), Optional.empty());
    assertThatThrownBy(() -> factory.create(model, List.of(OutputKind.PREDICT)))
        .isInstanceOfSatisfying(
            ScorebatchException.class,
            e -> assertThat(e.problem().code()).isEqualTo(ErrorCode.MODEL_UNSUPPORTED))
        .hasMessageContaining("A linear model reads 2 columns where 3 are given.");
    Model text =
        Scoring.model(
            binary(), List.of(ModelInput.number("a"), ModelInput.text("b")), Optional.empty());
    assertThatThrownBy(() -> factory.create(text, List.of(OutputKind.PREDICT)))
        .hasMessageContaining("A linear model reads numbers, but column 1 is text.");
  }

  @Test
  void leavesForeignModelsToTheirRuntime() {
    Model foreign =
        new Model(
            Scoring.model(binary(), List.of(), Optional.empty()).origin(),
            io.scorebatch.api.model.Task.UNKNOWN,
            List.of(),
            false,
            Optional.empty(),
            EnumSet.of(OutputKind.PREDICT),
            new ForeignModel("onnx", Path.of("model.onnx"), Map.of()));
    assertThat(factory.supports(foreign)).isFalse();
    assertThatThrownBy(() -> factory.create(foreign, List.of(OutputKind.PREDICT)))
        .hasMessageContaining("is not a native model");
  }

  @Test
  void scoresBlocksOfAnySizeRowByRowTheSame() {
    Scorer scorer = scorer(binary(), OutputKind.RAW_MARGIN);
    for (int rows : new int[] {0, 1, 2047, 2048, 2049, 5000}) {
      double[] a = new Random(rows).doubles(rows).toArray();
      double[] b = new Random(rows + 1).doubles(rows).toArray();
      double[][] out = Scoring.columns(scorer, rows, new double[][] {a, b}, new String[2][]);
      for (int r = 0; r < rows; r++) {
        assertThat(out[0][r]).isEqualTo(a[r] - b[r]);
      }
    }
  }

  @Test
  void namesTheRowOfALaterPiece() {
    Transformation check =
        new Transformation(List.of(new Transform.Check(Transform.Accept.FINITE)));
    double[] a = new double[3000];
    double[] b = new double[3000];
    b[2500] = Double.POSITIVE_INFINITY;
    Scorer scorer = scorer(check, OutputKind.TRANSFORM);
    assertThatThrownBy(() -> Scoring.columns(scorer, 3000, new double[][] {a, b}, new String[2][]))
        .isInstanceOfSatisfying(
            RejectedValueException.class,
            e -> {
              assertThat(e.row()).isEqualTo(2500);
              assertThat(e.input()).isEqualTo(1);
              assertThat(e.reason()).isEqualTo(RejectedValueException.Reason.INFINITE);
            });
  }

  @Test
  void servesManyThreadsAtOnce() throws Exception {
    Scorer scorer = scorer(binary(), OutputKind.PREDICT_PROBA);
    double[] a = new Random(1).doubles(4000).toArray();
    double[] b = new Random(2).doubles(4000).toArray();
    double[][] expected = Scoring.columns(scorer, 4000, new double[][] {a, b}, new String[2][]);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<double[][]>> answers =
          IntStream.range(0, 16)
              .mapToObj(
                  i ->
                      threads.submit(
                          () ->
                              Scoring.columns(
                                  scorer, 4000, new double[][] {a, b}, new String[2][])))
              .toList();
      for (Future<double[][]> answer : answers) {
        assertThat(answer.get()).isDeepEqualTo(expected);
      }
    } finally {
      threads.shutdown();
    }
  }
}
