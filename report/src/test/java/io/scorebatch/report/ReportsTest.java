package io.scorebatch.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.api.engine.ScoreStatistics;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.run.ModelResult;
import io.scorebatch.api.run.ModelStatus;
import io.scorebatch.api.run.RunResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ReportsTest {
  private static final ModelResult COMMITTED =
      new ModelResult(
          "cost_anomaly_detector",
          "COST",
          ModelStatus.SUCCESS,
          "score_batch",
          "models:/main.ml.cost_anomaly_detector@champion",
          OptionalInt.of(2),
          "abc",
          "cost_anomaly_predictions",
          OptionalLong.of(7),
          2740,
          Duration.ofMillis(1234),
          Map.of("main.ml.cost_features", 3L),
          Optional.of(
              new ScoreStatistics(
                  2740,
                  2740,
                  0,
                  List.of(
                      new ScoreStatistics.LookupStatistics("main.ml.cost_features", 3, 2740, 0)),
                  List.of())),
          List.of(),
          List.of());
  private static final ModelResult FAILED =
      new ModelResult(
          "<b>churn</b>",
          "OTHER",
          ModelStatus.FAILED,
          null,
          "models:/churn/latest",
          OptionalInt.empty(),
          null,
          "churn_predictions",
          OptionalLong.empty(),
          0,
          Duration.ofMillis(10),
          Map.of(),
          Optional.empty(),
          List.of(
              new Problem(
                  ErrorCode.TABLE_NOT_FOUND,
                  "There is no table main.ml.churn_features.",
                  "The catalog has 7 tables.",
                  "did you mean 'main.ml.churn_feature'?")),
          List.of());
  private static final RunResult RUN =
      new RunResult(
          "20261125T030000Z-abcdef",
          "pipeline",
          Instant.parse("2026-11-25T03:00:00Z"),
          Duration.ofMillis(2500),
          List.of(COMMITTED, FAILED),
          Map.of("engine", "DuckDB 2.0.0"),
          Path.of("runs/r"));

  @Test
  void consoleNamesCauseAndRemedyOfEachFailure() {
    assertThat(ConsoleReport.print(RUN).lines().toList())
        .containsExactly(
            "model                  domain  status    rows  seconds  table",
            "---------------------  ------  -------  -----  -------  ------------------------",
            "cost_anomaly_detector  COST    SUCCESS  2,740     1.23  cost_anomaly_predictions",
            "<b>churn</b>           OTHER   FAILED             0.01",
            "1 of 2 models committed, 2,740 predictions, 2.5 s; results in runs/r",
            "",
            "<b>churn</b> FAILED",
            "  SB-0400 There is no table main.ml.churn_features.",
            "    why: The catalog has 7 tables.",
            "    fix: did you mean 'main.ml.churn_feature'?");
  }

  @Test
  void jsonKeepsEverythingThatExplainsABatch() throws IOException {
    JsonNode json = new ObjectMapper().readTree(RunResultsJson.print(RUN));
    assertThat(json.get("format_version").asInt()).isEqualTo(1);
    assertThat(json.get("started_at").asText()).isEqualTo("2026-11-25T03:00:00Z");
    assertThat(json.get("statuses").get("FAILED").asInt()).isEqualTo(1);
    JsonNode model = json.get("models").get(0);
    assertThat(model.get("model_version").asInt()).isEqualTo(2);
    assertThat(model.get("table_version").asLong()).isEqualTo(7);
    assertThat(model.get("tables_read").get("main.ml.cost_features").asLong()).isEqualTo(3);
    assertThat(model.get("elapsed_seconds").asDouble()).isEqualTo(1.234);
    JsonNode failed = json.get("models").get(1);
    assertThat(failed.get("model_version").isNull()).isTrue();
    assertThat(failed.get("problems").get(0).get("code").asText()).isEqualTo("SB-0400");
    assertThat(failed.get("problems").get(0).get("name").asText()).isEqualTo("TABLE_NOT_FOUND");
  }

  @Test
  void htmlEscapesNames() {
    String html = HtmlReport.print(RUN);
    assertThat(html).contains("&lt;b&gt;churn&lt;/b&gt;").doesNotContain("<b>churn");
    assertThat(html).contains("1 of 2 models committed, 2,740 predictions");
    assertThat(html).contains("did you mean &#39;main.ml.churn_feature&#39;?");
  }

  @Test
  void progressTellsOneLineAModel() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ProgressPrinter progress =
        new ProgressPrinter(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    progress.runStarted("r1", List.of("a", "b"));
    progress.modelFinished(COMMITTED);
    progress.modelFinished(FAILED);
    assertThat(bytes.toString(StandardCharsets.UTF_8).lines().toList())
        .containsExactly(
            "run r1: 2 models",
            "[1/2] SUCCESS   cost_anomaly_detector  2,740 rows in 1.23 s",
            "[2/2] FAILED    <b>churn</b>  SB-0400 There is no table main.ml.churn_features."
                + " The catalog has 7 tables. Fix: did you mean 'main.ml.churn_feature'?");
  }
}
