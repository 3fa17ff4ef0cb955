package io.scorebatch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.engine.SqlEngine;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Column;
import io.scorebatch.pipeline.config.ModelType;
import io.scorebatch.testing.Fixtures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Any kind of output of a model as it was logged, by asking for it. */
class OutputKindsTest {
  private static final String FOREST = "mlflow-3.17.2/sklearn-isolation-forest/model";
  private static final String LABELS = "mlflow-3.17.2/sklearn-forest-strings/model";
  private static final Keys ROWS =
      Keys.query(
          "SELECT i AS id, 0.5 * i AS f0, 1.0 * i AS f1, 2.0 AS f2, 0.1 AS f3, -30.0 * i AS f4"
              + " FROM range(8) AS t(i)");

  @TempDir private Path folder;
  private Connections connections = Connections.fromEnvironment();
  private @Nullable FeatureEngineeringClient open;

  @BeforeEach
  void connect() {
    connections = connections.withoutStores().withTables(folder.toString());
    open = FeatureEngineeringClient.connect(connections);
  }

  @AfterEach
  void disconnect() {
    client().close();
  }

  @Test
  void anomaliesByEveryKind() {
    Scored byDecision = score(FOREST, ModelType.ANOMALY_DETECTION, null);
    Scored bySamples = score(FOREST, ModelType.ANOMALY_DETECTION, OutputKind.SCORE_SAMPLES);
    Scored byLabel = score(FOREST, ModelType.ANOMALY_DETECTION, OutputKind.PREDICT);
    assertThat(byDecision.types()).startsWith("id bigint, prediction double, anomaly_score double");
    assertThat(byLabel.types()).startsWith("id bigint, prediction bigint, anomaly_score bigint");
    List<@Nullable Object> flags = byDecision.column("is_anomaly");
    assertThat(flags).contains(0, 1);
    assertThat(bySamples.column("is_anomaly")).isEqualTo(flags);
    assertThat(byLabel.column("is_anomaly")).isEqualTo(flags);
    assertThat(byLabel.column("prediction")).contains(-1L, 1L);
    assertThat(bySamples.column("prediction")).allMatch(score -> (double) score < 0);
    assertThat(bySamples.comments().get(1)).contains("without offset");
  }

  @Test
  void probabilitiesNameTheirClasses() {
    Scored raw = score(LABELS, ModelType.RAW, OutputKind.PREDICT_PROBA);
    assertThat(raw.types()).startsWith("id bigint, prediction array<double>");
    assertThat(raw.comments().get(1))
        .isEqualTo("Probability of each class. In order: high, low, middle.");
    Scored multiclass = score(LABELS, ModelType.MULTICLASS, null);
    assertThat(multiclass.types())
        .startsWith(
            "id bigint, prediction string, probability double, probabilities map<string,double>");
    String binary = "mlflow-3.17.2/sklearn-hist-boosting/model";
    Scored classification = score(binary, ModelType.CLASSIFICATION, null);
    assertThat(classification.comments().get(1)).isEqualTo("Probability of class '1', 0 to 1.");
    Scored decision = score(binary, ModelType.CLASSIFICATION, OutputKind.DECISION_FUNCTION);
    assertThat(decision.comments().get(1))
        .isEqualTo("Decision function of the model. Greater is more likely '1'.");
  }

  @Test
  void labelsKeepTheirType() {
    assertThat(score(LABELS, ModelType.RAW, null).types()).contains("prediction string");
    assertThat(score(LABELS, ModelType.REGRESSION, OutputKind.PREDICT).types())
        .contains("prediction string");
    assertThat(score("mlflow-3.17.2/sklearn-forest-pickle/model", ModelType.RAW, null).types())
        .contains("prediction bigint");
  }

  @Test
  void whatTheModelWasLoggedToAnswerIsItsPredict() {
    String model = "mlflow-3.17.2/sklearn-forest-predict-proba/model";
    assertThat(score(model, ModelType.RAW, null).types()).contains("prediction array<double>");
    assertThat(score(model, ModelType.RAW, OutputKind.PREDICT).types())
        .contains("prediction bigint");
  }

  @Test
  void marginsOfBoosters() {
    String many = "mlflow-3.17.2/xgboost-classifier/model";
    assertThat(score(many, ModelType.RAW, OutputKind.RAW_MARGIN).types())
        .contains("prediction array<double>");
    String one = "mlflow-3.17.2/xgboost-regressor/model";
    Scored margin = score(one, ModelType.REGRESSION, OutputKind.RAW_MARGIN);
    assertThat(margin.types()).contains("prediction double");
    assertThat(margin.comments().get(1)).contains("before the link function");
  }

  @Test
  void severalOutputsAreColumns() {
    Scored outputs =
        score("sklearn-1.9.1/linear-regression-multi-output/model.pkl", ModelType.RAW, null);
    assertThat(outputs.types())
        .startsWith("id bigint, prediction_0 double, prediction_1 double, prediction_2 double");
  }

  @Test
  void datesWrittenAsNumbersAreToldToLookAlikeInFloats() { // 39
    String model = Fixtures.fixture("xgboost-3.2.0/regression-dates/model.json").toString();
    Keys days = Keys.query("SELECT i AS id, 20250131 + i AS f0, 0.5 AS f1 FROM range(2) AS t(i)");
    List<Object> predictions = new ArrayList<>();
    BatchSummary summary =
        client()
            .scoreBatch(model, days)
            .as(ModelType.REGRESSION)
            .forEachRow(new Predictions(predictions));
    assertThat(predictions).hasSize(2);
    assertThat(predictions.get(0)).isEqualTo(predictions.get(1));
    assertThat(summary.notes())
        .filteredOn(note -> note.contains("16,777,216"))
        .singleElement()
        .asString()
        .startsWith("the model reads f0 as 32-bit floats");
  }

  private record Predictions(List<Object> values) implements SqlEngine.Rows {
    @Override
    public void columns(List<Column> columns) {}

    @Override
    public void row(List<@Nullable Object> values) {
      this.values.add(String.valueOf(values.get(1)));
    }
  }

  @Test
  void severalLabelsAreColumnsOfTheirTypes() {
    String strings = "sklearn-1.9.1/random-forest-several-strings/model.pkl";
    assertThat(score(strings, ModelType.RAW, null).types())
        .startsWith("id bigint, prediction_0 string, prediction_1 string");
    Scored shares = score(strings, ModelType.RAW, OutputKind.PREDICT_PROBA);
    assertThat(shares.types()).startsWith("id bigint, prediction array<double>");
    assertThat(shares.comments().get(1))
        .endsWith("In order: 0_high, 0_low, 0_middle, 1_no, 1_yes.");
    String flags = "xgboost-3.2.0/multi-label/model.pkl";
    Scored labels = score(flags, ModelType.RAW, null);
    assertThat(labels.types()).startsWith("id bigint, prediction_0 bigint, prediction_1 bigint");
    assertThat(labels.column("prediction_1")).isSubsetOf(0L, 1L);
    assertThatThrownBy(() -> score(flags, ModelType.MULTICLASS, null))
        .hasMessageContaining("predicts 2 labels a row")
        .hasMessageContaining("set model_type: raw");
  }

  @Test
  void saysWhatAModelCannotBeAskedFor() {
    assertThatThrownBy(() -> score(LABELS, ModelType.RAW, OutputKind.SCORE_SAMPLES))
        .hasMessageContaining("SB-0306")
        .hasMessageContaining("It answers predict, predict_proba.");
  }

  /** A prediction table. */
  private record Scored(List<Column> columns, List<List<@Nullable Object>> rows) {
    String types() {
      return columns.stream()
          .map(column -> column.name() + " " + column.type())
          .collect(Collectors.joining(", "));
    }

    List<String> comments() {
      return columns.stream().map(column -> String.valueOf(column.comment())).toList();
    }

    List<@Nullable Object> column(String name) {
      int index = columns.stream().map(Column::name).toList().indexOf(name);
      List<@Nullable Object> values = new ArrayList<>();
      rows.forEach(row -> values.add(row.get(index)));
      return values;
    }
  }

  private FeatureEngineeringClient client() {
    return java.util.Objects.requireNonNull(open);
  }

  private Scored score(String model, ModelType type, @Nullable OutputKind kind) {
    ScoreBatch batch = client().scoreBatch(Fixtures.fixture(model).toString(), ROWS).as(type);
    (kind == null ? batch : batch.outputKind(kind)).saveAsTable("main.ml.predictions");
    List<List<@Nullable Object>> rows = new ArrayList<>();
    client()
        .sql(
            "SELECT * FROM main.ml.predictions ORDER BY id",
            new SqlEngine.Rows() {
              @Override
              public void columns(List<Column> columns) {}

              @Override
              public void row(List<@Nullable Object> values) {
                rows.add(new ArrayList<>(values));
              }
            });
    try (TableStore tables = Wiring.tables(connections)) {
      return new Scored(
          tables.snapshot(new TableName("main", "ml", "predictions")).schema().columns(), rows);
    }
  }
}
