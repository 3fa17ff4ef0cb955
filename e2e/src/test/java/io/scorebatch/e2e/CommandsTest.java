package io.scorebatch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands beside run, as processes. */
class CommandsTest {
  private static final Demo DEMO = Demo.once();
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "SCOREBATCH_TABLES",
          DEMO.folder().resolve("warehouse").toString(),
          "MLFLOW_REGISTRY_URI",
          "sqlite:///" + DEMO.folder().resolve("mlflow.db"));

  @TempDir private Path folder = Path.of(".");

  private PackagedProgram.Result scorebatch(String... arguments) {
    return PackagedProgram.run(folder, ENVIRONMENT, arguments);
  }

  @Test
  void helpAndVersionNeedNothing() {
    PackagedProgram.Result help = PackagedProgram.run(folder, "--help");
    assertThat(help.exitCode()).isZero();
    assertThat(help.out()).contains("demo", "run", "score", "inspect", "sql", "Exit codes:");
    assertThat(PackagedProgram.run(folder, "--version").out()).startsWith("scorebatch ");
  }

  @Test
  void aSmallDemoNeedsNoLargeTables() {
    Path small = folder.resolve("small");
    PackagedProgram.Result demo =
        PackagedProgram.run(folder, "demo", "--small", "--dir", small.toString());
    assertThat(demo.err()).isEmpty();
    assertThat(demo.exitCode()).isZero();
    assertThat(demo.out())
        .contains("9 of 9 models committed, 16,740 predictions")
        .contains("Cost anomalies and what those days cost")
        .doesNotContain("security");
    assertThat(small.resolve("warehouse/main/ml/cost_anomaly_predictions")).isDirectory();
    assertThat(small.resolve("warehouse/main/ml/security_features")).doesNotExist();
  }

  @Test
  void usageErrorsExitWithTwo() {
    assertThat(PackagedProgram.run(folder).exitCode()).isEqualTo(2);
    assertThat(PackagedProgram.run(folder, "frobnicate").exitCode()).isEqualTo(2);
    PackagedProgram.Result noTables = PackagedProgram.run(folder, "sql", "SELECT 1");
    assertThat(noTables.exitCode()).isEqualTo(2);
    assertThat(noTables.err()).contains("give --tables DIR");
    PackagedProgram.Result noFile = PackagedProgram.run(folder, "run");
    assertThat(noFile.err()).contains("pipeline.yaml");
    assertThat(noFile.exitCode()).isNotZero();
  }

  @Test
  void inspectTellsWhatAModelIs() {
    PackagedProgram.Result inspect =
        scorebatch("inspect", "models:/main.ml.cost_anomaly_detector@champion");
    assertThat(inspect.err()).isEmpty();
    assertThat(inspect.exitCode()).isZero();
    assertThat(inspect.out().lines().map(line -> line.replaceAll("\\s+", " ")))
        .contains(
            "model main.ml.cost_anomaly_detector",
            "version 2",
            "class sklearn.ensemble._iforest.IsolationForest",
            "task anomaly_detection",
            "scored natively",
            "outputs decision_function, predict, score_samples",
            "predict predict",
            "keys workspace_id, usage_date",
            "table main.ml.cost_features");
    PackagedProgram.Result highest =
        scorebatch("inspect", "models:/main.ml.job_failure_predictor/latest");
    assertThat(highest.out().lines().map(line -> line.replaceAll("\\s+", " ")))
        .contains("version 11", "classes 0, 1 (bigint)");
  }

  @Test
  void inspectSaysWhatIsMissing() {
    PackagedProgram.Result result =
        scorebatch("inspect", "models:/main.ml.cost_anomaly_detectr/latest");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).contains("SB-0201").contains("main.ml.cost_anomaly_detector");
    assertThat(scorebatch("inspect", "models:/main.ml.cost_anomaly_detector@chmpion").err())
        .contains("SB-0203")
        .contains("champion");
    assertThat(scorebatch("inspect", "models:/main.ml.cost_anomaly_detector/99").err())
        .contains("SB-0202");
  }

  @Test
  void sqlPrintsTableCsvAndJson() throws IOException {
    String query = "SELECT count(*) AS n, min(usage_date) AS first FROM main.ml.cost_features";
    assertThat(scorebatch("sql", query).out().lines().toList())
        .containsExactly("   n  first", "----  ----------", "2740  2025-09-16", "(1 row)");
    assertThat(scorebatch("sql", query, "--format", "csv").out())
        .isEqualTo("n,first\r\n2740,2025-09-16\r\n");
    JsonNode json = new ObjectMapper().readTree(scorebatch("sql", query, "--format", "json").out());
    assertThat(json.get(0).get("n").asLong()).isEqualTo(2740);
    Path file = folder.resolve("q.sql");
    Files.writeString(file, "-- a comment\n" + query);
    assertThat(scorebatch("sql", "-f", "q.sql", "--format", "csv").out())
        .endsWith("2740,2025-09-16\r\n");
  }

  @Test
  void sqlIsReadOnlyAndNamesWhatIsUnknown() {
    for (String attack :
        List.of(
            "DROP TABLE main.ml.cost_features",
            "COPY (SELECT 1) TO '" + folder.resolve("stolen.csv") + "'",
            "CREATE TABLE x AS SELECT 1",
            "SELECT 1; SELECT 2",
            "SELECT * FROM read_csv('/etc/passwd')",
            "ATTACH '" + folder.resolve("a.db") + "'")) {
      PackagedProgram.Result result = scorebatch("sql", attack);
      assertThat(result.exitCode()).as(attack + result.out()).isNotZero();
      assertThat(result.err()).as(attack).contains("SB-0").contains("fix: ");
    }
    assertThat(folder).isEmptyDirectory();
    assertThat(scorebatch("sql", "SELECT * FROM main.ml.cost_feature").err())
        .contains("SB-0400")
        .contains("main.ml.cost_features");
  }

  @Test
  void scoreWritesATableThatSqlReads() {
    PackagedProgram.Result score =
        scorebatch(
            "score",
            "models:/data_drift_detector/latest",
            "--keys",
            "main.ml.quality_features",
            "--model-type",
            "anomaly_detection",
            "--to",
            "main.scratch.drift");
    assertThat(score.err()).isEmpty();
    assertThat(score.out()).startsWith("100 predictions of data_drift_detector version 1 in");
    assertThat(
            scorebatch(
                    "sql",
                    "SELECT count(*) AS n FROM main.scratch.drift AS s JOIN"
                        + " main.ml.data_drift_predictions AS p USING (catalog_name,"
                        + " snapshot_date) WHERE s.prediction = p.prediction",
                    "--format",
                    "csv")
                .out())
        .isEqualTo("n\r\n100\r\n");
  }

  @Test
  void aDryRunTellsWhatWouldBeReadSharedAndTaken() {
    PackagedProgram.Result dry =
        PackagedProgram.run(
            DEMO.folder(),
            "run",
            "--dry-run",
            "--select",
            "budget_forecaster,chargeback_attribution,tag_recommender");
    assertThat(dry.err()).isEmpty();
    assertThat(dry.exitCode()).isZero();
    assertThat(dry.out().lines().map(line -> line.strip().replaceAll("\\s+", " ")))
        .contains(
            "model rows scans joins functions inputs seconds",
            "keys: each (workspace_id, usage_date) of main.ml.cost_features version 0",
            "table version rows files models",
            "keys of main.ml.cost_features version 0 by [workspace_id, usage_date]: checked once"
                + " for 2 models")
        .anyMatch(line -> line.matches("main.ml.cost_features 0 2,740 [0-9]+ 2"))
        .anyMatch(line -> line.matches("budget_forecaster <= 2,740 1 0 0 [0-9]+ [0-9.]+"))
        .anyMatch(line -> line.matches("tag_recommender \\? 1 0 0 [0-9]+ [0-9.]+"))
        .anyMatch(
            line ->
                line.matches(
                    "estimate from past runs: [0-9.]+ s of work for 3 of 3 models, .* and [0-9]+"
                        + " MiB of memory at its peak"));
  }

  @Test
  void whatLookupsFoundStandsInEachRowAndIsReadInSql() {
    PackagedProgram.Result score =
        scorebatch(
            "score",
            "models:/main.ml.budget_forecaster/latest",
            "--keys",
            "main.ml.cost_features",
            "--feature-evidence",
            "--to",
            "main.scratch.evidence");
    assertThat(score.err()).isEmpty();
    assertThat(
            scorebatch(
                    "sql",
                    "SELECT lookup_evidence(feature_evidence, 1) AS found, count(*) AS n FROM"
                        + " main.scratch.evidence GROUP BY ALL ORDER BY ALL",
                    "--format",
                    "csv")
                .out())
        .isEqualTo("found,n\r\nmatched,2740\r\n");
  }

  @Test
  void scoreTakesKeysFromAQueryAndWritesCsv() throws IOException {
    PackagedProgram.Result score =
        scorebatch(
            "score",
            "models:/main.ml.budget_forecaster/latest",
            "--keys",
            "SELECT workspace_id, usage_date, 'x' AS note FROM main.ml.cost_features LIMIT 3",
            "--passthrough",
            "note",
            "--to",
            folder.resolve("out.csv").toString());
    assertThat(score.err()).isEmpty();
    assertThat(Files.readAllLines(folder.resolve("out.csv"))).hasSize(4);
    assertThat(Files.readAllLines(folder.resolve("out.csv")).get(0))
        .isEqualTo("workspace_id,usage_date,note,prediction,model_version,model_name,scored_at");
  }

  @Test
  void rawOutputIsWhatPredictReturns() {
    PackagedProgram.Result rows =
        scorebatch(
            "score",
            "models:/main.ml.cost_anomaly_detector@champion",
            "--keys",
            "main.ml.cost_features",
            "--format",
            "csv");
    assertThat(rows.err()).isEmpty();
    assertThat(rows.out().lines().skip(1).map(line -> line.split(",", -1)[2]).distinct())
        .containsExactlyInAnyOrder("1", "-1");
  }
}
