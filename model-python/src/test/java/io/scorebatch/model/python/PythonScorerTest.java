package io.scorebatch.model.python;

import static io.scorebatch.model.python.PythonModels.NUMBER;
import static io.scorebatch.model.python.PythonModels.TWO;
import static io.scorebatch.model.python.PythonModels.columns;
import static io.scorebatch.model.python.PythonModels.field;
import static io.scorebatch.model.python.PythonModels.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.model.python.PythonModels.Block;
import io.scorebatch.model.python.PythonModels.Scores;
import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real models, saved by mlflow and scored by real workers. */
class PythonScorerTest {
  private static final List<OutputKind> PREDICT = List.of(OutputKind.PREDICT);

  @TempDir private static Path folder;
  private static PythonModels models;

  @BeforeAll
  static void writeModels() throws IOException {
    models = PythonModels.write(folder, PythonScorerTest.class);
  }

  @AfterEach
  void leavesNoProcessBehind() {
    assertThat(workers()).isEmpty();
  }

  private static List<ProcessHandle> workers() {
    return ProcessHandle.current().descendants().filter(ProcessHandle::isAlive).toList();
  }

  private static Scorer scorer(Model model) {
    return scorer(model, models.settings());
  }

  private static Scorer scorer(Model model, PythonSettings settings) {
    return new PythonScorerFactory(settings).create(model, PREDICT);
  }

  private static PythonSettings settings(int workers, int restarts, Duration timeout) {
    return new PythonSettings(
        true, models.settings().interpreter(), workers, restarts, Duration.ofMinutes(2), timeout);
  }

  @Test
  void scoresACustomModelThatPrints() {
    try (Scorer scorer = scorer(models.complete("ratio", TWO, NUMBER))) {
      assertThat(workers()).as("workers start with the first block").isEmpty();
      Block block = Block.of(new double[] {1, -3, 0, Double.NaN}, new double[] {1, -2, 5, 1});
      assertThat(PythonModels.score(scorer, block).numbers(0))
          .containsExactly(0.5, -1.0, 0.0, Double.NaN);
      PythonModels.score(scorer, Block.counting(0, 0, 1));
      double[] many = PythonModels.score(scorer, Block.counting(0, 40_000, 1)).numbers(0);
      for (int r = 0; r < many.length; r++) {
        assertThat(many[r]).isEqualTo(r / 2.0);
      }
    }
  }

  @Test
  void scoresAForecasterWhoseClassIsShippedWithTheModel() throws IOException {
    JsonNode expected = new ObjectMapper().readTree(models.path("forecast.json").toFile());
    String[] ds = new String[expected.get("ds").size()];
    for (int i = 0; i < ds.length; i++) {
      ds[i] = expected.get("ds").get(i).asText();
    }
    List<String> names = List.of("yhat", "yhat_lower", "yhat_upper");
    Model model =
        models.complete(
            "forecast",
            columns("datetime ds"),
            columns("double yhat", "double yhat_lower", "double yhat_upper"));
    try (Scorer scorer = scorer(model)) {
      assertThat(scorer.outputs()).extracting(ScoreColumn::name).isEqualTo(names);
      Scores scores = PythonModels.score(scorer, Block.of((Object) ds));
      for (int c = 0; c < names.size(); c++) {
        for (int r = 0; r < ds.length; r++) {
          assertThat(scores.numbers(c)[r]).isEqualTo(expected.get(names.get(c)).get(r).asDouble());
        }
      }
    }
  }

  private static Model typed() {
    return models.complete(
        "types",
        columns(
            "long l", "integer i", "boolean b", "string s", "float f", "double d", "datetime t"),
        columns("string types", "string values", "long gaps"));
  }

  @Test
  void givesEachColumnTheTypeOfTheSignature() {
    try (Scorer scorer = scorer(typed())) {
      Scores scores =
          PythonModels.score(
              scorer,
              Block.of(
                  new double[] {9007199254740992.0, 2},
                  new double[] {-3, 4},
                  new double[] {1, 0},
                  new String[] {"Grüße 東京", ""},
                  new double[] {0.1, 2},
                  new double[] {0.1, 2},
                  new String[] {"2024-01-05 10:00:00", "2024-01-06T00:30:00+02:00"}));
      assertThat(scores.texts(0)[0])
          .isEqualTo("int64 int32 bool object float32 float64 datetime64[ns]");
      assertThat(scores.texts(1))
          .containsExactly(
              "9007199254740992 -3 True Grüße 東京 0.10000000149011612 0.1 2024-01-05 10:00:00",
              "2 4 False  2.0 2.0 2024-01-05 22:30:00");
      assertThat(scores.numbers(2)).containsExactly(0, 0);
    }
  }

  @Test
  void takesGapsInEveryColumn() {
    double[] gap = {7, Double.NaN};
    String[] text = {"x", null};
    String[] time = {"2024-01-05", null};
    try (Scorer scorer = scorer(typed())) {
      Scores scores = PythonModels.score(scorer, Block.of(gap, gap, gap, text, gap, gap, time));
      assertThat(scores.texts(1))
          .containsExactly(
              "7.0 7.0 True x 7.0 7.0 2024-01-05 00:00:00", "nan nan None None nan nan NaT");
      assertThat(scores.numbers(2)).containsExactly(0, 7);
    }
  }

  @Test
  void rejectsANumberThatAnIntegerColumnCannotHold() {
    double[] good = {1, 2};
    String[] text = {"x", "y"};
    String[] time = {"2024-01-05", "2024-01-06"};
    try (Scorer scorer = scorer(typed())) {
      Block large = Block.of(good, new double[] {1, 3e9}, good, text, good, good, time);
      assertThatThrownBy(() -> PythonModels.score(scorer, large))
          .isInstanceOf(RejectedValueException.class)
          .hasMessage("row 1, input 1: value 3000000000.0 is out of the range the model accepts");
      Block half = Block.of(new double[] {2.5, 1}, good, good, text, good, good, time);
      assertThatThrownBy(() -> PythonModels.score(scorer, half))
          .hasMessage("row 0, input 0: value 2.5 is out of the range the model accepts");
    }
  }

  @Test
  void keepsTextAndBooleanAnswers() {
    Block block = Block.of(new double[] {2, 0, -1}, new double[3]);
    try (Scorer scorer = scorer(models.complete("labels", TWO, List.of(field(null, "string"))))) {
      assertThat(PythonModels.score(scorer, block).texts(0)).containsExactly("high", "low", null);
    }
    try (Scorer scorer = scorer(models.complete("flags", TWO, List.of(field(null, "boolean"))))) {
      ScoreColumn column = scorer.outputs().get(0);
      assertThat(column.labels().orElseThrow().values()).containsExactly(false, true);
      assertThat(PythonModels.score(scorer, block).numbers(0)).containsExactly(1, 0, 0);
    }
  }

  @Test
  void keepsTheOrderOfTwelveOutputs() {
    Model model =
        models.complete(
            "twelve", List.of(tensor("float", -1L, 3L)), List.of(tensor("double", -1L, 12L)));
    try (Scorer scorer = scorer(model)) {
      assertThat(scorer.outputs())
          .extracting(ScoreColumn::name)
          .containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11");
      double[] one = {1};
      Scores scores = PythonModels.score(scorer, Block.of(one, new double[1], new double[1]));
      for (int c = 0; c < 12; c++) {
        assertThat(scores.numbers(c)[0]).isEqualTo(c);
      }
    }
  }

  @Test
  void losesNoRowWhenAWorkerIsKilled() throws Exception {
    int blocks = 30;
    int rows = 500;
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try (Scorer scorer =
        scorer(models.complete("slow", TWO, NUMBER), settings(2, 3, Duration.ofMinutes(1)))) {
      CountDownLatch underWay = new CountDownLatch(4);
      List<Future<Scores>> answers = new ArrayList<>();
      for (int i = 0; i < blocks; i++) {
        Block block = Block.counting(i * rows, rows, 0.05);
        Callable<Scores> task =
            () -> {
              Scores scores = PythonModels.score(scorer, block);
              underWay.countDown();
              return scores;
            };
        answers.add(threads.submit(task));
      }
      underWay.await();
      List<ProcessHandle> running = workers();
      assertThat(running).hasSize(2);
      assertThat(running.get(0).destroyForcibly()).isTrue();
      for (int i = 0; i < blocks; i++) {
        double[] found = answers.get(i).get().numbers(0);
        for (int r = 0; r < rows; r++) {
          assertThat(found[r]).isEqualTo(2.0 * (i * rows + r));
        }
      }
      assertThat(workers()).hasSize(2).doesNotContain(running.get(0));
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void endsAWorkerInTheMiddleOfABlock() throws Exception {
    Scorer scorer = scorer(models.complete("slow", TWO, NUMBER));
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      PythonModels.score(scorer, Block.counting(0, 10, 0));
      Future<Scores> closed =
          threads.submit(() -> PythonModels.score(scorer, Block.counting(0, 10, 600)));
      Future<Scores> interrupted =
          threads.submit(() -> PythonModels.score(scorer, Block.counting(0, 10, 600)));
      while (workers().size() < 2) {
        Thread.sleep(20);
      }
      interrupted.cancel(true);
      scorer.close();
      assertThat(workers()).isEmpty();
      assertThatThrownBy(closed::get)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(ScorebatchException.class)
          .hasMessageContaining("was stopped");
      assertThatThrownBy(() -> PythonModels.score(scorer, Block.counting(0, 10, 0)))
          .isInstanceOfSatisfying(
              ScorebatchException.class,
              e -> assertThat(e.problem().code()).isEqualTo(ErrorCode.INTERRUPTED));
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void givesUpOnAModelThatKillsItsWorkers() {
    try (Scorer scorer =
        scorer(models.complete("deadly", TWO, NUMBER), settings(1, 1, Duration.ofMinutes(1)))) {
      assertThatThrownBy(() -> PythonModels.score(scorer, Block.counting(0, 10, 0)))
          .isInstanceOf(ScorebatchException.class)
          .hasMessageContaining("was ended by signal 9; restarts tried: 1.")
          .hasMessageContaining("about to go");
    }
  }

  @Test
  void stopsAWorkerThatTakesTooLong() {
    try (Scorer scorer =
        scorer(models.complete("slow", TWO, NUMBER), settings(1, 2, Duration.ofSeconds(1)))) {
      assertThatThrownBy(() -> PythonModels.score(scorer, Block.counting(0, 10, 600)))
          .hasMessageContaining("took longer than 1 s to score a block and was stopped.")
          .hasMessageContaining("-Dscorebatch.python.timeout=SECONDS");
      assertThat(PythonModels.score(scorer, Block.counting(0, 10, 0)).numbers(0)[3]).isEqualTo(6);
    }
  }

  @Test
  void endsWhenTheProgramThatStartedItIsGone() throws Exception {
    Worker worker = Worker.start(models.settings(), models.path("slow"));
    try {
      worker.load(models.settings());
      Model model = models.complete("slow", TWO, NUMBER);
      ExecutorService thread = Executors.newSingleThreadExecutor();
      try (ArrowBlocks blocks = new ArrowBlocks(models.path("slow"), model.inputs(), List.of())) {
        byte[] block = blocks.encode(Block.counting(0, 10, 600), 0, 10);
        Future<Frame> answer = thread.submit(() -> worker.exchange(block, Duration.ofMinutes(1)));
        Thread.sleep(200);
        worker.hangUp();
        assertThat(worker.awaitEnd(Duration.ofSeconds(30))).isTrue();
        assertThatThrownBy(answer::get).hasCauseInstanceOf(Worker.DiedException.class);
      } finally {
        thread.shutdownNow();
      }
    } finally {
      worker.kill();
    }
  }

  @Test
  void tellsWhatPythonSays() {
    try (Scorer scorer = scorer(models.complete("failing", TWO, NUMBER))) {
      assertThatThrownBy(() -> PythonModels.score(scorer, Block.counting(0, 10, 0)))
          .hasMessageContaining(
              "failed on a block of 10 rows: ValueError: no prediction on Mondays")
          .hasMessageContaining("in predict");
    }
    try (Scorer scorer = scorer(models.complete("short", TWO, NUMBER))) {
      assertThatThrownBy(() -> PythonModels.score(scorer, Block.counting(0, 10, 0)))
          .hasMessageContaining("the model answers 9 values for 10 rows");
    }
  }

  @Test
  void refusesAnswersThatTheSignatureDoesNotDeclare() {
    try (Scorer scorer = scorer(models.complete("labels", TWO, List.of()))) {
      assertThatThrownBy(() -> PythonModels.score(scorer, Block.counting(0, 10, 0)))
          .hasMessageContaining("answers texts in column 'predict' where numbers were expected")
          .hasMessageContaining("log the model with a signature that has its outputs");
    }
    Model narrow = models.complete("twelve", List.of(tensor("float", -1L, 3L)), List.of());
    try (Scorer scorer = scorer(narrow)) {
      double[] one = {1};
      assertThatThrownBy(() -> PythonModels.score(scorer, Block.of(one, one, one)))
          .hasMessageContaining("answers the columns '0', '1', '2', '3',")
          .hasMessageContaining("where 'predict' were expected");
    }
    Model unsigned = models.complete("unsigned", List.of(), List.of());
    assertThat(unsigned.inputs()).isEmpty();
    assertThatThrownBy(() -> scorer(unsigned))
        .hasMessageContaining("does not say which columns it reads")
        .hasMessageContaining("log it again with a signature");
  }

  @Test
  void tellsWhichModuleIsMissing() {
    Path model = Fixtures.fixture("mlflow-3.17.2/xgboost-classifier/model");
    Model lacking = PythonModels.complete(model, columns("double f0"), NUMBER);
    try (Scorer scorer = scorer(lacking)) {
      assertThatThrownBy(() -> PythonModels.score(scorer, Block.of(new double[] {1})))
          .isInstanceOfSatisfying(
              ScorebatchException.class,
              e -> assertThat(e.problem().code()).isEqualTo(ErrorCode.MODEL_UNSUPPORTED))
          .hasMessageContaining("It lacks the module 'xgboost'.")
          .hasMessageContaining("-m pip install mlflow pyarrow -r");
    }
  }
}
