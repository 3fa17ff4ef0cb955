package io.scorebatch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.client.Connections;
import io.scorebatch.client.FeatureEngineeringClient;
import io.scorebatch.client.TableDefinition;
import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A night in which much is wrong: what can be committed is, and each failure says what to do. */
class FailuresTest {
  private static final Demo DEMO = Demo.once();

  private static final String PIPELINE =
      """
      version: 1
      catalog: main
      schema: ml
      tables: ./warehouse
      registry: sqlite:///REGISTRY
      max_workers: 2
      models:
        - model_name: data_drift_detector
          domain: QUALITY
          model_uri: models:/data_drift_detector/latest
          feature_table: quality_features
          id_columns: [catalog_name, snapshot_date]
          output_table: data_drift_predictions
          model_type: anomaly_detection
        - model_name: no_such_model
          domain: COST
          feature_table: quality_features
          id_columns: [catalog_name, snapshot_date]
          output_table: no_such_predictions
          model_type: regression
        - model_name: cache_hit_predictor
          domain: PERFORMANCE
          feature_table: performance_features
          id_columns: [warehouse_id, query_date]
          output_table: cache_hit_predictions
          model_type: classification
        - model_name: budget_forecaster
          domain: COST
          feature_table: cost_features
          id_columns: [workspace_id, usage_date]
          output_table: budget_forecast_predictions
          model_type: regression
        - model_name: job_failure_predictor
          domain: RELIABILITY
          feature_table: reliability_features
          id_columns: [job_id, run_date]
          output_table: job_failure_predictions
          model_type: classification
      """;

  @TempDir private static Path lake;

  @BeforeAll
  static void aLakeWithTroubles() throws IOException {
    Connections connections =
        Connections.fromEnvironment().withFolder(lake).withTables("warehouse");
    try (FeatureEngineeringClient client = FeatureEngineeringClient.connect(connections)) {
      create(client, "quality_features", List.of("catalog_name", "snapshot_date"), "%s");
      create(
          client,
          "cost_features",
          List.of("workspace_id", "usage_date"),
          "SELECT * REPLACE (CAST(avg_dbu_7d AS VARCHAR) AS avg_dbu_7d) FROM (%s)");
      create(
          client,
          "reliability_features",
          List.of("job_id", "run_date"),
          "SELECT * FROM (%s) WHERE job_id = 'none'");
    }
    Files.writeString(
        lake.resolve("pipeline.yaml"),
        PIPELINE.replace("REGISTRY", DEMO.folder().resolve("mlflow.db").toString()));
  }

  private static void create(
      FeatureEngineeringClient client, String table, List<String> key, String wrap)
      throws IOException {
    String sql =
        Files.readString(
            Fixtures.root().resolve("examples/health-monitor/generator/" + table + ".sql"));
    client.createTable(
        new TableDefinition("main.ml." + table, key, null, "Features.", Map.of()),
        wrap.replace("%s", sql));
  }

  @Test
  void commitsTheGoodModelAndExplainsTheOthers() {
    PackagedProgram.Result run = PackagedProgram.run(lake, "run");
    assertThat(run.exitCode()).as(run.err() + run.out()).isEqualTo(3);
    assertThat(run.out())
        .contains("1 of 5 models committed, 100 predictions")
        .contains("no_such_model NOT_FOUND")
        .contains("cache_hit_predictor FAILED")
        .contains("main.ml.performance_features")
        .contains(
            "Model 'budget_forecaster' reads feature 'avg_dbu_7d' as a number, its column is"
                + " string.")
        .contains("Table main.ml.reliability_features is empty.");
    assertThat(run.out().lines().filter(line -> line.startsWith("    fix: "))).hasSize(4);
    assertThat(lake.resolve("warehouse/main/ml/data_drift_predictions/_delta_log")).exists();
    assertThat(lake.resolve("warehouse/main/ml/job_failure_predictions/_delta_log")).doesNotExist();
  }

  @Test
  void allowsPartialRunsWhereAsked() {
    PackagedProgram.Result run = PackagedProgram.run(lake, "run", "--allow-partial", "--quiet");
    assertThat(run.exitCode()).isZero();
  }

  @Test
  void stopsAtTheFirstFailureWhereAsked() {
    PackagedProgram.Result run =
        PackagedProgram.run(lake, "run", "--fail-fast", "--max-workers", "1", "--quiet");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("0 of 5 models committed").contains("SKIPPED");
  }

  @Test
  void failsWhereEverySelectedModelFails() {
    PackagedProgram.Result run =
        PackagedProgram.run(lake, "run", "--select", "no_such_model", "--quiet");
    assertThat(run.exitCode()).isEqualTo(1);
  }

  @Test
  void refusesAWrongPipelineBeforeAnythingRuns() throws IOException {
    Path file = lake.resolve("wrong.yaml");
    Files.writeString(file, PIPELINE.replace("feature_table:", "feature_tabel:"));
    PackagedProgram.Result run = PackagedProgram.run(lake, "run", "-f", "wrong.yaml");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .contains(
            "wrong.yaml:11: unknown key 'models[0].feature_tabel'; did you mean"
                + " 'feature_table'?");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void namesASelectionThatIsNotThere() {
    PackagedProgram.Result run = PackagedProgram.run(lake, "run", "--select", "data_drift_detectr");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("did you mean 'data_drift_detector'?");
  }
}
