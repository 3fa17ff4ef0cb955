package io.scorebatch.pipeline.plan;

import static io.scorebatch.api.type.ColumnType.Primitive.DATE;
import static io.scorebatch.api.type.ColumnType.Primitive.DOUBLE;
import static io.scorebatch.api.type.ColumnType.Primitive.INT;
import static io.scorebatch.api.type.ColumnType.Primitive.LONG;
import static io.scorebatch.api.type.ColumnType.Primitive.SHORT;
import static io.scorebatch.api.type.ColumnType.Primitive.STRING;
import static io.scorebatch.api.type.ColumnType.Primitive.TIMESTAMP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
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
import io.scorebatch.api.plan.InputBinding;
import io.scorebatch.api.plan.InputBinding.Conversion;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OnDemandFunction;
import io.scorebatch.api.plan.PlanStep;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.plan.PlanStep.Lookup;
import io.scorebatch.api.spec.FeatureSpec;
import io.scorebatch.api.spec.FeatureTable;
import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.api.table.StoredColumn;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.Schema;
import io.scorebatch.pipeline.config.ModelType;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PlannerTest {
  private static final String FEATURES = "main.ml.features";

  @Test
  void joinsFeaturesOfOneTableInOneLookup() {
    PlannedScoring planned =
        plan(
            spec(requested("id", LONG), looked("a", "a"), looked("b2", "b")),
            keys(Column.of("id", LONG)),
            features(Column.of("id", LONG), Column.of("a", INT), Column.of("b", DOUBLE)),
            List.of("a", "b2"));
    assertThat(planned.plan().steps()).hasSize(1);
    Lookup lookup = (Lookup) planned.plan().steps().get(0);
    assertThat(lookup.keys()).containsExactly(new Lookup.KeyPair("id", "id"));
    assertThat(lookup.features())
        .containsExactly(new Lookup.Feature("a", "a"), new Lookup.Feature("b", "b2"));
    assertThat(planned.plan().inputs())
        .extracting(i -> i.input() + ":" + i.columnType() + ":" + i.conversion())
        .containsExactly("a:int:NUMBER", "b2:double:NUMBER");
    assertThat(planned.plan().outputSchema().names())
        .containsExactly("id", "prediction", "model_version", "model_name", "scored_at");
  }

  @Test
  void feedsTheModelByNameWhateverTheOrderOfTheSpec() {
    PlannedScoring planned =
        plan(
            spec(requested("id", LONG), looked("b", "b"), looked("a", "a")),
            keys(Column.of("id", LONG)),
            features(Column.of("b", DOUBLE), Column.of("id", LONG), Column.of("a", DOUBLE)),
            List.of("a", "b"));
    assertThat(planned.plan().inputs()).extracting(i -> i.column()).containsExactly("a", "b");
  }

  @Test
  void matchesWholeNumbersOfAnyWidthAndRefusesOtherKinds() {
    TableSnapshot table = features(Column.of("id", INT), Column.of("a", DOUBLE));
    assertThat(
            plan(
                    spec(requested("id", LONG), looked("a", "a")),
                    keys(Column.of("id", SHORT)),
                    table,
                    List.of("a"))
                .plan()
                .steps())
        .hasSize(1);
    assertThat(
            problems(
                spec(requested("id", LONG), looked("a", "a")),
                keys(Column.of("id", STRING)),
                table,
                List.of("a")))
        .singleElement()
        .satisfies(
            p -> {
              assertThat(p.code()).isEqualTo(ErrorCode.KEY_TYPE_MISMATCH);
              assertThat(p.message())
                  .isEqualTo(
                      "SB-0406 Key 'id' is string, column 'id' of table main.ml.features is int."
                          + " Keys of different kinds would match nothing, or the wrong rows."
                          + " Fix: cast the key to int.");
            });
  }

  @Test
  void listsAllMissingFeaturesAndTypesAtOnce() {
    List<Problem> problems =
        problems(
            spec(
                requested("id", LONG),
                looked("a", "a"),
                looked("month", "month"),
                looked("revenue", "revenue"),
                looked("note", "note")),
            keys(Column.of("id", LONG)),
            features(
                Column.of("id", LONG),
                Column.of("a", DOUBLE),
                Column.of("revenu", DOUBLE),
                Column.of("note", STRING)),
            List.of("a", "month", "revenue", "note", "absent"));
    assertThat(problems)
        .extracting(Problem::what)
        .containsExactlyInAnyOrder(
            "Table main.ml.features lacks 'month', 'revenue', which model 'm' looks up.",
            "Model 'm' reads feature 'note' as a number, its column is string.",
            "Model 'm' is called with 'absent', which its feature_spec.yaml does not give.");
    assertThat(problems).extracting(Problem::why).contains("'revenue': did you mean 'revenu'?");
  }

  /** Field report 9. */
  @Test
  void momentsFeedInputsThatTheSignatureCallsDatetime() {
    Request request =
        request(
            spec(requested("id", LONG), looked("ds", "ds")),
            keys(Column.of("id", LONG)),
            List.of(),
            List.of("id"));
    request.textInput("ds");
    TableSnapshot table =
        features(Column.of("id", LONG), Column.of("ds", ColumnType.Primitive.TIMESTAMP));
    PlanRequest datetime =
        request.signature(field("ds", ColumnType.Primitive.TIMESTAMP, true)).build();
    assertThat(Planner.plan(datetime, SCORE, Map.of(FEATURES, table)).plan().inputs())
        .extracting(i -> i.input() + ":" + i.conversion())
        .containsExactly("ds:TEXT");
    PlanRequest text = request.signature(field("ds", STRING, true)).build();
    assertThatThrownBy(() -> Planner.plan(text, SCORE, Map.of(FEATURES, table)))
        .hasMessageContaining("reads feature 'ds' as text, its column is timestamp");
  }

  private static Signature.Field field(String name, ColumnType type, boolean required) {
    return new Signature.Field(name, Optional.of(type), type.sparkName(), required, null);
  }

  /** Field reports 1 and 6. */
  @Test
  void holdsInputsToTheWholeNumbersTheirSignatureSays() {
    PlanRequest request =
        request(
                spec(requested("id", LONG), looked("visits", "visits"), looked("n", "n")),
                keys(Column.of("id", LONG)),
                List.of("visits", "n"),
                List.of("id"))
            .signature(field("visits", LONG, true), field("n", INT, true))
            .build();
    TableSnapshot table =
        features(Column.of("id", LONG), Column.of("visits", DOUBLE), Column.of("n", LONG));
    assertThat(Planner.plan(request, SCORE, Map.of(FEATURES, table)).plan().inputs())
        .extracting(i -> i.input() + ":" + i.conversion())
        .containsExactly("visits:WHOLE_64", "n:WHOLE_32");
  }

  /** Field report 13. */
  @Test
  void takesAnAbsentOptionalInputForMissing() {
    Request request =
        request(
            spec(requested("id", LONG), looked("a", "a")),
            keys(Column.of("id", LONG)),
            List.of("a", "d"),
            List.of("id"));
    TableSnapshot table = features(Column.of("id", LONG), Column.of("a", DOUBLE));
    PlannedScoring planned =
        Planner.plan(
            request.signature(field("a", DOUBLE, true), field("d", LONG, false)).build(),
            SCORE,
            Map.of(FEATURES, table));
    assertThat(planned.plan().inputs()).extracting(i -> i.input()).containsExactly("a", "d");
    assertThat(planned.notes()).contains("optional input 'd' is not given: missing in every row");
    PlanRequest required =
        request.signature(field("a", DOUBLE, true), field("d", LONG, true)).build();
    assertThat(
            catchThrowableOfType(
                ScorebatchException.class,
                () -> Planner.plan(required, SCORE, Map.of(FEATURES, table))))
        .hasMessageContaining("is called with 'd'");
  }

  @Test
  void takesColumnsTheKeysBringInsteadOfLookingThemUp() {
    PlannedScoring planned =
        plan(
            spec(requested("id", LONG), looked("a", "a"), looked("b", "b")),
            keys(Column.of("id", LONG), Column.of("a", DOUBLE)),
            features(Column.of("id", LONG), Column.of("a", DOUBLE), Column.of("b", DOUBLE)),
            List.of("a", "b"));
    assertThat(((Lookup) planned.plan().steps().get(0)).features())
        .containsExactly(new Lookup.Feature("b", "b"));
    assertThat(planned.notes()).contains("feature 'a' is taken from the keys, not looked up");
  }

  @Test
  void ordersFunctionsAndLookupsByWhatTheyNeed() {
    FeatureSpec spec =
        spec(
            requested("lat", DOUBLE),
            requested("lon", DOUBLE),
            new SpecColumn.Looked(
                "rate", FEATURES, "rate", List.of("g"), null, null, DOUBLE, true, none()),
            new SpecColumn.Computed("d", "ml.dev.scale", Map.of("x", "rate"), DOUBLE, true, none()),
            new SpecColumn.Computed(
                "g", "ml.dev.grid", Map.of("lat", "lat"), STRING, false, none()));
    TableSnapshot table = features(Column.of("g", STRING), Column.of("rate", DOUBLE));
    KeySource keys = keys(Column.of("lat", DOUBLE), Column.of("lon", DOUBLE));
    Request request =
        request(spec, keys, List.of("rate", "d"), List.of("lat"))
            .functions(Map.of("ml.dev.scale", "x * 2", "ml.dev.grid", "cast(lat as varchar)"));
    PlannedScoring planned = Planner.plan(request.build(), SCORE, Map.of(FEATURES, table));
    assertThat(planned.plan().steps())
        .extracting(step -> step.adds().get(0))
        .containsExactly("g", "rate", "d");

    ScorebatchException e =
        catchThrowableOfType(
            ScorebatchException.class,
            () ->
                Planner.plan(
                    request(spec, keys, List.of("rate", "d"), List.of("lat")).build(),
                    SCORE,
                    Map.of(FEATURES, table)));
    assertThat(e.problems())
        .extracting(Problem::code)
        .containsOnly(ErrorCode.FUNCTION_NOT_REGISTERED);
    assertThat(e).hasMessageContaining("'ml.dev.scale'").hasMessageContaining("functions: {");
  }

  /** Takes a double and a whole number. */
  private static final class Ratio implements OnDemandFunction {
    @Override
    public Schema parameters() {
      return Schema.of(Column.of("Amount", DOUBLE), Column.of("n", LONG));
    }

    @Override
    public ColumnType result() {
      return DOUBLE;
    }

    @Override
    public @Nullable Object apply(List<@Nullable Object> arguments) {
      return null;
    }
  }

  private static PlannedScoring planRatio(Map<String, String> bindings, Column... columns) {
    FeatureSpec spec =
        spec(
            requested("id", LONG),
            new SpecColumn.Computed("r", "ml.dev.ratio", bindings, null, true, none()),
            new SpecColumn.Computed("r2", "ml.dev.ratio", bindings, null, true, none()));
    return Planner.plan(
        request(spec, keys(columns), List.of("r", "r2"), List.of("id"))
            .build()
            .withJavaFunctions(Map.of("ml.dev.ratio", new Ratio())),
        SCORE,
        Map.of());
  }

  @Test
  void bindsTheParametersOfAFunctionInJavaByName() {
    Map<String, String> bindings = Map.of("amount", "f", "n", "id");
    PlannedScoring planned =
        planRatio(bindings, Column.of("id", INT), Column.of("f", ColumnType.Primitive.FLOAT));
    assertThat(planned.plan().steps())
        .hasSize(2)
        .allSatisfy(
            step ->
                assertThat(((PlanStep.Call) step).bindings())
                    .containsExactlyInAnyOrderEntriesOf(Map.of("Amount", "f", "n", "id")));
    assertThat(planned.plan().inputs().get(1).columnType()).isEqualTo(DOUBLE);
  }

  @Test
  void tellsEveryArgumentThatDoesNotFitAFunctionInJava() {
    assertThatThrownBy(
            () ->
                planRatio(
                    Map.of("amount", "t", "m", "id"), Column.of("id", INT), Column.of("t", STRING)))
        .hasMessageContaining("Function 'ml.dev.ratio' (class " + Ratio.class.getName() + ")")
        .hasMessageContaining(
            "takes parameter 'Amount' as double, column 't' of model 'm' is string")
        .hasMessageContaining("has a parameter 'n' that nothing is bound to.")
        .hasMessageContaining("has no parameter 'm'.");
  }

  @Test
  void tellsWhichFeaturesOfALookupTheKeysBring() {
    PlannedScoring planned =
        plan(
            spec(requested("id", LONG), looked("a", "a"), looked("b", "b")),
            keys(Column.of("id", LONG), Column.of("a", DOUBLE)),
            features(Column.of("id", LONG), Column.of("a", DOUBLE), Column.of("b", DOUBLE)),
            List.of("a", "b"));
    assertThat(((Lookup) planned.plan().steps().get(0)).overridden()).containsExactly("a");
  }

  @Test
  void takesOneFeatureUnderTwoNamesAndLeavesExcludedOnesToFunctions() {
    FeatureSpec spec =
        spec(
            requested("id", LONG),
            looked("first", "a"),
            looked("second", "a"),
            new SpecColumn.Looked(
                "hidden", FEATURES, "b", List.of("id"), null, null, null, false, none()),
            new SpecColumn.Computed(
                "d", "ml.dev.scale", Map.of("x", "hidden"), DOUBLE, true, none()));
    PlannedScoring planned =
        Planner.plan(
            request(
                    spec,
                    keys(Column.of("id", LONG)),
                    List.of("first", "second", "d"),
                    List.of("id"))
                .functions(Map.of("ml.dev.scale", "x * 2"))
                .build(),
            SCORE,
            Map.of(
                FEATURES,
                features(Column.of("id", LONG), Column.of("a", DOUBLE), Column.of("b", DOUBLE))));
    assertThat(((Lookup) planned.plan().steps().get(0)).features())
        .containsExactly(
            new Lookup.Feature("a", "first"),
            new Lookup.Feature("a", "second"),
            new Lookup.Feature("b", "hidden"));
    assertThat(planned.plan().inputs())
        .extracting(InputBinding::column)
        .containsExactly("first", "second", "d");
    assertThat(planned.plan().outputSchema().names()).doesNotContain("hidden", "first");
  }

  @Test
  void explainsTheColumnOfEvidence() {
    FeatureSpec spec = spec(requested("id", LONG), looked("a", "a"));
    PlannedScoring planned =
        Planner.plan(
            request(spec, keys(Column.of("id", LONG)), List.of("a"), List.of("id"))
                .build()
                .withFeatureEvidence(true),
            SCORE,
            Map.of(FEATURES, features(Column.of("id", LONG), Column.of("a", DOUBLE))));
    Column evidence = planned.plan().outputSchema().find("feature_evidence").orElseThrow();
    assertThat(evidence.type()).isEqualTo(LONG);
    assertThat(evidence.comment())
        .contains("1 matched, 2 a NULL feature, 4 a default used, 8 too old")
        .endsWith("Look-ups: 1: main.ml.features.");
  }

  @Test
  void keepsTheLookbackToTheMicrosecond() {
    FeatureSpec spec =
        new FeatureSpec(
            List.of(
                requested("id", LONG),
                requested("ts", TIMESTAMP),
                new SpecColumn.Looked(
                    "a", FEATURES, "a", List.of("id"), "ts", null, DOUBLE, true, none())),
            Map.of(FEATURES, new FeatureTable(FEATURES, null, 86400.000001)),
            List.of(),
            11,
            null,
            null);
    PlannedScoring planned =
        plan(
            spec,
            keys(Column.of("id", LONG), Column.of("ts", TIMESTAMP)),
            features(Column.of("id", LONG), Column.of("ts", TIMESTAMP), Column.of("a", DOUBLE)),
            List.of("a"));
    assertThat(((Lookup) planned.plan().steps().get(0)).timestamp())
        .isEqualTo(new Lookup.PointInTime("ts", "ts", 86_400_000_001L));
  }

  @Test
  void pairsLookupKeysWithTheDeclaredPrimaryKeyByPosition() {
    FeatureSpec spec =
        spec(
            requested("shop", STRING),
            requested("uid", LONG),
            new SpecColumn.Looked(
                "a", FEATURES, "a", List.of("shop", "uid"), null, null, DOUBLE, true, none()));
    TableSnapshot table =
        features(
            Map.of(TableKeys.PRIMARY_KEY, "store, user_id"),
            Column.of("store", STRING),
            Column.of("user_id", LONG),
            Column.of("a", DOUBLE));
    PlannedScoring planned =
        plan(spec, keys(Column.of("shop", STRING), Column.of("uid", LONG)), table, List.of("a"));
    assertThat(((Lookup) planned.plan().steps().get(0)).keys())
        .containsExactly(new Lookup.KeyPair("shop", "store"), new Lookup.KeyPair("uid", "user_id"));
  }

  @Test
  void refusesDefaultsThatAreNoValueOfTheFeaturesType() {
    FeatureSpec spec =
        spec(
            requested("id", LONG),
            lookedOr("i", "3000000000"),
            lookedOr("d", "nan"),
            lookedOr("day", "2024-01-01"));
    assertThat(
            problems(
                spec,
                keys(Column.of("id", LONG)),
                features(
                    Column.of("id", LONG),
                    Column.of("i", INT),
                    Column.of("d", DOUBLE),
                    Column.of("day", DATE)),
                List.of("i", "d", "day")))
        .extracting(Problem::message)
        .contains(
            "SB-0502 Model 'm' has default value '3000000000' for feature 'i' of type int."
                + " It does not fit into int."
                + " Fix: log the model again with a default value of the feature's type.")
        .noneMatch(m -> m.contains("feature 'd'"))
        .anyMatch(m -> m.contains("Columns of type date take no default value."));
  }

  @Test
  void widensDecimalsAndSaysWhereDigitsAreLost() {
    PlannedScoring planned =
        plan(
            spec(requested("id", LONG), looked("p", "p"), looked("q", "q")),
            keys(Column.of("id", LONG)),
            features(
                Column.of("id", LONG),
                Column.of("p", new ColumnType.Decimal(10, 4)),
                Column.of("q", new ColumnType.Decimal(38, 10))),
            List.of("p", "q"));
    assertThat(planned.plan().inputs())
        .extracting(i -> i.conversion())
        .containsOnly(Conversion.NUMBER);
    assertThat(planned.notes())
        .containsExactly("feature 'q' is decimal(38,10): a double keeps 15 of its digits");
  }

  @Test
  void givesEachModelTypeItsColumns() {
    KeySource keys = keys(Column.of("id", LONG), Column.of("a", DOUBLE));
    FeatureSpec spec = spec(requested("id", LONG), looked("a", "a"));
    TableSnapshot table = features(Column.of("id", LONG), Column.of("a", DOUBLE));
    Labels binary = new Labels(LONG, List.of(0L, 1L));
    Labels text = new Labels(STRING, List.of("high", "low"));

    assertThat(
            names(
                request(spec, keys, List.of("a"), List.of("id")).type(ModelType.ANOMALY_DETECTION),
                table,
                ScoreColumn.number(OutputKind.DECISION_FUNCTION, "decision_function")))
        .containsExactly(
            "id bigint",
            "prediction double",
            "anomaly_score double",
            "is_anomaly int",
            "model_version int",
            "model_name string",
            "scored_at timestamp");
    assertThat(
            names(
                request(spec, keys, List.of("a"), List.of("id")).type(ModelType.CLASSIFICATION),
                table,
                ScoreColumn.number(OutputKind.PREDICT_PROBA, "0"),
                ScoreColumn.number(OutputKind.PREDICT_PROBA, "1")))
        .contains("prediction double", "probability double", "predicted_class int");
    assertThat(
            names(
                request(spec, keys, List.of("a"), List.of("id")).type(ModelType.MULTICLASS),
                table,
                ScoreColumn.label(OutputKind.PREDICT, text),
                ScoreColumn.number(OutputKind.PREDICT_PROBA, "high"),
                ScoreColumn.number(OutputKind.PREDICT_PROBA, "low")))
        .contains("prediction string", "probability double", "probabilities map<string,double>");
    assertThat(
            names(
                request(spec, keys, List.of("a"), List.of("id"))
                    .type(ModelType.REGRESSION)
                    .alias("predicted_cost"),
                table,
                ScoreColumn.number(OutputKind.PREDICT, "predict")))
        .contains("prediction double", "predicted_cost double");
    assertThat(
            names(
                request(spec, keys, List.of("a"), List.of("id")).type(ModelType.RAW),
                table,
                ScoreColumn.label(OutputKind.PREDICT, binary)))
        .contains("prediction bigint");
  }

  @Test
  void keepsManyOutputsInNumericOrder() {
    List<ScoreColumn> scores = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      scores.add(ScoreColumn.number(OutputKind.PREDICT, "" + i));
    }
    assertThat(
            names(
                request(
                        spec(requested("id", LONG), looked("a", "a")),
                        keys(Column.of("id", LONG)),
                        List.of("a"),
                        List.of("id"))
                    .type(ModelType.RAW),
                features(Column.of("id", LONG), Column.of("a", DOUBLE)),
                scores.toArray(ScoreColumn[]::new)))
        .containsSubsequence(
            "prediction_2 double",
            "prediction_9 double",
            "prediction_10 double",
            "prediction_11 double");
  }

  @Test
  void refusesAKeyNamedLikeAContractColumn() {
    FeatureSpec spec = spec(requested("prediction", LONG), looked("a", "a"));
    TableSnapshot table = features(Column.of("prediction", LONG), Column.of("a", DOUBLE));
    ScorebatchException e =
        catchThrowableOfType(
            ScorebatchException.class,
            () ->
                Planner.plan(
                    request(
                            FeatureSpecs.withKey(spec, "prediction"),
                            keys(Column.of("prediction", LONG)),
                            List.of("a"),
                            List.of("prediction"))
                        .build(),
                    SCORE,
                    Map.of(FEATURES, table)));
    assertThat(e).hasMessageContaining("would have two columns 'prediction'");
  }

  @Test
  void asksForKindsTheModelHas() {
    ModelPackage regression = model(List.of("a"), null, Optional.empty(), Task.REGRESSION);
    ScorebatchException e =
        catchThrowableOfType(
            ScorebatchException.class,
            () ->
                PredictionColumns.kinds(
                    "m", ModelType.CLASSIFICATION, Optional.empty(), regression));
    assertThat(e)
        .hasMessage(
            "SB-0306 Model 'm' (test.Model) has no predict_proba, which model_type classification"
                + " needs. It answers predict. Fix: choose the model_type that fits a regression"
                + " model, or set output_kind.");
    Labels three = new Labels(LONG, List.of(0L, 1L, 2L));
    ModelPackage multi =
        model(List.of("a"), null, Optional.of(three), Task.MULTICLASS_CLASSIFICATION);
    assertThat(
            catchThrowableOfType(
                ScorebatchException.class,
                () ->
                    PredictionColumns.kinds(
                        "m", ModelType.CLASSIFICATION, Optional.empty(), multi)))
        .hasMessageContaining("has 3 classes");
    assertThat(PredictionColumns.kinds("m", ModelType.MULTICLASS, Optional.empty(), multi))
        .containsExactly(OutputKind.PREDICT, OutputKind.PREDICT_PROBA);
  }

  @Test
  void plansManualScoringByNameWithCoercion() {
    KeySource rows =
        keys(Column.of("id", LONG), Column.of("job", STRING), Column.of("cost", STRING));
    PlanRequest request =
        request(null, rows, List.of("cost"), List.of("id"))
            .textInput("job")
            .featureColumns(List.of("job", "cost"))
            .build();
    PlannedScoring planned = Planner.planManual(request, SCORE);
    assertThat(planned.plan().inputs())
        .extracting(i -> i.input() + ":" + i.conversion())
        .containsExactly("cost:NUMBER_OR_ZERO", "job:TEXT");
  }

  @Test
  void saysHowToScoreAModelWithoutMetadata() {
    PlanRequest request =
        request(null, keys(Column.of("id", LONG)), List.of("a"), List.of("id")).build();
    assertThat(
            catchThrowableOfType(
                ScorebatchException.class, () -> Planner.plan(request, SCORE, Map.of())))
        .hasMessageContaining("carries no feature_spec.yaml")
        .hasMessageContaining("scoring: manual");
  }

  // what the tests build from

  private static final List<ScoreColumn> SCORE =
      List.of(ScoreColumn.number(OutputKind.PREDICT, "predict"));

  private static OptionalInt none() {
    return OptionalInt.empty();
  }

  private static SpecColumn.Requested requested(String name, ColumnType type) {
    return new SpecColumn.Requested(name, type, false, none());
  }

  private static SpecColumn.Looked looked(String name, String feature) {
    return new SpecColumn.Looked(
        name, FEATURES, feature, List.of("id"), null, null, null, true, none());
  }

  private static SpecColumn.Looked lookedOr(String name, String defaultValue) {
    return new SpecColumn.Looked(
        name, FEATURES, name, List.of("id"), null, defaultValue, null, true, none());
  }

  private static FeatureSpec spec(SpecColumn... columns) {
    return new FeatureSpec(
        List.of(columns),
        Map.of(FEATURES, new FeatureTable(FEATURES, null, null)),
        List.of(),
        11,
        null,
        null);
  }

  private static final class FeatureSpecs {
    static FeatureSpec withKey(FeatureSpec spec, String key) {
      List<SpecColumn> columns = new ArrayList<>();
      for (SpecColumn column : spec.columns()) {
        columns.add(
            column instanceof SpecColumn.Looked looked
                ? new SpecColumn.Looked(
                    looked.name(),
                    looked.table(),
                    looked.feature(),
                    List.of(key),
                    null,
                    null,
                    null,
                    true,
                    none())
                : column);
      }
      return new FeatureSpec(columns, spec.tables(), List.of(), 11, null, null);
    }
  }

  private static KeySource keys(Column... columns) {
    return new KeySource.Query("SELECT", List.of(columns));
  }

  private static TableSnapshot features(Column... columns) {
    return features(Map.of(), columns);
  }

  private static TableSnapshot features(Map<String, String> properties, Column... columns) {
    List<StoredColumn> stored = new ArrayList<>();
    for (Column column : columns) {
      stored.add(new StoredColumn(column, column.name(), OptionalInt.empty()));
    }
    return new TableSnapshot(
        new TableName("main", "ml", "features"),
        "/lake/main/ml/features",
        "id-1",
        3,
        stored,
        List.of(),
        properties,
        null,
        List.of());
  }

  private static PlannedScoring plan(
      FeatureSpec spec, KeySource keys, TableSnapshot table, List<String> inputs) {
    return Planner.plan(
        request(spec, keys, inputs, List.of(keys.columns().get(0).name())).build(),
        SCORE,
        Map.of(FEATURES, table));
  }

  private static List<Problem> problems(
      FeatureSpec spec, KeySource keys, TableSnapshot table, List<String> inputs) {
    return catchThrowableOfType(ScorebatchException.class, () -> plan(spec, keys, table, inputs))
        .problems();
  }

  private static List<String> names(Request request, TableSnapshot table, ScoreColumn... scores) {
    return Planner.plan(request.build(), List.of(scores), Map.of(FEATURES, table))
        .plan()
        .outputSchema()
        .columns()
        .stream()
        .map(c -> c.name() + " " + c.type().sparkName())
        .toList();
  }

  private static ModelPackage model(
      List<String> inputs, @Nullable FeatureSpec spec, Optional<Labels> labels, Task task) {
    return model(inputs, spec, labels, task, Optional.empty());
  }

  private static ModelPackage model(
      List<String> inputs,
      @Nullable FeatureSpec spec,
      Optional<Labels> labels,
      Task task,
      Optional<Signature> signature) {
    List<ModelInput> columns = new ArrayList<>();
    inputs.forEach(
        name ->
            columns.add(
                name.startsWith("text:")
                    ? ModelInput.text(name.substring(5))
                    : ModelInput.number(name)));
    Set<OutputKind> kinds =
        labels.isPresent()
            ? EnumSet.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA)
            : EnumSet.of(OutputKind.PREDICT);
    LoggedModel logged =
        new LoggedModel(Path.of("m"), null, null, Map.of(), signature, null, null, null);
    return new ModelPackage(
        logged,
        logged,
        Optional.ofNullable(spec),
        new Model(
            new ModelOrigin("test", "1", "test.Model", "none"),
            task,
            columns,
            true,
            labels,
            kinds,
            new ForeignModel("none", Path.of("m"), Map.of())),
        Optional.of(OutputKind.PREDICT),
        List.of(),
        "digest",
        1);
  }

  private static Request request(
      @Nullable FeatureSpec spec, KeySource keys, List<String> inputs, List<String> keyColumns) {
    return new Request(spec, keys, inputs, keyColumns);
  }

  private static final class Request {
    private final @Nullable FeatureSpec spec;
    private final KeySource keys;
    private final List<String> inputs;
    private final List<String> keyColumns;
    private ModelType type = ModelType.REGRESSION;
    private Optional<String> alias = Optional.empty();
    private Map<String, String> functions = Map.of();
    private List<String> featureColumns = List.of();
    private Optional<Signature> signature = Optional.empty();

    Request(
        @Nullable FeatureSpec spec, KeySource keys, List<String> inputs, List<String> keyColumns) {
      this.spec = spec;
      this.keys = keys;
      this.inputs = new ArrayList<>(inputs);
      this.keyColumns = keyColumns;
    }

    Request type(ModelType value) {
      type = value;
      return this;
    }

    Request alias(String value) {
      alias = Optional.of(value);
      return this;
    }

    Request functions(Map<String, String> value) {
      functions = value;
      return this;
    }

    Request featureColumns(List<String> value) {
      featureColumns = value;
      return this;
    }

    /** Inputs of the signature: name to type and whether it is required. */
    Request signature(Signature.Field... fields) {
      signature = Optional.of(new Signature(List.of(fields), List.of(), List.of()));
      return this;
    }

    Request textInput(String name) {
      inputs.add("text:" + name);
      return this;
    }

    PlanRequest build() {
      return new PlanRequest(
          "m",
          OptionalInt.of(3),
          model(inputs, spec, Optional.empty(), Task.REGRESSION, signature),
          new TableName("main", "ml", "out"),
          keys,
          keyColumns,
          List.of(),
          featureColumns,
          type,
          Optional.empty(),
          alias,
          0.5,
          DuplicateKeys.FAIL,
          functions,
          Instant.EPOCH);
    }
  }
}
