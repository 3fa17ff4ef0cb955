package io.scorebatch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.SqlEngine;
import io.scorebatch.api.type.Column;
import io.scorebatch.pipeline.run.Certificates.Verdict;
import io.scorebatch.testing.Fixtures;
import io.scorebatch.testing.PythonEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that Python scores, and models compared with Python, through the front door. */
class PythonTest {
  private static final int ROWS = 100_000;
  private static final Keys KEYS =
      Keys.query("SELECT i AS id, i::DOUBLE AS a FROM range(" + ROWS + ") AS t(i)");

  @TempDir private static Path shared;
  private static PythonEnvironment python;

  @TempDir private Path folder;

  @BeforeAll
  static void install() throws IOException {
    python =
        PythonEnvironment.require(
            Fixtures.root().resolve("client/src/test/python/requirements.txt"), PythonTest.class);
    Path root = Fixtures.root();
    python.run(
        root.resolve("client/src/test/python/write_slow_model.py"),
        shared.toString(),
        marker().toString(),
        root.resolve("model-python/src/test/python/seasonal.py").toString());
  }

  /** A line a block that was scored. */
  private static Path marker() {
    return shared.resolve("blocks.txt");
  }

  @Test
  void losesNoRowWhenAWorkerIsKilled() throws Exception {
    Files.deleteIfExists(marker());
    ExecutorService threads = Executors.newSingleThreadExecutor();
    Doubled rows = new Doubled();
    try (FeatureEngineeringClient client = client(true)) {
      Future<BatchSummary> summary =
          threads.submit(
              () -> client.scoreBatch(shared.resolve("slow").toString(), KEYS).forEachRow(rows));
      awaitBlocks(3, summary);
      List<ProcessHandle> running = workers();
      assertThat(running).isNotEmpty();
      assertThat(running.get(0).destroyForcibly()).isTrue();
      assertThat(summary.get().rows()).isEqualTo(ROWS);
    } finally {
      threads.shutdownNow();
    }
    assertThat(rows.seen.cardinality()).isEqualTo(ROWS);
    assertThat(rows.count).isEqualTo(ROWS);
    assertThat(workers()).isEmpty();
  }

  /** In the manner of Prophet: moments in, three numbers out. */
  @Test
  void losesNoRowOfAForecastWhenAWorkerIsKilled() throws Exception {
    Files.deleteIfExists(marker());
    JsonNode expected = new ObjectMapper().readTree(shared.resolve("forecast.json").toFile());
    Keys hours =
        Keys.query(
            "SELECT i AS id, TIMESTAMPTZ '2024-01-01 00:00:00+00' + to_hours(i) AS ds FROM range("
                + expected.size()
                + ") AS t(i)");
    Forecasts rows = new Forecasts(expected);
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try (FeatureEngineeringClient client = client(true)) {
      Future<BatchSummary> summary =
          threads.submit(
              () ->
                  client.scoreBatch(shared.resolve("forecast").toString(), hours).forEachRow(rows));
      awaitBlocks(3, summary);
      List<ProcessHandle> running = workers();
      assertThat(running).isNotEmpty();
      assertThat(running.get(0).destroyForcibly()).isTrue();
      assertThat(summary.get().rows()).isEqualTo(expected.size());
    } finally {
      threads.shutdownNow();
    }
    assertThat(rows.seen.cardinality()).isEqualTo(expected.size());
    assertThat(rows.count).isEqualTo(expected.size());
    assertThat(workers()).isEmpty();
  }

  @Test
  void leavesNoWorkerWhenCancelled() throws Exception {
    Files.deleteIfExists(marker());
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try (FeatureEngineeringClient client = client(true)) {
      RunControl control = RunControl.unwatched();
      Future<BatchSummary> summary =
          threads.submit(
              () ->
                  client
                      .scoreBatch(shared.resolve("slow").toString(), KEYS)
                      .control(control)
                      .forEachRow(new Doubled()));
      awaitBlocks(2, summary);
      control.cancel();
      assertThatThrownBy(summary::get)
          .isInstanceOf(ExecutionException.class)
          .hasMessageContaining("SB-0800");
    } finally {
      threads.shutdownNow();
    }
    assertThat(workers()).isEmpty();
  }

  @Test
  void pythonIsOffUntilAllowed() {
    try (FeatureEngineeringClient client = client(false)) {
      assertThatThrownBy(
              () ->
                  client
                      .scoreBatch(shared.resolve("slow").toString(), KEYS)
                      .forEachRow(new Doubled()))
          .hasMessageContaining("can only be scored by Python, and Python is off")
          .hasMessageContaining("--allow-python");
    }
  }

  @Test
  void verifiesAgainstTheLibrariesThemselves() {
    for (String model :
        List.of(
            "mlflow-3.17.2/sklearn-forest-input-example/model",
            "mlflow-3.17.2/xgboost-classifier/model",
            "sklearn-1.9.1/random-forest-several-strings/model.pkl",
            "sklearn-1.9.1/isolation-forest-contamination/model.cloudpickle.pkl")) {
      Certificate certificate =
          Verification.of(connections(true), Fixtures.fixture(model).toString())
              .againstPython(folder.resolve("recording.json"))
              .run()
              .certificate();
      assertThat(certificate.verdict()).as(model).isEqualTo(Verdict.EXACT);
      assertThat(certificate.rows()).isGreaterThan(100);
      assertThat(certificate.kinds()).hasSizeGreaterThan(1);
      assertThat(certificate.recordedBy()).contains("edge rows", "scikit-learn 1.9.1");
      Certificate again =
          Verification.of(connections(false), Fixtures.fixture(model).toString())
              .over(folder.resolve("recording.json"))
              .run()
              .certificate();
      assertThat(again.kinds()).isEqualTo(certificate.kinds());
      assertThat(again.refused()).isEqualTo(certificate.refused());
    }
  }

  @Test
  void tellsWhatPythonSaysWhereItCannotLoadAModel() {
    assertThatThrownBy(
            () ->
                Verification.of(
                        connections(true),
                        Fixtures.fixture("mlflow-3.17.2/lightgbm-booster/model").toString())
                    .againstPython(null)
                    .run())
        .hasMessageContaining("could not answer")
        .hasMessageContaining("No module named 'lightgbm'");
  }

  /** Waits until some blocks are scored; a run that ends before has failed. */
  private static void awaitBlocks(int blocks, Future<?> run) throws Exception {
    while (!Files.exists(marker()) || Files.readAllLines(marker()).size() < blocks) {
      if (run.isDone()) {
        run.get();
      }
      Thread.sleep(20);
    }
  }

  private static List<ProcessHandle> workers() {
    return ProcessHandle.current()
        .descendants()
        .filter(process -> process.info().command().orElse("").contains("python"))
        .toList();
  }

  private Connections connections(boolean allowed) {
    return Connections.fromEnvironment()
        .withTables(folder.toString())
        .withPython(new Python(allowed, Optional.of(python.python().toString())))
        .withCertificates(folder.resolve("certificates"));
  }

  private FeatureEngineeringClient client(boolean allowed) {
    return FeatureEngineeringClient.connect(connections(allowed));
  }

  /** Checks that each id has its double, once. */
  private static final class Doubled implements SqlEngine.Rows {
    final BitSet seen = new BitSet();
    int count;
    private int id;
    private int prediction;

    @Override
    public void columns(List<Column> columns) {
      List<String> names = columns.stream().map(Column::name).toList();
      id = names.indexOf("id");
      prediction = names.indexOf("prediction");
    }

    @Override
    public void row(List<@Nullable Object> values) {
      long key = ((Number) values.get(id)).longValue();
      assertThat(values.get(prediction)).isEqualTo(2.0 * key);
      seen.set((int) key);
      count++;
    }
  }

  /** Checks that each hour has its forecast, once; least squares round by the size of a block. */
  private static final class Forecasts implements SqlEngine.Rows {
    final BitSet seen = new BitSet();
    int count;
    private final JsonNode expected;
    private List<String> names = List.of();

    Forecasts(JsonNode expected) {
      this.expected = expected;
    }

    @Override
    public void columns(List<Column> columns) {
      names = columns.stream().map(Column::name).toList();
    }

    @Override
    public void row(List<@Nullable Object> values) {
      int hour = ((Number) values.get(names.indexOf("id"))).intValue();
      double yhat = (double) values.get(names.indexOf("prediction_yhat"));
      assertThat(yhat).isCloseTo(expected.get(hour).asDouble(), within(1e-9));
      assertThat((double) values.get(names.indexOf("prediction_yhat_lower"))).isLessThan(yhat);
      seen.set(hour);
      count++;
    }
  }
}
