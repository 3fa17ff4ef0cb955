package io.scorebatch.pipeline.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.PlanStep;
import io.scorebatch.api.plan.PlanStep.Lookup;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.StoredColumn;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.pipeline.config.ModelType;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class StandInTest {
  private static final TableName TARGET = new TableName("main", "ml", "churn_predictions");
  private static final Instant NOW = Instant.parse("2026-11-25T03:00:00Z");

  private static TableSnapshot table(String name, Column... columns) {
    return new TableSnapshot(
        new TableName("main", "ml", name),
        "/lake/" + name,
        name,
        4,
        Arrays.stream(columns)
            .map(column -> new StoredColumn(column, column.name(), OptionalInt.empty()))
            .toList(),
        List.of(),
        Map.of(),
        null,
        List.of());
  }

  private static final TableSnapshot PREDICTIONS =
      table(
          "churn_predictions",
          Column.of("id", Primitive.LONG),
          Column.of("prediction", Primitive.DOUBLE),
          Column.of("probability", Primitive.DOUBLE),
          Column.of("predicted_class", Primitive.INT),
          Column.of("model_version", Primitive.INT),
          Column.of("model_name", Primitive.STRING),
          Column.of("scored_at", Primitive.TIMESTAMP));

  private static StandIn.Request request(ModelType type, Optional<TableSnapshot> table) {
    TableSnapshot users = table("users", Column.of("id", Primitive.LONG));
    return new StandIn.Request(
        "churn",
        TARGET,
        table,
        new KeySource.TableRows(users, users.schema().columns(), true),
        List.of("id"),
        List.of(),
        type,
        Optional.empty(),
        0.5,
        NOW);
  }

  private static OutputValue value(ScoringPlan plan, String column) {
    return plan.outputs().stream()
        .filter(output -> output.column().name().equals(column))
        .map(OutputColumn::value)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theLastPredictionIsLookedUpInTheTableAsOfNow() {
    ScoringPlan plan =
        StandIn.lastGood(
            request(ModelType.CLASSIFICATION, Optional.of(PREDICTIONS)),
            Optional.of(Duration.ofDays(7)),
            Optional.empty());
    Lookup lookup = (Lookup) plan.steps().get(1);
    assertThat(lookup.table()).isEqualTo(PREDICTIONS);
    assertThat(lookup.keys()).containsExactly(new Lookup.KeyPair("id", "id"));
    assertThat(lookup.timestamp())
        .isEqualTo(new Lookup.PointInTime("_sb_now", "scored_at", 7 * 86_400_000_000L));
    assertThat(plan.outputSchema().names())
        .containsExactly(
            "id",
            "prediction",
            "probability",
            "predicted_class",
            "model_version",
            "model_name",
            "scored_at",
            "prediction_source");
    assertThat(value(plan, "prediction"))
        .isEqualTo(new OutputValue.FromColumn("_sb_last_prediction"));
    assertThat(value(plan, "model_version"))
        .isEqualTo(new OutputValue.FromColumn("_sb_last_model_version"));
    assertThat(value(plan, "scored_at")).isEqualTo(new OutputValue.Constant(NOW));
  }

  @Test
  void aConstantFillsWhatTheTableDoesNotHold() {
    ScoringPlan plan =
        StandIn.lastGood(
            request(ModelType.CLASSIFICATION, Optional.of(PREDICTIONS)),
            Optional.empty(),
            Optional.of("0.75"));
    assertThat(value(plan, "predicted_class"))
        .isEqualTo(new OutputValue.FromColumn("_sb_filled_predicted_class"));
    assertThat(plan.steps())
        .filteredOn(step -> step.adds().contains("_sb_other_predicted_class"))
        .singleElement()
        .isInstanceOfSatisfying(
            PlanStep.Call.class, call -> assertThat(call.body().apply(List.of())).isEqualTo(1L));
    assertThat(plan.steps())
        .filteredOn(step -> step.adds().contains("_sb_source"))
        .singleElement()
        .isInstanceOfSatisfying(
            PlanStep.Compute.class,
            compute ->
                assertThat(compute.sql())
                    .isEqualTo(
                        "CAST(CASE WHEN p IS NOT NULL THEN 'last_good' ELSE 'constant' END AS"
                            + " STRING)"));
  }

  @Test
  void aConstantAloneHasTheColumnsOfTheTable() {
    ScoringPlan plan =
        StandIn.constant(request(ModelType.CLASSIFICATION, Optional.of(PREDICTIONS)), "0.25");
    assertThat(value(plan, "prediction")).isEqualTo(new OutputValue.Constant(0.25));
    assertThat(value(plan, "probability")).isEqualTo(new OutputValue.Constant(0.25));
    assertThat(value(plan, "predicted_class")).isEqualTo(new OutputValue.Constant(0));
    assertThat(value(plan, "model_version")).isEqualTo(new OutputValue.Constant(null));
    assertThat(value(plan, "id")).isEqualTo(new OutputValue.FromColumn("id"));
  }

  @Test
  void aConstantMakesTheColumnsOfItsModelTypeWhereThereIsNoTable() {
    ScoringPlan anomalies =
        StandIn.constant(request(ModelType.ANOMALY_DETECTION, Optional.empty()), "-1");
    assertThat(anomalies.outputSchema().names())
        .containsExactly(
            "id",
            "prediction",
            "anomaly_score",
            "is_anomaly",
            "prediction_source",
            "model_version",
            "model_name",
            "scored_at");
    assertThat(value(anomalies, "is_anomaly")).isEqualTo(new OutputValue.Constant(1));
    ScoringPlan labels = StandIn.constant(request(ModelType.MULTICLASS, Optional.empty()), "none");
    assertThat(labels.outputSchema().find("prediction").orElseThrow().type())
        .isEqualTo(Primitive.STRING);
  }

  @Test
  void whatCannotStandInSaysWhy() {
    assertThatThrownBy(
            () ->
                StandIn.lastGood(
                    request(ModelType.REGRESSION, Optional.empty()),
                    Optional.empty(),
                    Optional.empty()))
        .hasMessage(
            "SB-0661 Model 'churn' cannot fall back: there is no table main.ml.churn_predictions"
                + " yet. Fix: the fallback is of use from the second run on.");
    assertThatThrownBy(
            () ->
                StandIn.constant(
                    request(ModelType.REGRESSION, Optional.of(PREDICTIONS)), "unknown"))
        .hasMessageContaining("'unknown' is no value of column prediction, which is double");
    assertThatThrownBy(
            () ->
                StandIn.lastGood(
                    request(
                        ModelType.REGRESSION,
                        Optional.of(table("churn_predictions", Column.of("id", Primitive.LONG)))),
                    Optional.empty(),
                    Optional.empty()))
        .hasMessageContaining("has no columns prediction and scored_at");
  }
}
