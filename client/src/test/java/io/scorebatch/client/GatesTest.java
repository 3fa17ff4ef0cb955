package io.scorebatch.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.run.GateResult;
import io.scorebatch.api.run.GateResult.Verdict;
import io.scorebatch.api.run.ModelResult;
import io.scorebatch.api.run.ModelStatus;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.pipeline.run.RunScope;
import io.scorebatch.table.delta.DirectoryCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each gate on real tables: made to fail, it leaves the table as it is; made to pass, it is noted.
 */
class GatesTest {
  private static final String FEATURES =
      "SELECT i AS id, 1.0 * i AS v, 0.5 * (i %% 7) AS w FROM range(%d) t(i)";

  @TempDir private Path folder;
  private SmallLake lake = SmallLake.of(Path.of("."));

  @BeforeEach
  void open() {
    lake = SmallLake.of(folder);
    lake.write("f", FEATURES.formatted(1000));
  }

  @AfterEach
  void close() {
    lake.close();
  }

  private ModelResult attempt(String gates) {
    return lake.attempt("gates: " + gates, RunScope.USUAL);
  }

  private static GateResult gate(ModelResult result, String name) {
    return result.audit().gates().stream()
        .filter(gate -> gate.gate().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Fails for this alone, leaves the table's version and keeps the batch. */
  private void assertStopped(ModelResult result, ErrorCode code) {
    assertThat(result.status()).isEqualTo(ModelStatus.FAILED);
    assertThat(result.problems()).extracting(Problem::code).containsOnly(code);
    assertThat(result.tableVersion()).isEmpty();
    assertThat(lake.predictionTable().version()).isZero();
    assertThat(result.audit().staged()).isPresent();
  }

  @Test
  void aFailedGateLeavesTheLastGoodTableAndKeepsTheBatchToBeLookedAt() {
    lake.run("gates: {prediction_range: [0, 5000]}");
    List<String> good = lake.predictions();
    lake.write("f", "SELECT i AS id, 9999.0 * i AS v, 0.0 AS w FROM range(1000) t(i)");
    ModelResult stopped = attempt("{prediction_range: [0, 5000]}");
    assertStopped(stopped, ErrorCode.PREDICTION_OUT_OF_RANGE);
    assertThat(stopped.problems().get(0).message())
        .contains("The greatest prediction of model 'm' is 9990001.0; wanted 0 to 5000.");
    assertThat(lake.predictions()).isEqualTo(good);

    Path kept = Path.of(stopped.audit().staged().orElseThrow());
    assertThat(folder.resolve("runs").relativize(kept).toString()).matches("[^./]+/staged");
    try (TableStore staged = DirectoryCatalog.open(kept)) {
      assertThat(staged.list()).containsExactly(new TableName("main", "ml", "p"));
      assertThat(staged.snapshot(SmallLake.PREDICTIONS).rows()).hasValue(1000);
      assertThat(staged.snapshot(SmallLake.PREDICTIONS).comment())
          .isEqualTo(
              "Not published: The greatest prediction of model 'm' is 9990001.0; wanted 0 to"
                  + " 5000.");
    }
    assertThat(lake.tables().clean(SmallLake.PREDICTIONS, true)).isEmpty();
  }

  @Test
  void rowsAreCountedAgainstARangeAndTheRunBefore() {
    String gates = "{row_range: [900, 1100], row_change: 20%}";
    assertThat(gate(lake.run("gates: " + gates), "row_change").verdict())
        .isEqualTo(Verdict.NOT_CHECKED);
    lake.write("f", FEATURES.formatted(790));
    ModelResult stopped = attempt(gates);
    assertThat(stopped.problems())
        .extracting(Problem::code)
        .containsExactly(ErrorCode.ROW_COUNT_OUT_OF_RANGE, ErrorCode.ROW_COUNT_CHANGED);
    assertThat(lake.predictionTable().version()).isZero();
    lake.write("f", FEATURES.formatted(950));
    ModelResult passed = lake.run("gates: " + gates);
    assertThat(gate(passed, "row_change").measured()).hasValue(0.05);
    assertThat(gate(passed, "row_range").verdict()).isEqualTo(Verdict.PASSED);
  }

  @Test
  void appendedTablesAreComparedWithTheResultsOfTheRunBefore() throws IOException {
    lake.run("mode: append");
    lake.write("f", FEATURES.formatted(100));
    ModelResult second = lake.run("mode: append");
    Files.writeString(
        Files.createDirectories(folder.resolve("runs/00000000T000000Z-1"))
            .resolve("run_results.json"),
        "{\"pipeline\": \"pipeline\", \"models\": [{\"model_name\": \"m\", \"profile\": "
            + second.audit().profile().orElseThrow()
            + "}]}");
    String gates = "mode: append\ngates: {row_change: 20%}";
    assertThat(gate(lake.run(gates), "row_change").measured()).hasValue(0);
    lake.write("f", FEATURES.formatted(1000));
    assertThat(lake.attempt(gates, RunScope.USUAL).problems())
        .extracting(Problem::code)
        .containsExactly(ErrorCode.ROW_COUNT_CHANGED);
    assertThat(lake.predictionTable().version()).isEqualTo(2);
  }

  @Test
  void missingPredictionsStopABatchAboveTheLimit() {
    lake.run("");
    lake.write(
        "f",
        "SELECT i AS id, CASE WHEN i < 20 THEN NULL ELSE 1.0 * i END AS v, 0.0 AS w FROM"
            + " range(1000) t(i)");
    ModelResult stopped = attempt("{null_predictions: 1%}");
    assertStopped(stopped, ErrorCode.NULL_PREDICTION);
    assertThat(gate(stopped, "null_predictions").measured()).hasValue(0.02);
    ModelResult warned = attempt("{null_predictions: {warn: 1%, fail: 2%}}");
    assertThat(warned.status()).isEqualTo(ModelStatus.SUCCESS);
    assertThat(warned.notes())
        .contains(
            "warning: Model 'm' gave no prediction (NULL or NaN) for 20 of 1000 rows; wanted at"
                + " most 1.00 %");
  }

  @Test
  void theShareOfAnomaliesLiesInABand() {
    lake.write("f", "SELECT i AS id, -1100.0 + i AS v, 0.0 AS w FROM range(1000) t(i)");
    String type = "model_type: anomaly_detection\n";
    ModelResult good = lake.run(type + "gates: {positive_share: [5%, 15%]}");
    assertThat(gate(good, "positive_share").measured()).hasValue(0.1);
    ModelResult stopped = lake.attempt(type + "gates: {positive_share: [0, 5%]}", RunScope.USUAL);
    assertStopped(stopped, ErrorCode.POSITIVE_SHARE_OUT_OF_RANGE);
  }

  /** Field report 99. */
  @Test
  void onePredictionOverVariedRowsIsTold() {
    lake.run("");
    lake.write("f", "SELECT i AS id, -2.0 * i AS v, 1.0 * i AS w FROM range(1000) t(i)");
    ModelResult warned = attempt("{prediction_drift: off}");
    assertThat(warned.status()).isEqualTo(ModelStatus.SUCCESS);
    assertThat(warned.notes())
        .anyMatch(note -> note.startsWith("warning: Model 'm' predicts 1000 for all 1000 rows"));
    ModelResult stopped = attempt("{constant_prediction: fail}");
    assertThat(stopped.problems())
        .extracting(Problem::code)
        .containsExactly(ErrorCode.CONSTANT_PREDICTION);
    assertThat(lake.predictionTable().version()).isEqualTo(1);
    lake.write("f", "SELECT i AS id, 2.0 AS v, 1.0 AS w FROM range(1000) t(i)");
    assertThat(gate(attempt("{constant_prediction: fail}"), "constant_prediction").verdict())
        .isEqualTo(Verdict.NOT_CHECKED);
  }

  @Test
  void predictionsAndFeaturesThatDriftAwayAreTold() {
    String gates = "{prediction_drift: {psi: 0.25, ks: 0.3}, feature_drift: 0.25}";
    lake.run("gates: " + gates);
    assertThat(lake.properties().get("scorebatch.profile"))
        .startsWith("{\"format\":1,\"model_name\":\"m\",\"rows\":1000,\"whole\":true,")
        .contains("\"inputs\":{\"v\":{");
    ModelResult same = lake.run("gates: " + gates);
    assertThat(gate(same, "prediction_drift.psi").measured()).hasValue(0);
    assertThat(gate(same, "feature_drift.psi").verdict()).isEqualTo(Verdict.PASSED);
    lake.write("f", "SELECT i AS id, 500.0 + i AS v, 0.5 * (i % 7) AS w FROM range(1000) t(i)");
    ModelResult stopped = attempt(gates);
    assertThat(stopped.problems())
        .extracting(Problem::code)
        .containsExactly(
            ErrorCode.PREDICTION_DRIFT, ErrorCode.PREDICTION_DRIFT, ErrorCode.FEATURE_DRIFT);
    assertThat(stopped.problems().get(2).what()).contains("Values of input 'v' of model 'm'");
    assertThat(lake.predictionTable().version()).isEqualTo(1);
  }

  @Test
  void aBaselineMayBeNamed() throws IOException {
    ModelResult base = lake.run("");
    lake.write("f", "SELECT i AS id, 500.0 + i AS v, 0.0 AS w FROM range(1000) t(i)");
    lake.run("gates: {prediction_drift: off}");
    String named = "{prediction_drift: {psi: 0.25, baseline: main.ml.p@%d}}";
    assertThat(attempt(named.formatted(0)).problems())
        .extracting(Problem::code)
        .containsExactly(ErrorCode.PREDICTION_DRIFT);
    assertThat(attempt(named.formatted(1)).problems()).isEmpty();
    Files.writeString(folder.resolve("base.json"), base.audit().profile().orElseThrow());
    String file = "{prediction_drift: {psi: 0.25, baseline: %s}}";
    assertThat(attempt(file.formatted("base.json")).problems())
        .extracting(Problem::code)
        .containsExactly(ErrorCode.PREDICTION_DRIFT);
    assertThat(attempt(file.formatted("none.json")).problems().get(0).message())
        .isEqualTo(
            "SB-0660 The file 'none.json' holds no profile of model 'm'. The pipeline compares its"
                + " batches with it. Fix: name the run_results.json of a run that committed the"
                + " model.");
  }

  @Test
  void goldenRowsAreScoredBeforeAnythingElse() throws IOException {
    Path golden = Files.writeString(folder.resolve("golden.json"), "1");
    ModelResult good = lake.run("gates: {golden_rows: golden.json}");
    assertThat(gate(good, "golden_rows").measured()).hasValue(3);
    lake.modelVersion(2);
    ModelResult stopped = attempt("{golden_rows: golden.json}");
    assertThat(stopped.problems().get(0).message())
        .startsWith(
            "SB-0647 Model 'm' does not give the recorded scores of golden.json (row 0, predict:"
                + " 1.0, Python 2.0); wanted Python's scores.");
    assertThat(stopped.statistics()).isEmpty();
    assertThat(lake.predictionTable().version()).isZero();
    ModelResult warned = attempt("{golden_rows: {warn: golden.json}, prediction_drift: off}");
    assertThat(warned.status()).isEqualTo(ModelStatus.SUCCESS);
    assertThat(warned.notes()).anyMatch(note -> note.contains("recorded scores"));
    Files.delete(golden);
  }

  @Test
  void aSampleIsPublishedOrRefused() {
    lake.run("");
    ModelResult stopped =
        lake.attempt("max_rows: 10\ngates: {allow_sampled: false}", RunScope.USUAL);
    assertStopped(stopped, ErrorCode.SAMPLE_NOT_PUBLISHED);
    assertThat(stopped.problems().get(0).what())
        .isEqualTo("Model 'm' scored a sample of its keys: 10 of 1000 keys; wanted every key.");
    assertThat(lake.run("max_rows: 10").rows()).isEqualTo(10);
  }

  @Test
  void lookUpsAreHeldAgainstTheirLimits() {
    lake.run("");
    lake.write("keys", "SELECT i AS id FROM range(1100) t(i)");
    String source = "source: {table: keys}\n";
    ModelResult stopped = lake.attempt(source + "gates: {min_match_rate: 95%}", RunScope.USUAL);
    assertStopped(stopped, ErrorCode.MATCH_RATE_LOW);
    ModelResult warned =
        lake.run(source + "gates: {min_match_rate: {warn: 95%, fail: 90%}, null_predictions: 10%}");
    assertThat(gate(warned, "min_match_rate").verdict()).isEqualTo(Verdict.WARNED);
    assertThat(gate(warned, "min_match_rate").subject()).isEqualTo("main.ml.f");
  }
}
