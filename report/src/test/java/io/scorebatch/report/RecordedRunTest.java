package io.scorebatch.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.run.Attempt;
import io.scorebatch.api.run.Audit;
import io.scorebatch.api.run.GateResult;
import io.scorebatch.api.run.GateResult.Verdict;
import io.scorebatch.api.run.ModelResult;
import io.scorebatch.api.run.ModelStatus;
import io.scorebatch.api.run.RunResult;
import io.scorebatch.report.RecordedRun.Model;
import io.scorebatch.report.RunDiff.ModelDiff;
import io.scorebatch.report.RunDiff.Predictions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Past runs: written by one run, read back by report, diff and retry. */
class RecordedRunTest {
  private static final Problem DRIFT =
      new Problem(
          ErrorCode.PREDICTION_DRIFT,
          "Predictions of model 'churn' are spread otherwise; wanted at most 0.25.",
          "",
          "look at the features.");

  @TempDir private Path runs;

  private static GateResult gate(double measured, Verdict verdict) {
    return new GateResult(
        "prediction_drift.psi",
        "",
        OptionalDouble.of(measured),
        "at most 0.25",
        verdict,
        verdict == Verdict.FAILED ? DRIFT.what() : "");
  }

  private static ModelResult model(boolean good, int version, long rows) {
    return new ModelResult(
        "churn",
        "OTHER",
        good ? ModelStatus.SUCCESS : ModelStatus.FAILED,
        "score_batch",
        "models:/churn/latest",
        OptionalInt.of(version),
        "digest" + version,
        "churn_predictions",
        good ? OptionalLong.of(version + 6) : OptionalLong.empty(),
        good ? rows : 0,
        Duration.ofMillis(1500),
        Map.of(),
        Optional.empty(),
        good ? List.of() : List.of(DRIFT),
        List.of(),
        new Audit(
            List.of(
                gate(good ? 0.01 : 0.75, good ? Verdict.PASSED : Verdict.FAILED),
                new GateResult(
                    "prediction_range",
                    "greatest",
                    OptionalDouble.of(Double.POSITIVE_INFINITY),
                    "at most 1",
                    Verdict.WARNED,
                    "The greatest prediction is Infinity")),
            List.of(new Attempt("score_batch", Duration.ofMillis(20), List.of(DRIFT))),
            good ? Optional.of("{\"format\":1,\"rows\":" + rows + "}") : Optional.empty(),
            good ? Optional.empty() : Optional.of("/lake/.scorebatch/runs/r/staged")));
  }

  private RunResult write(String id, ModelResult model) throws IOException {
    Path folder = Files.createDirectories(runs.resolve(id));
    RunResult run =
        new RunResult(
            id,
            "nightly",
            Instant.parse("2026-11-25T03:00:00Z"),
            Duration.ofSeconds(2),
            List.of(model),
            Map.of(),
            folder);
    Files.writeString(folder.resolve(RecordedRun.FILE), RunResultsJson.print(run));
    return run;
  }

  @Test
  void resultsTellWhatEachGateMeasuredAndWhatWasTried() throws IOException {
    RunResult run = write("20261125T030000Z-1", model(false, 2, 10));
    JsonNode json = new ObjectMapper().readTree(RunResultsJson.print(run)).path("models").path(0);
    JsonNode drift = json.path("gates").path(0);
    assertThat(drift.path("gate").asText()).isEqualTo("prediction_drift.psi");
    assertThat(drift.path("measured").asDouble()).isEqualTo(0.75);
    assertThat(drift.path("limit").asText()).isEqualTo("at most 0.25");
    assertThat(drift.path("verdict").asText()).isEqualTo("FAILED");
    assertThat(json.path("gates").path(1).path("measured").asText()).isEqualTo("Infinity");
    assertThat(json.path("attempts").path(0).path("method").asText()).isEqualTo("score_batch");
    assertThat(json.path("attempts").path(0).path("problems").path(0).path("code").asText())
        .isEqualTo("SB-0645");
    assertThat(json.path("staged").asText()).isEqualTo("/lake/.scorebatch/runs/r/staged");
    assertThat(json.has("profile")).isFalse();
    RunResult good = write("20261125T030000Z-2", model(true, 2, 10));
    assertThat(
            new ObjectMapper()
                .readTree(RunResultsJson.print(good))
                .path("models")
                .path(0)
                .path("profile")
                .path("rows")
                .asLong())
        .isEqualTo(10);
  }

  @Test
  void theConsoleSaysHowToLookIntoABatchThatWasStopped() throws IOException {
    assertThat(ConsoleReport.print(write("r", model(false, 2, 10))))
        .contains(
            "    the batch is kept: scorebatch sql --tables /lake/.scorebatch/runs/r/staged \"SHOW"
                + " TABLES\"");
  }

  @Test
  void thePageShowsEveryGate() throws IOException {
    assertThat(HtmlReport.print(write("r", model(false, 2, 10))))
        .contains("<td>prediction_drift.psi</td>")
        .contains("<td class=\"FAILED\">FAILED</td>")
        .contains("<td class=\"n\">0.750000</td>");
  }

  @Test
  void findsARunByTheStartOfItsIdElseTheNewest() throws IOException {
    write("20261124T030000Z-aa", model(true, 1, 10));
    write("20261125T030000Z-bb", model(true, 2, 12));
    Files.createDirectories(runs.resolve("20261126T030000Z-killed"));
    assertThat(RecordedRun.find(runs, "").runId()).isEqualTo("20261125T030000Z-bb");
    assertThat(RecordedRun.find(runs, "20261124").runId()).isEqualTo("20261124T030000Z-aa");
    assertThatThrownBy(() -> RecordedRun.find(runs, "2026"))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining("'2026' is the start of 2 runs.");
    assertThatThrownBy(() -> RecordedRun.find(runs, "20261125T030000Z-b0"))
        .hasMessageContaining("did you mean '20261125T030000Z-bb'?");
    assertThatThrownBy(() -> RecordedRun.find(runs.resolve("none"), ""))
        .hasMessageContaining("There is no finished run in ");
  }

  @Test
  void aSummaryTellsModelsAndWhatGatesSaid() throws IOException {
    write("r1", model(false, 2, 10));
    assertThat(RunSummary.print(RecordedRun.find(runs, "")).lines().toList())
        .containsExactly(
            "run r1 of nightly, started 2026-11-25T03:00:00Z, 2.0 s",
            "model  status  method       version  rows  table  at version",
            "-----  ------  -----------  -------  ----  -----  ----------",
            "churn  FAILED  score_batch        2",
            "churn: gate prediction_drift.psi FAILED: " + DRIFT.what(),
            "churn: gate prediction_range (greatest) WARNED: The greatest prediction is Infinity",
            "report: " + runs.resolve("r1").resolve("report.html"));
  }

  @Test
  void aDiffTellsRowsVersionsGatesAndPredictions() throws IOException {
    write("r1", model(true, 1, 10));
    write("r2", model(true, 2, 12));
    write("r3", model(false, 2, 12));
    RecordedRun one = RecordedRun.find(runs, "r1");
    RecordedRun two = RecordedRun.find(runs, "r2");
    RunDiff diff =
        new RunDiff(
            one,
            two,
            List.of(
                new ModelDiff(
                    "churn",
                    one.model("churn"),
                    two.model("churn"),
                    Optional.of(new Predictions(7, 2, 1, 3, 0.5, "id = 4")),
                    "")));
    assertThat(RunDiffPrinter.print(diff).lines().toList())
        .containsExactly(
            "r1 against r2",
            "model  status   version     rows  predictions",
            "-----  -------  -------  -------  --------------------------------------------------------------",
            "churn  SUCCESS    1 → 2  10 → 12  7 equal, 2 differ (at most by 0.500000, id = 4), 1 gone, 3 new",
            "churn: the model's files differ");
    JsonNode json = new ObjectMapper().readTree(RunDiffPrinter.json(diff)).path("models").path(0);
    assertThat(json.path("rows").path("after").asText()).isEqualTo("12");
    assertThat(json.path("predictions").path("only_after").asLong()).isEqualTo(3);

    Optional<Model> stopped = RecordedRun.find(runs, "r3").model("churn");
    RunDiff other =
        new RunDiff(
            two,
            RecordedRun.find(runs, "r3"),
            List.of(
                new ModelDiff(
                    "churn", two.model("churn"), stopped, Optional.empty(), "not committed")));
    assertThat(RunDiffPrinter.print(other))
        .contains("not compared: not committed")
        .contains("churn: gate prediction_drift.psi: PASSED 0.01 → FAILED 0.75");
  }

  @Test
  void lineageTellsWhatWasReadAndWrittenInWhichVersion() throws IOException {
    ModelResult good = model(true, 2, 10);
    ModelResult read =
        new ModelResult(
            good.modelName(),
            good.domain(),
            good.status(),
            good.method(),
            good.modelUri(),
            good.modelVersion(),
            good.modelDigest(),
            good.outputTable(),
            good.tableVersion(),
            good.rows(),
            good.elapsed(),
            Map.of("main.ml.users", 3L),
            good.statistics(),
            good.problems(),
            good.notes(),
            good.audit());
    List<JsonNode> events = new ArrayList<>();
    for (String line :
        OpenLineageJson.print(write("r", read), name -> "main.ml." + name).split("\n")) {
      events.add(new ObjectMapper().readTree(line));
    }
    assertThat(events)
        .extracting(event -> event.path("eventType").asText())
        .containsExactly("START", "START", "COMPLETE", "COMPLETE");
    JsonNode done = events.get(2);
    assertThat(done.path("job").path("name").asText()).isEqualTo("nightly.churn");
    assertThat(done.path("run").path("facets").path("parent").path("run").path("runId"))
        .isEqualTo(events.get(0).path("run").path("runId"));
    assertThat(done.path("eventTime").asText()).isEqualTo("2026-11-25T03:00:02Z");
    JsonNode input = done.path("inputs").path(0);
    assertThat(input.path("name").asText()).isEqualTo("main.ml.users");
    assertThat(input.path("facets").path("version").path("datasetVersion").asText()).isEqualTo("3");
    JsonNode output = done.path("outputs").path(0);
    assertThat(output.path("name").asText()).isEqualTo("main.ml.churn_predictions");
    assertThat(output.path("outputFacets").path("outputStatistics").path("rowCount").asLong())
        .isEqualTo(10);
    assertThat(
            output
                .path("facets")
                .path("dataQualityAssertions")
                .path("assertions")
                .findValues("success"))
        .extracting(JsonNode::asBoolean)
        .containsExactly(true, false);
    String failed = OpenLineageJson.print(write("r", model(false, 2, 10)), name -> name);
    assertThat(failed).contains("\"eventType\":\"FAIL\"").contains("SB-0645 Predictions of model");
  }
}
