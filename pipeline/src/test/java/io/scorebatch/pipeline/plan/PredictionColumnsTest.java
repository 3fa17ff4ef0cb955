package io.scorebatch.pipeline.plan;

import static io.scorebatch.api.type.ColumnType.Primitive.BOOLEAN;
import static io.scorebatch.api.type.ColumnType.Primitive.DOUBLE;
import static io.scorebatch.api.type.ColumnType.Primitive.INT;
import static io.scorebatch.api.type.ColumnType.Primitive.LONG;
import static io.scorebatch.api.type.ColumnType.Primitive.STRING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.LoggedModel;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.ModelOrigin;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Signature;
import io.scorebatch.api.model.Task;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.pipeline.config.ModelType;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PredictionColumnsTest {
  private static final Labels OUTLIER = new Labels(LONG, List.of(-1L, 1L));
  private static final Labels YES_NO = new Labels(STRING, List.of("no", "yes"));

  @Test
  void scoreSamplesAreFlaggedByTheDecisionFunction() {
    ModelPackage forest = model(EnumSet.complementOf(EnumSet.of(OutputKind.PREDICT_PROBA)));
    List<OutputKind> kinds =
        PredictionColumns.kinds(
            "m", ModelType.ANOMALY_DETECTION, Optional.of(OutputKind.SCORE_SAMPLES), forest);
    assertThat(kinds).containsExactly(OutputKind.SCORE_SAMPLES, OutputKind.DECISION_FUNCTION);
    List<OutputColumn> columns =
        columns(
            ModelType.ANOMALY_DETECTION,
            forest,
            number(OutputKind.SCORE_SAMPLES),
            number(OutputKind.DECISION_FUNCTION));
    assertThat(names(columns)).containsExactly("prediction", "anomaly_score", "is_anomaly");
    assertThat(columns.get(2).value()).isEqualTo(new OutputValue.ScoreBelow(1, 0));
    assertThat(columns.get(2).column().comment())
        .isEqualTo("1 where the decision function is below 0, else 0.");
  }

  @Test
  void labelsOfOutlierDetectorsKeepTheirType() {
    List<OutputColumn> columns =
        columns(
            ModelType.ANOMALY_DETECTION,
            model(EnumSet.allOf(OutputKind.class)),
            ScoreColumn.label(OutputKind.PREDICT, OUTLIER));
    assertThat(types(columns)).containsExactly(LONG, LONG, INT);
    assertThat(columns.get(2).value())
        .isEqualTo(new OutputValue.Label(0, new Labels(INT, List.of(1, 0))));
  }

  @Test
  void anomaliesAreNotReadOffProbabilities() {
    assertThatThrownBy(
            () ->
                PredictionColumns.kinds(
                    "m",
                    ModelType.ANOMALY_DETECTION,
                    Optional.of(OutputKind.PREDICT_PROBA),
                    model(EnumSet.allOf(OutputKind.class))))
        .hasMessageContaining("is asked for predict_proba, which tells no anomaly");
  }

  @Test
  void severalLabelsAndTextsAreColumnsOfTheirTypes() {
    Labels flags = new Labels(BOOLEAN, List.of(false, true));
    for (ModelType type : List.of(ModelType.RAW, ModelType.REGRESSION)) {
      List<OutputColumn> columns =
          columns(
              type,
              model(EnumSet.of(OutputKind.PREDICT)),
              ScoreColumn.number(OutputKind.PREDICT, "cost"),
              new ScoreColumn(
                  OutputKind.PREDICT, "late", ScoreColumn.Type.LABEL_INDEX, Optional.of(flags)),
              new ScoreColumn(OutputKind.PREDICT, "why", ScoreColumn.Type.TEXT, Optional.empty()));
      assertThat(names(columns))
          .containsExactly("prediction_cost", "prediction_late", "prediction_why");
      assertThat(types(columns)).containsExactly(DOUBLE, BOOLEAN, STRING);
      assertThat(columns.get(1).value()).isEqualTo(new OutputValue.Label(1, flags));
      assertThat(columns.get(2).value()).isEqualTo(new OutputValue.Text(2));
    }
  }

  @Test
  void namesTheClassesOfProbabilitiesAndTheOneScoresStandFor() {
    ModelPackage classifier = model(EnumSet.allOf(OutputKind.class), YES_NO);
    assertThat(
            columns(
                    ModelType.RAW,
                    classifier,
                    ScoreColumn.number(OutputKind.PREDICT_PROBA, "no"),
                    ScoreColumn.number(OutputKind.PREDICT_PROBA, "yes"))
                .get(0)
                .column())
        .satisfies(
            column -> {
              assertThat(column.type()).isEqualTo(new ColumnType.ArrayOf(DOUBLE));
              assertThat(column.comment())
                  .isEqualTo("Probability of each class. In order: no, yes.");
            });
    for (ModelType type : List.of(ModelType.RAW, ModelType.CLASSIFICATION)) {
      assertThat(
              columns(type, classifier, number(OutputKind.DECISION_FUNCTION))
                  .get(0)
                  .column()
                  .comment())
          .isEqualTo("Decision function of the model. Greater is more likely 'yes'.");
    }
  }

  private static ScoreColumn number(OutputKind kind) {
    return ScoreColumn.number(kind, kind.configName());
  }

  private static List<String> names(List<OutputColumn> columns) {
    return columns.stream().map(column -> column.column().name()).toList();
  }

  @Test
  void severalLabelsARowAreColumnsInTheirTypes() {
    ModelPackage model = ofOutputs(List.of(YES_NO, OUTLIER));
    List<OutputColumn> columns =
        columns(ModelType.RAW, model, label("0", YES_NO), label("1", OUTLIER));
    assertThat(names(columns)).containsExactly("prediction_0", "prediction_1");
    assertThat(types(columns)).containsExactly(STRING, LONG);
    for (ModelType type :
        List.of(ModelType.CLASSIFICATION, ModelType.MULTICLASS, ModelType.ANOMALY_DETECTION)) {
      assertThatThrownBy(
              () -> PredictionColumns.kinds("tags", type, Optional.of(OutputKind.PREDICT), model))
          .hasMessageContaining("Model 'tags' predicts 2 labels a row.")
          .hasMessageContaining("set model_type: raw, which gives each label a column.");
    }
  }

  private static ScoreColumn label(String name, Labels labels) {
    return new ScoreColumn(
        OutputKind.PREDICT, name, ScoreColumn.Type.LABEL_INDEX, Optional.of(labels));
  }

  private static List<ColumnType> types(List<OutputColumn> columns) {
    return columns.stream().map(column -> column.column().type()).toList();
  }

  private static List<OutputColumn> columns(
      ModelType type, ModelPackage model, ScoreColumn... scores) {
    return PredictionColumns.columns(
        new PlanRequest(
            "m",
            OptionalInt.of(1),
            model,
            new TableName("main", "ml", "out"),
            new KeySource.Query("SELECT 1", List.of()),
            List.of("id"),
            List.of(),
            List.of(),
            type,
            Optional.empty(),
            Optional.empty(),
            0.5,
            DuplicateKeys.FAIL,
            Map.of(),
            Instant.EPOCH),
        List.of(scores));
  }

  private static ModelPackage model(Set<OutputKind> kinds) {
    return model(kinds, OUTLIER);
  }

  private static ModelPackage model(Set<OutputKind> kinds, Labels labels) {
    return model(kinds, Optional.of(labels), List.of());
  }

  private static ModelPackage ofOutputs(List<Labels> labels) {
    return model(
        EnumSet.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA), Optional.empty(), labels);
  }

  private static ModelPackage model(
      Set<OutputKind> kinds, Optional<Labels> labels, List<Labels> outputs) {
    LoggedModel logged =
        new LoggedModel(
            Path.of("m"),
            null,
            null,
            Map.of(),
            Optional.of(new Signature(List.of(), List.of(), List.of())),
            null,
            null,
            null);
    return new ModelPackage(
        logged,
        logged,
        Optional.empty(),
        new Model(
            new ModelOrigin("test", "1", "test.Model", "none"),
            Task.UNKNOWN,
            List.of(ModelInput.number("a")),
            true,
            labels,
            outputs,
            kinds,
            new ForeignModel("none", Path.of("m"), Map.of())),
        Optional.of(OutputKind.PREDICT),
        List.of(),
        "digest",
        0);
  }
}
