package io.scorebatch.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.model.ScorerFactory;
import io.scorebatch.api.model.Task;
import io.scorebatch.model.onnx.OnnxCase.Block;
import io.scorebatch.model.onnx.OnnxCase.Scores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OnnxScorerTest {
  /** The same runtime on another processor may differ in the last bits of a float. */
  private static final double SAME_RUNTIME = 1e-6;

  /** What docs/foreign-models.md states: of the largest value of a column. */
  private static final double STATED = 1e-5;

  private final ScorerFactory factory = new OnnxScorerFactory();

  private static Stream<OnnxCase> loadable() {
    return OnnxCase.all().filter(c -> !c.kinds().isEmpty());
  }

  @ParameterizedTest
  @MethodSource("loadable")
  void answersWhatPythonAnswers(OnnxCase fixture) throws IOException {
    Model model = fixture.complete();
    for (OutputKind kind : fixture.kinds()) {
      // Trees do not tell that they hold raw scores; this is refused, see below.
      if (!model.outputKinds().contains(kind)) {
        assertThat(fixture).hasToString("boosting-raw-scores");
        continue;
      }
      try (Scorer scorer = factory.create(model, List.of(kind))) {
        Scores scores = OnnxCase.score(scorer, fixture.input());
        List<ScoreColumn> columns = scorer.outputs();
        if (columns.get(0).type() == ScoreColumn.Type.LABEL_INDEX) {
          assertThat(labels(columns.get(0), scores, fixture.rows()))
              .isEqualTo(expectedLabels(fixture, kind));
        } else {
          assertNear(fixture, "expected", kind, scores, columns.size(), SAME_RUNTIME);
          assertNear(fixture, "trained", kind, scores, columns.size(), STATED);
        }
      }
    }
  }

  private static String[] labels(ScoreColumn column, Scores scores, int rows) {
    String[] labels = new String[rows];
    for (int r = 0; r < rows; r++) {
      labels[r] = column.labels().orElseThrow().text((int) scores.numbers(0)[r]);
    }
    return labels;
  }

  private static String[] expectedLabels(OnnxCase fixture, OutputKind kind) throws IOException {
    var numbers = fixture.expected("expected", kind);
    return numbers.isPresent()
        ? Arrays.stream(numbers.get())
            .mapToObj(v -> String.valueOf((long) v))
            .toArray(String[]::new)
        : fixture.expectedTexts("expected", kind);
  }

  private static void assertNear(
      OnnxCase fixture, String part, OutputKind kind, Scores scores, int width, double tolerance)
      throws IOException {
    var found = fixture.expected(part, kind);
    if (found.isEmpty()) {
      assertThat(fixture).as("has no trained model").hasToString("softmax-without-labels");
      return;
    }
    double[] expected = found.get();
    assertThat(expected).hasSize(fixture.rows() * width);
    double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    for (int i = 0; i < expected.length; i++) {
      assertThat(Math.abs(scores.numbers(i % width)[i / width] - expected[i]))
          .as("%s %s of row %d, column %d", part, kind, i / width, i % width)
          .isLessThanOrEqualTo(tolerance * largest);
    }
  }

  @Test
  void namesEachClassInEveryFormOfProbabilities() {
    for (String form : List.of("zipmap", "tensor", "columns")) {
      assertThat(probabilityNames("forest-strings-" + form))
          .containsExactly("high", "low", "middle");
      assertThat(probabilityNames("forest-integers-" + form)).containsExactly("10", "20", "35");
    }
  }

  private List<String> probabilityNames(String name) {
    Model model = OnnxCase.named(name).complete();
    assertThat(model.task()).isEqualTo(Task.MULTICLASS_CLASSIFICATION);
    try (Scorer scorer = factory.create(model, List.of(OutputKind.PREDICT_PROBA))) {
      return scorer.outputs().stream().map(ScoreColumn::name).toList();
    }
  }

  @Test
  void findsClassesThatAreAConstantOfTheGraph() {
    assertThat(OnnxCase.named("mlp-strings").complete().labels().orElseThrow().values())
        .containsExactly("high", "low", "middle");
  }

  @Test
  void callsTheScoresOfOutlierDetectorsWhatScikitLearnCallsThem() {
    assertThat(OnnxCase.named("isolation-forest").complete().outputKinds())
        .containsExactlyInAnyOrder(
            OutputKind.PREDICT, OutputKind.DECISION_FUNCTION, OutputKind.SCORE_SAMPLES);
    Model oneClass = OnnxCase.named("one-class-svm-linear").complete();
    assertThat(oneClass.task()).isEqualTo(Task.ANOMALY_DETECTION);
    assertThatThrownBy(() -> factory.create(oneClass, List.of(OutputKind.SCORE_SAMPLES)))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining(
            "has no output for score_samples. It answers predict, decision_function.");
  }

  @Test
  void knowsRawScoresByTheNodeThatMakesThem() {
    for (String name : List.of("logistic-raw-scores", "svc-binary", "linear-svc-multiclass")) {
      assertThat(OnnxCase.named(name).complete().outputKinds())
          .as(name)
          .containsExactlyInAnyOrder(OutputKind.PREDICT, OutputKind.DECISION_FUNCTION);
    }
  }

  @Test
  void neverPassesRawScoresOffAsProbabilities() throws IOException {
    OnnxCase fixture = OnnxCase.named("boosting-raw-scores");
    Block block = fixture.input();
    try (Scorer scorer = factory.create(fixture.complete(), List.of(OutputKind.PREDICT_PROBA))) {
      assertThatThrownBy(() -> OnnxCase.score(scorer, block))
          .isInstanceOf(ScorebatchException.class)
          .hasMessageContaining("Output 'probabilities' of")
          .hasMessageContaining("which is no probability")
          .hasMessageContaining("raw_scores=False");
    }
  }

  @Test
  void namesOpsetRuntimeAndRemedyForModelsTooNew() {
    assertThatThrownBy(() -> OnnxCase.named("future-ml-opset").complete())
        .isInstanceOfSatisfying(
            ScorebatchException.class,
            e -> assertThat(e.problem().code()).isEqualTo(ErrorCode.MODEL_UNSUPPORTED))
        .hasMessageContaining(
            "(written by skl2onnx 1.20.0) is stamped with opset 99 of ai.onnx.ml.")
        .hasMessageContaining("ONNX Runtime 1.29.0 knows ai.onnx.ml up to opset 5.")
        .hasMessageContaining("target_opset={'': 18, 'ai.onnx.ml': 3}");
    assertThatThrownBy(() -> OnnxCase.named("future-opset").complete())
        .hasMessageContaining("knows ai.onnx up to opset 26.");
  }

  @Test
  void takesNamesFromTheSignatureInItsOrder() {
    Model model = OnnxCase.named("linear-regression").complete("a", "b", "c", "d", "e");
    assertThat(model.namesKnown()).isTrue();
    assertThat(model.inputs())
        .extracting(ModelInput::name)
        .containsExactly("a", "b", "c", "d", "e");
    assertThat(OnnxCase.named("linear-regression").complete().namesKnown()).isFalse();
    assertThatThrownBy(() -> OnnxCase.named("linear-regression").complete("a", "b"))
        .hasMessageContaining("reads 5 columns in its input 'X', the model's metadata names 2");
  }

  @Test
  void matchesInputsOfTheirOwnByName() throws IOException {
    OnnxCase fixture = OnnxCase.named("columns-logistic");
    Model model = fixture.complete("visits", "region", "usage", "plan", "cost", "active");
    assertThat(model.inputs())
        .containsExactly(
            ModelInput.number("visits"),
            ModelInput.text("region"),
            ModelInput.number("usage"),
            ModelInput.text("plan"),
            ModelInput.number("cost"),
            ModelInput.number("active"));
    List<Object> own = fixture.input().values();
    List<Object> shuffled =
        List.of(own.get(4), own.get(0), own.get(3), own.get(2), own.get(1), own.get(5));
    List<OutputKind> kinds = List.of(OutputKind.PREDICT_PROBA);
    try (Scorer scorer = factory.create(model, kinds);
        Scorer plain = factory.create(fixture.complete(), kinds)) {
      assertThat(OnnxCase.score(scorer, new Block(fixture.rows(), shuffled)).numbers(1))
          .isEqualTo(OnnxCase.score(plain, fixture.input()).numbers(1));
    }
    assertThatThrownBy(() -> fixture.complete("region", "cost", "plan", "usage", "visit"))
        .hasMessageContaining(
            "It reads 'visits', 'active', which the model's metadata does not name.")
        .hasMessageContaining("The metadata names 'visit', which it does not read.");
  }

  @Test
  void rejectsWhatATensorCannotHold() throws IOException {
    OnnxCase fixture = OnnxCase.named("columns-logistic");
    Block block = fixture.input();
    try (Scorer scorer = factory.create(fixture.complete(), List.of(OutputKind.PREDICT))) {
      block.numbers(4)[7] = Double.NaN;
      assertThatThrownBy(() -> OnnxCase.score(scorer, block))
          .isInstanceOf(RejectedValueException.class)
          .hasMessage("row 7, input 4: value NaN is NaN or NULL");
      block.numbers(4)[7] = 2.5;
      assertThatThrownBy(() -> OnnxCase.score(scorer, block))
          .hasMessage("row 7, input 4: value 2.5 is out of the range the model accepts");
      block.numbers(4)[7] = 2;
      block.texts(0)[3] = null;
      assertThatThrownBy(() -> OnnxCase.score(scorer, block))
          .hasMessage("row 3, input 0: value NULL is NaN or NULL");
    }
  }

  @Test
  void scoresEmptyAndLongBlocks() throws IOException {
    OnnxCase fixture = OnnxCase.named("forest-regression");
    Block block = fixture.input();
    try (Scorer scorer = factory.create(fixture.complete(), List.of(OutputKind.PREDICT))) {
      OnnxCase.score(scorer, new Block(0, block.values()));
      double[] once = OnnxCase.score(scorer, block).numbers(0);
      double[] many = OnnxCase.score(scorer, repeated(block, 5000)).numbers(0);
      for (int r = 0; r < 5000; r++) {
        assertThat(many[r]).isEqualTo(once[r % fixture.rows()]);
      }
    }
  }

  private static Block repeated(Block block, int rows) {
    List<Object> columns = new ArrayList<>();
    for (int c = 0; c < block.columns(); c++) {
      double[] column = new double[rows];
      for (int r = 0; r < rows; r++) {
        column[r] = block.numbers(c)[r % block.rows()];
      }
      columns.add(column);
    }
    return new Block(rows, columns);
  }

  @Test
  void givesEveryThreadTheSameScores() throws Exception {
    OnnxCase fixture = OnnxCase.named("forest-strings-zipmap");
    Block block = fixture.input();
    try (Scorer scorer = factory.create(fixture.complete(), List.of(OutputKind.PREDICT_PROBA))) {
      double[] alone = OnnxCase.score(scorer, block).numbers(1);
      ExecutorService threads = Executors.newFixedThreadPool(4);
      try {
        Callable<double[]> task = () -> OnnxCase.score(scorer, block).numbers(1);
        for (Future<double[]> result : threads.invokeAll(java.util.Collections.nCopies(40, task))) {
          assertThat(result.get()).isEqualTo(alone);
        }
      } finally {
        threads.shutdown();
      }
    }
  }

  @Test
  void stopsALoopThatNeverEnds() throws Exception {
    OnnxCase endless = OnnxCase.named("endless-loop");
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (Scorer scorer = factory.create(endless.complete(), List.of(OutputKind.PREDICT))) {
      Future<Scores> answer = thread.submit(() -> OnnxCase.score(scorer, endless.input()));
      Thread.sleep(50); // so that the loop is likely to be under way
      scorer.cancel();
      assertThatThrownBy(answer::get)
          .cause()
          .isInstanceOfSatisfying(
              ScorebatchException.class,
              e -> assertThat(e.problem().code()).isEqualTo(ErrorCode.INTERRUPTED));
    } finally {
      thread.shutdown();
    }
  }

  @Test
  void saysThatAFileIsMissing() {
    assertThatThrownBy(
            () ->
                new OnnxModelReader()
                    .complete(OnnxCase.known(Path.of("nowhere.onnx")), OnnxCase.logged()))
        .hasMessageContaining("ONNX file 'nowhere.onnx' does not exist.");
  }

  @Test
  void isFoundAsAService() {
    assertThat(ServiceLoader.load(ScorerFactory.class))
        .hasAtLeastOneElementOfType(OnnxScorerFactory.class);
  }
}
