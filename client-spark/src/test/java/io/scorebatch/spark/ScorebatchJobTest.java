package io.scorebatch.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.table.TableName;
import io.scorebatch.table.delta.DirectoryCatalog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class ScorebatchJobTest {
  @Test
  void runsAPipelineAndFailsWhereAModelFailed() throws Exception {
    Path folder = SparkNight.folder();
    SparkNight.features(SparkNight.spark())
        .write()
        .format("delta")
        .mode("overwrite")
        .save(folder.resolve("warehouse/main/ml/cost_features").toString());
    Path file = folder.resolve("pipeline.yaml");
    Files.writeString(
        file,
        """
        version: 1
        catalog: main
        schema: ml
        tables: ./warehouse
        registry: sqlite:///mlflow.db
        engine: spark
        models:
          - model_name: budget_forecaster
            domain: COST
            model_uri: models:/main.ml.budget_forecaster/1
            feature_table: cost_features
            id_columns: [workspace_id, usage_date]
            output_table: budget_predictions
            model_type: regression
          - model_name: gone
            domain: COST
            feature_table: cost_features
            id_columns: [workspace_id, usage_date]
            output_table: gone_predictions
            model_type: regression
        """);
    assertThatThrownBy(() -> ScorebatchJob.main(new String[] {"-f", file.toString()}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("1 of 2 models failed");
    ScorebatchJob.main(new String[] {"-f", file.toString(), "--allow-partial"});
    try (DirectoryCatalog tables = DirectoryCatalog.open(folder.resolve("warehouse"))) {
      assertThat(tables.snapshot(new TableName("main", "ml", "budget_predictions")).rows())
          .hasValue(1000);
    }
    try (Stream<Path> runs = Files.list(folder.resolve(".scorebatch/runs"))) {
      assertThat(runs)
          .hasSize(2)
          .allSatisfy(run -> assertThat(run.resolve("run_results.json")).exists());
    }
  }

  @Test
  void refusesOptionsItDoesNotKnow() {
    assertThat(ScorebatchJob.options("--file", "a.yaml", "--dry-run"))
        .containsEntry("-f", "a.yaml")
        .containsKey("--dry-run");
    assertThatThrownBy(() -> ScorebatchJob.options("--tabels", "x"))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining("'--tabels' is no option");
  }
}
