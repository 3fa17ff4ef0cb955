package io.scorebatch.pipeline.plan;

import static io.scorebatch.api.type.ColumnType.Primitive.DATE;
import static io.scorebatch.api.type.ColumnType.Primitive.DOUBLE;
import static io.scorebatch.api.type.ColumnType.Primitive.INT;
import static io.scorebatch.api.type.ColumnType.Primitive.LONG;
import static io.scorebatch.api.type.ColumnType.Primitive.STRING;
import static io.scorebatch.api.type.ColumnType.Primitive.TIMESTAMP;
import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.Problems;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.spec.FeatureSpec;
import io.scorebatch.api.spec.FeatureTable;
import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.api.table.StoredColumn;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.pipeline.config.FeatureFunction;
import io.scorebatch.pipeline.config.FeatureLookup;
import io.scorebatch.pipeline.config.FeatureSet;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class SpecBuilderTest {
  private static final TableSnapshot USERS =
      table(
          "users",
          Map.of(TableKeys.PRIMARY_KEY, "user_id"),
          Column.of("user_id", LONG),
          Column.of("age", INT),
          Column.of("city", STRING),
          Column.of("spend", DOUBLE),
          Column.of("region_id", INT));
  private static final TableSnapshot REGIONS =
      table(
          "regions",
          Map.of(TableKeys.PRIMARY_KEY, "region_id"),
          Column.of("region_id", INT),
          Column.of("income", DOUBLE),
          Column.of("age", DOUBLE));
  private static final TableSnapshot BALANCES =
      table(
          "balances",
          Map.of(TableKeys.PRIMARY_KEY, "user_id", TableKeys.TIMESTAMP_KEY, "ts"),
          Column.of("user_id", LONG),
          Column.of("ts", TIMESTAMP),
          Column.of("balance", DOUBLE));

  private final Problems problems = new Problems();
  private List<String> notes = List.of();

  private static TableSnapshot table(
      String name, Map<String, String> properties, Column... columns) {
    return new TableSnapshot(
        new TableName("main", "ml", name),
        "/nowhere",
        "id-of-" + name,
        3,
        Arrays.stream(columns)
            .map(c -> new StoredColumn(c, c.name(), OptionalInt.empty()))
            .toList(),
        List.of(),
        properties,
        null,
        List.of());
  }

  private FeatureSpec build(FeatureSet features, String... inputs) {
    return build(features, Arrays.stream(inputs).map(ModelInput::number).toList(), true);
  }

  private FeatureSpec build(FeatureSet features, List<ModelInput> inputs, boolean namesKnown) {
    return build(features, Optional.of(inputs), namesKnown);
  }

  private FeatureSpec build(
      FeatureSet features, Optional<List<ModelInput>> inputs, boolean namesKnown) {
    Map<String, TableSnapshot> tables = new LinkedHashMap<>();
    for (TableSnapshot table : List.of(USERS, REGIONS, BALANCES)) {
      tables.put(table.name().toString(), table);
    }
    SpecBuilder.Built built =
        SpecBuilder.build(
            new SpecRequest("churn", features, inputs, namesKnown, Map.of(), tables, "test-1"),
            problems);
    notes = built.notes();
    return built.spec();
  }

  private static FeatureLookup users(String... features) {
    return FeatureLookup.of("main.ml.users", List.of("user_id")).features(List.of(features));
  }

  private static List<String> text(FeatureSpec spec) {
    return spec.columns().stream()
        .map(
            c ->
                c.name()
                    + " "
                    + c.dataType()
                    + (c.include() ? "" : " hidden")
                    + " "
                    + c.topologicalOrdering().orElseThrow())
        .toList();
  }

  @Test
  void takesTheModelsInputsInItsOrderAndTheKeysUnseen() {
    FeatureSpec spec = build(FeatureSet.of(users()), "spend", "age");
    assertThat(problems.found()).isEmpty();
    assertThat(text(spec))
        .containsExactly("user_id bigint hidden 0", "spend double 2", "age int 1");
    assertThat(spec.tables())
        .isEqualTo(Map.of("main.ml.users", new FeatureTable("main.ml.users", "id-of-users", null)));
    assertThat(spec.clientVersion()).isEqualTo("test-1");
    assertThat(spec.serializationVersion()).isEqualTo(9);
    assertThat(notes).isEmpty();
  }

  @Test
  void aKeyThatIsAnInputIsSeen() {
    FeatureSpec spec = build(FeatureSet.of(users("age")), "age", "user_id");
    assertThat(problems.found()).isEmpty();
    assertThat(text(spec)).containsExactly("age int 1", "user_id bigint 0");
  }

  @Test
  void namedFeaturesTheModelDoesNotTakeAreLeftOutWithANote() {
    FeatureSpec spec = build(FeatureSet.of(users("age", "spend")), "age");
    assertThat(text(spec)).containsExactly("user_id bigint hidden 0", "age int 1");
    assertThat(notes).containsExactly("left out, as the model does not take them: spend");
  }

  @Test
  void aKeyThatAnotherLookupGivesIsNotAskedOfTheCaller() {
    FeatureSet chained =
        FeatureSet.of(users(), FeatureLookup.of("main.ml.regions", List.of("region_id")));
    FeatureSpec spec = build(chained, "income", "spend");
    assertThat(problems.found()).isEmpty();
    assertThat(text(spec))
        .containsExactly(
            "user_id bigint hidden 0",
            "income double 3",
            "spend double 2",
            "region_id int hidden 1");
  }

  @Test
  void unlessTheRequestNamesIt() {
    FeatureSet requested =
        new FeatureSet(
            List.of(users(), FeatureLookup.of("main.ml.regions", List.of("region_id"))),
            List.of(),
            Map.of("region_id", Optional.empty()),
            List.of(),
            List.of());
    assertThat(text(build(requested, "income", "spend")))
        .contains("region_id int hidden 0", "user_id bigint hidden 1");
    assertThat(problems.found()).isEmpty();
  }

  @Test
  void timeSeriesTakeTheirTimeKeyAndLookback() {
    FeatureLookup balances =
        FeatureLookup.pointInTime("main.ml.balances", List.of("user_id"), "asked_at")
            .lookback(Duration.ofHours(36));
    FeatureSpec spec = build(FeatureSet.of(balances), "balance");
    assertThat(problems.found()).isEmpty();
    assertThat(text(spec))
        .containsExactly(
            "user_id bigint hidden 1", "asked_at timestamp hidden 0", "balance double 2");
    assertThat(spec.tables().get("main.ml.balances"))
        .isEqualTo(new FeatureTable("main.ml.balances", "id-of-balances", 129600.0));
  }

  @Test
  void functionsBringTheirArguments() {
    FeatureSet set =
        new FeatureSet(
            List.of(users()),
            List.of(
                new FeatureFunction(
                    "main.ml.Ratio", Map.of("a", "spend", "b", "amount"), "ratio", DOUBLE)),
            Map.of("amount", Optional.of((ColumnType) DOUBLE)),
            List.of(),
            List.of());
    FeatureSpec spec = build(set, "ratio");
    assertThat(problems.found()).isEmpty();
    assertThat(text(spec))
        .containsExactly(
            "amount double hidden 0",
            "user_id bigint hidden 1",
            "ratio double 3",
            "spend double hidden 2");
    assertThat(spec.functions()).containsExactly("main.ml.ratio");
  }

  @Test
  void inputsWithoutNamesAreTakenInTheOrderListed() {
    List<ModelInput> two = List.of(ModelInput.number("f0"), ModelInput.number("f1"));
    assertThat(text(build(FeatureSet.of(users("spend", "age")), two, false)))
        .containsExactly("user_id bigint hidden 0", "spend double 2", "age int 1");
    assertThat(problems.found()).isEmpty();
    build(FeatureSet.of(users("spend", "age", "region_id")), two, false);
    assertThat(problems.found())
        .singleElement()
        .satisfies(
            p ->
                assertThat(p.message())
                    .contains(
                        "takes 2 inputs, the look-ups give 3: 'spend', 'age', 'region_id'",
                        "taken in the order they are listed"));
  }

  @Test
  void tellsEverythingThatIsWrongAtOnce() {
    FeatureSet wrong =
        new FeatureSet(
            List.of(
                users("agee", "city")
                    .rename(Map.of("spent", "x"))
                    .defaults(Map.of("city", "unknown", "town", "x")),
                FeatureLookup.of("main.ml.regions", List.of("user_id", "region_id"))),
            List.of(),
            Map.of(),
            List.of("label"),
            List.of());
    build(wrong, "city", "incme", "label");
    assertThat(problems.found().stream().map(Problem::message))
        .anySatisfy(
            m ->
                assertThat(m).contains("main.ml.users has no column 'agee'", "did you mean 'age'?"))
        .anySatisfy(m -> assertThat(m).contains("rename_outputs", "'spent'"))
        .anySatisfy(m -> assertThat(m).contains("default_values", "'town'"))
        .anySatisfy(
            m ->
                assertThat(m)
                    .contains(
                        "called with 'incme', 'label', which nobody gives",
                        "did you mean 'income'?"))
        .anySatisfy(m -> assertThat(m).contains("A label or excluded column is no input."))
        .anySatisfy(m -> assertThat(m).contains("reads 'city' as a number, its column is string"));
  }

  @Test
  void anInputFromTwoPlacesIsRefusedAndAnUnwantedOneIsNot() {
    FeatureSet both =
        FeatureSet.of(users(), FeatureLookup.of("main.ml.regions", List.of("region_id")));
    build(both, "income", "age");
    assertThat(problems.found())
        .singleElement()
        .satisfies(
            p -> {
              assertThat(p.code()).isEqualTo(ErrorCode.COLUMN_AMBIGUOUS);
              assertThat(p.message())
                  .contains("'age' of model 'churn' is given by table main.ml.users and by table");
            });
  }

  @Test
  void keysThatCannotMatchAreRefusedBeforeAnythingIsWritten() {
    FeatureSet wrong =
        new FeatureSet(
            List.of(
                users("age"),
                FeatureLookup.of("main.ml.balances", List.of("user_id")),
                FeatureLookup.of("main.ml.regions", List.of("user_id", "x"))),
            List.of(),
            Map.of("user_id", Optional.of((ColumnType) DATE)),
            List.of(),
            List.of());
    build(wrong, "age", "balance", "income");
    assertThat(problems.found().stream().map(Problem::message))
        .anySatisfy(m -> assertThat(m).contains("Key 'user_id' is date", "is bigint"))
        .anySatisfy(m -> assertThat(m).contains("is a time series by 'ts'"))
        .anySatisfy(m -> assertThat(m).contains("The numbers of keys differ."));
  }

  @Test
  void defaultsOfAnotherTypeAreRefused() {
    build(FeatureSet.of(users("age").defaults(Map.of("age", "1.5"))), "age");
    assertThat(problems.found())
        .singleElement()
        .satisfies(p -> assertThat(p.message()).contains("'1.5'", "'age' of type int"));
  }

  @Test
  void aCircleOfKeysIsRefused() {
    FeatureSet circle =
        new FeatureSet(
            List.of(
                FeatureLookup.of("main.ml.users", List.of("income")).features(List.of("spend")),
                FeatureLookup.of("main.ml.regions", List.of("spend")).features(List.of("income"))),
            List.of(),
            Map.of(),
            List.of(),
            List.of());
    build(circle, "income");
    assertThat(problems.found())
        .singleElement()
        .satisfies(p -> assertThat(p.message()).contains("'income', 'spend'", "wait for each"));
  }

  @Test
  void oneTableHasOneLookback() {
    FeatureLookup balances =
        FeatureLookup.pointInTime("main.ml.balances", List.of("user_id"), "asked_at");
    build(
        FeatureSet.of(
            balances.features(List.of("balance")).lookback(Duration.ofDays(1)),
            balances.features(List.of("balance")).rename(Map.of("balance", "other"))),
        "balance",
        "other");
    assertThat(problems.found())
        .singleElement()
        .satisfies(p -> assertThat(p.message()).contains("different look-backs"));
  }

  @Test
  void withoutAModelEverythingIsTakenButLabelsAndWhatIsExcluded() {
    FeatureSet training =
        new FeatureSet(
            List.of(users()),
            List.of(),
            Map.of("user_id", Optional.of((ColumnType) LONG), "spend", Optional.empty()),
            List.of("region_id"),
            List.of("user_id", "city"));
    FeatureSpec spec = build(training, Optional.empty(), true);
    assertThat(problems.found()).isEmpty();
    assertThat(spec.columns().stream().map(c -> c.name() + (c.include() ? "" : " hidden")))
        .containsExactlyInAnyOrder("user_id hidden", "spend", "age");
    assertThat(notes)
        .containsExactly("column 'spend' of table main.ml.users is left out: the rows bring it");
    assertThat(spec.find("spend").orElseThrow()).isInstanceOf(SpecColumn.Requested.class);
  }
}
