package io.scorebatch.model.catboost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

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
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.model.catboost.CatBoostCase.Block;
import io.scorebatch.model.catboost.CatBoostCase.Scores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CatBoostScorerTest {
  private final ScorerFactory factory = new CatBoostScorerFactory();

  private static Stream<CatBoostCase> all() {
    return CatBoostCase.all();
  }

  @ParameterizedTest
  @MethodSource("all")
  void answersWhatPythonAnswers(CatBoostCase fixture) throws IOException {
    Model model = fixture.complete();
    assertThat(model.outputKinds()).containsAll(fixture.kinds());
    for (OutputKind kind : fixture.kinds()) {
      try (Scorer scorer = factory.create(model, List.of(kind))) {
        Scores scores = CatBoostCase.score(scorer, fixture.input());
        if (scorer.outputs().get(0).type() == ScoreColumn.Type.LABEL_INDEX) {
          assertThat(labels(scorer.outputs().get(0), scores, fixture.rows()))
              .isEqualTo(expectedLabels(fixture));
          continue;
        }
        int width = scorer.outputs().size();
        double[] expected = fixture.expected("expected", kind).orElseThrow();
        assertThat(expected).hasSize(fixture.rows() * width);
        for (int i = 0; i < expected.length; i++) {
          double tolerance = kind == OutputKind.RAW_MARGIN ? 0 : 1e-12 * Math.abs(expected[i]);
          assertThat(scores.numbers(i % width)[i / width])
              .as("%s of row %d, column %d", kind, i / width, i % width)
              .isCloseTo(expected[i], within(tolerance));
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

  private static String[] expectedLabels(CatBoostCase fixture) throws IOException {
    Optional<double[]> numbers = fixture.expected("expected", OutputKind.PREDICT);
    boolean flags = fixture.description().at("/classes/type").asText().equals("boolean");
    return numbers.isEmpty()
        ? fixture.expectedTexts("expected", OutputKind.PREDICT)
        : Arrays.stream(numbers.get())
            .mapToObj(v -> flags ? String.valueOf(v != 0) : String.valueOf((long) v))
            .toArray(String[]::new);
  }

  @Test
  void readsTaskClassesAndFeaturesFromTheFile() {
    Model model = CatBoostCase.named("binary-booleans").complete();
    assertThat(model.task()).isEqualTo(Task.BINARY_CLASSIFICATION);
    assertThat(model.labels().orElseThrow().type()).isEqualTo(ColumnType.Primitive.BOOLEAN);
    assertThat(model.labels().orElseThrow().values()).containsExactly(false, true);
    assertThat(model.origin().className()).isEqualTo("catboost.core.CatBoostClassifier");
    assertThat(CatBoostCase.named("categories-multiclass").complete().inputs())
        .containsExactly(
            ModelInput.text("region"),
            ModelInput.number("cost"),
            ModelInput.text("plan"),
            ModelInput.number("usage"),
            ModelInput.text("visits"),
            ModelInput.number("active"));
    assertThat(CatBoostCase.named("poisson").complete().task()).isEqualTo(Task.REGRESSION);
  }

  @Test
  void rejectsAMissingCategoryAsPythonDoes() throws IOException {
    CatBoostCase fixture = CatBoostCase.named("categories-regression");
    Block block = fixture.input();
    block.texts(2)[5] = null;
    try (Scorer scorer = factory.create(fixture.complete(), List.of(OutputKind.PREDICT))) {
      assertThatThrownBy(() -> CatBoostCase.score(scorer, block))
          .isInstanceOf(RejectedValueException.class)
          .hasMessage("row 5, input 2: value NULL is NaN or NULL");
    }
  }

  @Test
  void refusesAKindTheModelDoesNotAnswer() {
    Model model = CatBoostCase.named("regression").complete();
    assertThatThrownBy(() -> factory.create(model, List.of(OutputKind.PREDICT_PROBA)))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining("has no output for predict_proba. It answers predict, raw_margin.");
  }

  @Test
  void refusesOtherFormatsAndDamagedFiles(@TempDir Path folder) throws IOException {
    Path json = Files.writeString(folder.resolve("model.json"), "{\"oblivious_trees\": []}");
    assertThatThrownBy(() -> complete(json))
        .hasMessageContaining("is no CatBoost model in the format cbm")
        .hasMessageContaining("format='cbm'");
    byte[] whole = Files.readAllBytes(CatBoostCase.named("regression").file());
    for (int length : new int[] {4, 8, 40, whole.length / 2, whole.length - 1}) {
      Path cut = Files.write(folder.resolve("cut.cbm"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> complete(cut))
          .isInstanceOfSatisfying(
              ScorebatchException.class,
              e -> assertThat(e.problem().code()).isEqualTo(ErrorCode.MODEL_UNREADABLE));
    }
    assertThatThrownBy(() -> complete(folder.resolve("none.cbm")))
        .hasMessageContaining("does not exist");
  }

  private static Model complete(Path file) {
    return new CatBoostModelReader()
        .complete(CatBoostCase.known(file), CatBoostCase.logged(Map.of()));
  }

  @Test
  void givesEveryThreadTheSameScores() throws Exception {
    CatBoostCase fixture = CatBoostCase.named("multiclass-strings");
    Block block = fixture.input();
    try (Scorer scorer = factory.create(fixture.complete(), List.of(OutputKind.PREDICT_PROBA))) {
      double[] alone = CatBoostCase.score(scorer, block).numbers(1);
      ExecutorService threads = Executors.newFixedThreadPool(4);
      try {
        Callable<double[]> task = () -> CatBoostCase.score(scorer, block).numbers(1);
        for (Future<double[]> result : threads.invokeAll(Collections.nCopies(40, task))) {
          assertThat(result.get()).isEqualTo(alone);
        }
      } finally {
        threads.shutdown();
      }
      CatBoostCase.score(scorer, new Block(0, block.values()));
    }
  }

  @Test
  void isFoundAsAService() {
    assertThat(ServiceLoader.load(ScorerFactory.class))
        .hasAtLeastOneElementOfType(CatBoostScorerFactory.class);
  }
}
