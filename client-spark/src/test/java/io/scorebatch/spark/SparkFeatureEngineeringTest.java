package io.scorebatch.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.pipeline.config.ModelType;
import io.scorebatch.table.delta.DirectoryCatalog;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** DataFrames in, DataFrames out; and the same models as SQL functions. */
final class SparkFeatureEngineeringTest {
  private static final SparkSession SPARK = SparkNight.spark();
  private static final Path TABLES = SparkNight.folder().resolve("warehouse");

  private static final ModelRegistry REGISTRY =
      ModelFunctions.open(SparkNight.folder(), SparkNight.registryUri());
  private static final DirectoryCatalog CATALOG = DirectoryCatalog.open(TABLES);
  private static final SparkFeatureEngineering FEATURES =
      SparkFeatureEngineering.on(SPARK, REGISTRY, CATALOG);

  @BeforeAll
  static void makeFeatureTable() {
    SparkNight.features(SPARK)
        .write()
        .format("delta")
        .mode("overwrite")
        .save(TABLES.resolve("main/ml/cost_features").toString());
    SparkNight.features(SPARK).createOrReplaceTempView("features");
  }

  @AfterAll
  static void close() {
    FEATURES.close();
    CATALOG.close();
    REGISTRY.close();
  }

  private static Dataset<Row> keys() {
    return SPARK
        .range(1000)
        .selectExpr(
            "'kept' AS first",
            "id AS workspace_id",
            "DATE'2025-09-16' AS usage_date",
            "id AS last");
  }

  @Test
  void framesKeepTheirColumnsAndGetPredictions() {
    Dataset<Row> scored =
        FEATURES.scoreBatch(SparkNight.MODEL, keys(), BatchOptions.of(ModelType.REGRESSION));
    assertThat(scored.columns())
        .containsExactly(
            "first",
            "workspace_id",
            "usage_date",
            "last",
            "prediction",
            "model_version",
            "model_name",
            "scored_at");
    assertThat(scored.count()).isEqualTo(1000);
    scored.createOrReplaceTempView("scored");
    Row same =
        SPARK
            .sql(
                "SELECT count(*), count_if(s.prediction = scorebatch.`"
                    + SparkNight.MODEL
                    + "`(struct(f.*))), count_if(s.prediction = scorebatch.predict('"
                    + SparkNight.MODEL
                    + "', struct(f.*))), count(DISTINCT s.prediction) > 10"
                    + " FROM scored s JOIN features f USING (workspace_id)")
            .first();
    assertThat(same).isEqualTo(org.apache.spark.sql.RowFactory.create(1000L, 1000L, 1000L, true));
  }

  @Test
  void aNightWrittenTwiceIsOneVersion() throws Exception {
    Dataset<Row> scored = FEATURES.scoreBatch(SparkNight.MODEL, keys());
    SPARK.sql("DROP TABLE IF EXISTS default.budget");
    FEATURES.overwrite(scored, "default.budget", "nightly", 1);
    FEATURES.overwrite(scored, "default.budget", "nightly", 2);
    FEATURES.overwrite(scored, "default.budget", "nightly", 2);
    assertThat(SPARK.sql("DESCRIBE HISTORY default.budget").count()).isEqualTo(2);
    assertThat(SPARK.table("default.budget").count()).isEqualTo(1000);
    assertThat(Files.isDirectory(SparkNight.folder().resolve("spark-warehouse/budget"))).isTrue();
  }

  @Test
  void aRowTheModelRefusesIsTold() {
    Dataset<Row> unknown =
        keys().withColumn("workspace_id", org.apache.spark.sql.functions.lit(-1L));
    assertThatThrownBy(() -> FEATURES.scoreBatch(SparkNight.MODEL, unknown).collectAsList())
        .hasStackTraceContaining(
            "Model main.ml.budget_forecaster refuses value NaN of input 'daily_dbu'.");
  }

  @Test
  void missingColumnsAndTablesAreToldTogether() {
    assertThatThrownBy(() -> FEATURES.scoreBatch(SparkNight.MODEL, keys().drop("usage_date")))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining(ErrorCode.COLUMN_NOT_FOUND.label())
        .hasMessageContaining("'usage_date'");
  }

  @Test
  void functionsRefuseWhatTheyCannotScore() {
    assertThatThrownBy(
            () ->
                SPARK
                    .sql("SELECT scorebatch.`" + SparkNight.MODEL + "`(struct(1 AS a))")
                    .collectAsList())
        .hasStackTraceContaining("The struct has no field 'daily_dbu'");
    assertThatThrownBy(
            () ->
                SPARK
                    .sql(
                        "SELECT scorebatch.predict("
                            + "'models:/main.ml.budget_forecaster@champion', struct(*))"
                            + " FROM features")
                    .collectAsList())
        .hasStackTraceContaining("may mean another version on another executor");
  }
}
