package io.scorebatch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.scorebatch.api.engine.SqlEngine;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.table.AsOf;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.pipeline.config.FeatureFunction;
import io.scorebatch.pipeline.config.FeatureLookup;
import io.scorebatch.pipeline.config.FeatureSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows with labels, features joined as they were at each row's moment. */
class TrainingSetTest {
  private static final FeatureLookup ACTIVITY =
      FeatureLookup.pointInTime("main.ml.activity", List.of("user_id"), "asked_at");
  private static final String LABELS =
      """
      user_id,asked_at,amount,churned
      7,2024-01-03T00:00:00Z,1.5,1
      7,2024-01-03T00:00:00Z,1.5,1
      7,2024-01-01T12:00:00Z,2.5,0
      8,2024-01-09T00:00:00Z,,0
      9,2024-01-09T00:00:00Z,4.5,1
      """;

  @TempDir private Path folder = Path.of("");
  private @Nullable FeatureEngineeringClient open;

  @BeforeEach
  void writeTables() throws IOException {
    Files.createDirectories(folder.resolve("tables"));
    open =
        FeatureEngineeringClient.connect(
            Connections.fromEnvironment()
                .withoutStores()
                .withTables(folder.resolve("tables").toString())
                .withFolder(folder));
    client()
        .createTable(
            new TableDefinition(
                "main.ml.activity",
                List.of("user_id", "ts"),
                "ts",
                "Activity.",
                Map.of("visits", "Visits so far.")),
            "SELECT * FROM (VALUES"
                + " (7::BIGINT, TIMESTAMPTZ '2024-01-01 00:00:00+00', 10::INT, 'a'),"
                + " (7, TIMESTAMPTZ '2024-01-02 00:00:00+00', 20, NULL),"
                + " (7, TIMESTAMPTZ '2024-01-04 00:00:00+00', 40, 'c'),"
                + " (8, TIMESTAMPTZ '2024-01-01 00:00:00+00', 5, 'd'))"
                + " AS t(user_id, ts, visits, tier)");
    Files.writeString(folder.resolve("labels.csv"), LABELS);
  }

  @AfterEach
  void close() {
    client().close();
  }

  private FeatureEngineeringClient client() {
    FeatureEngineeringClient client = open;
    if (client == null) {
      throw new IllegalStateException("not connected");
    }
    return client;
  }

  private static final class Collected implements SqlEngine.Rows {
    private List<Column> columns = List.of();
    private final List<String> rows = new ArrayList<>();

    @Override
    public void columns(List<Column> found) {
      columns = found;
    }

    @Override
    public void row(List<@Nullable Object> values) {
      rows.add(values.stream().map(String::valueOf).collect(Collectors.joining(" ")));
    }

    List<String> sorted() {
      return rows.stream().sorted().toList();
    }
  }

  private TrainingSet of(FeatureSet features) {
    return client().createTrainingSet(Keys.file(folder.resolve("labels.csv")), features);
  }

  private Collected collect(TrainingSet set) {
    Collected collected = new Collected();
    set.forEachRow(collected);
    return collected;
  }

  @Test
  void everyRowGetsTheFeaturesOfItsMomentAndKeepsItsLabelLast() {
    Collected found = collect(of(FeatureSet.of(ACTIVITY).withLabels(List.of("churned"))));
    assertThat(found.columns.stream().map(c -> c.name() + " " + c.type()))
        .containsExactly(
            "user_id bigint",
            "asked_at timestamp",
            "amount double",
            "visits int",
            "tier string",
            "churned bigint");
    assertThat(found.sorted())
        .containsExactly(
            "7 2024-01-01T12:00:00Z 2.5 10 a 0",
            "7 2024-01-03T00:00:00Z 1.5 20 null 1",
            "7 2024-01-03T00:00:00Z 1.5 20 null 1",
            "8 2024-01-09T00:00:00Z null 5 d 0",
            "9 2024-01-09T00:00:00Z 4.5 null null 1");
  }

  /** Field report 89. */
  @Test
  void whatWasWrittenAfterAMomentIsNotKnownAsOfIt() {
    client()
        .createTable(
            new TableDefinition("main.ml.activity", List.of("user_id", "ts"), "ts", "x", Map.of()),
            "SELECT * FROM main.ml.activity UNION ALL SELECT 7,"
                + " TIMESTAMPTZ '2024-01-02 18:00:00+00', 25, 'late'");
    TrainingSet set = of(FeatureSet.of(ACTIVITY).withLabels(List.of("churned")));
    assertThat(collect(set).sorted()).contains("7 2024-01-03T00:00:00Z 1.5 25 late 1");
    Collected before = new Collected();
    TrainingSet.Joined joined = set.asOf(new AsOf.Version(0)).forEachRow(before);
    assertThat(before.sorted()).contains("7 2024-01-03T00:00:00Z 1.5 20 null 1");
    assertThat(joined.tablesRead()).containsExactly(Map.entry("main.ml.activity", 0L));
  }

  @Test
  void defaultsStandForWhatIsMissingStaleOrNull() {
    FeatureSet set =
        FeatureSet.of(
                ACTIVITY
                    .lookback(Duration.ofDays(7))
                    .rename(Map.of("visits", "recent"))
                    .defaults(Map.of("recent", "-1", "tier", "none")))
            .withLabels(List.of("churned"))
            .withExclude(List.of("user_id", "asked_at", "amount"));
    Collected found = collect(of(set));
    assertThat(found.columns).extracting(Column::name).containsExactly("recent", "tier", "churned");
    assertThat(found.sorted())
        .containsExactly("-1 none 0", "-1 none 1", "10 a 0", "20 none 1", "20 none 1");
  }

  @Test
  void functionsAreComputedBeforeDefaults() {
    FeatureSet set =
        new FeatureSet(
            List.of(ACTIVITY.features(List.of("visits")).defaults(Map.of("visits", "0"))),
            List.of(
                new FeatureFunction(
                    "main.ml.PerVisit",
                    Map.of("amount", "amount", "visits", "visits"),
                    "per_visit",
                    Primitive.DOUBLE)),
            Map.of(),
            List.of("churned"),
            List.of("asked_at", "amount"));
    Collected found = collect(of(set).functions(Map.of("main.ml.PerVisit", "amount / visits")));
    assertThat(found.sorted()).contains("7 10 0.25 0", "9 0 null 1");
    ScorebatchException failure =
        catchThrowableOfType(ScorebatchException.class, () -> collect(of(set)));
    assertThat(failure.problem().code()).isEqualTo(ErrorCode.FUNCTION_NOT_REGISTERED);
  }

  @Test
  void aTableOrParquetFileHoldsTheSameRows() throws IOException {
    FeatureSet set = FeatureSet.of(ACTIVITY).withLabels(List.of("churned"));
    List<String> rows = collect(of(set)).sorted();
    TrainingSet.Joined joined = of(set).saveAsTable("main.ml.training");
    assertThat(joined.rows()).isEqualTo(5);
    assertThat(joined.tablesRead()).containsEntry("main.ml.activity", 0L);
    Collected table = new Collected();
    client().sql("SELECT * FROM main.ml.training", table);
    assertThat(table.sorted()).isEqualTo(rows);
    Path file = folder.resolve("training.parquet");
    Files.writeString(file, "an older one");
    of(set).saveAsFile(file);
    Collected again = new Collected();
    client()
        .createTrainingSet(
            Keys.file(file),
            new FeatureSet(List.of(), List.of(), Map.of(), List.of("churned"), List.of()))
        .forEachRow(again);
    assertThat(again.sorted()).isEqualTo(rows);
    try (var left = Files.list(folder)) {
      assertThat(left.map(p -> p.getFileName().toString()))
          .containsExactlyInAnyOrder("tables", "labels.csv", "training.parquet");
    }
  }

  @Test
  void rowsOfATableAreTakenAsOftenAsTheyStandThere() {
    client()
        .createTable(
            new TableDefinition("main.ml.labels", List.of(), null, "Labels.", Map.of()),
            "SELECT 7::BIGINT AS user_id, TIMESTAMPTZ '2024-01-03 00:00:00+00' AS asked_at, 1 AS y"
                + " FROM range(3)");
    Collected found = new Collected();
    client()
        .createTrainingSet(
            Keys.table("main.ml.labels"),
            FeatureSet.of(ACTIVITY.features(List.of("visits"))).withLabels(List.of("y")))
        .forEachRow(found);
    assertThat(found.rows).hasSize(3).containsOnly("7 2024-01-03T00:00:00Z 20 1");
  }

  @Test
  void tellsEverythingThatIsWrongBeforeAnythingIsRead() {
    FeatureSet wrong =
        new FeatureSet(
            List.of(
                ACTIVITY.features(List.of("visit")),
                FeatureLookup.of("main.ml.absent", List.of("user_id")),
                FeatureLookup.pointInTime("main.ml.activity", List.of("user"), "asked_at")
                    .features(List.of("tier"))),
            List.of(),
            Map.of(),
            List.of("churnd"),
            List.of("churnd"));
    ScorebatchException failure =
        catchThrowableOfType(ScorebatchException.class, () -> collect(of(wrong)));
    assertThat(failure.problems().stream().map(p -> p.message()))
        .anySatisfy(m -> assertThat(m).contains("main.ml.absent"))
        .anySatisfy(m -> assertThat(m).contains("has no column 'visit'", "did you mean 'visits'?"))
        .anySatisfy(m -> assertThat(m).contains("have no label 'churnd'"))
        .anySatisfy(m -> assertThat(m).contains("'churnd'", "is excluded too"))
        .anySatisfy(m -> assertThat(m).contains("lack 'user'", "names are compared exactly"));
  }

  @Test
  void rowsThatMatchNothingAtAllAreRefusedAndTheTableStaysAsItWas() throws IOException {
    FeatureSet set = FeatureSet.of(ACTIVITY).withLabels(List.of("churned"));
    of(set).saveAsTable("main.ml.training");
    Files.writeString(
        folder.resolve("labels.csv"), "user_id,asked_at,churned\n99,2024-01-03T00:00:00Z,1\n");
    ScorebatchException failure =
        catchThrowableOfType(
            ScorebatchException.class, () -> of(set).saveAsTable("main.ml.training"));
    assertThat(failure)
        .hasMessageContaining(
            "None of 1 rows of training set 'training' is in table main.ml.activity");
    Collected table = new Collected();
    client().sql("SELECT count(*) FROM main.ml.training", table);
    assertThat(table.rows).containsExactly("5");
  }

  @Test
  void keysThatATableHoldsTwiceAreRefusedUnlessARuleIsGiven() {
    client()
        .createTable(
            new TableDefinition("main.ml.plans", List.of(), null, "Plans.", Map.of()),
            "SELECT * FROM (VALUES (7::BIGINT, 'x'), (7, 'y'), (8, 'z')) AS t(user_id, plan)");
    FeatureSet set =
        FeatureSet.of(FeatureLookup.of("main.ml.plans", List.of("user_id")))
            .withLabels(List.of("churned"));
    assertThat(catchThrowableOfType(ScorebatchException.class, () -> collect(of(set))).problem())
        .satisfies(p -> assertThat(p.code()).isEqualTo(ErrorCode.DUPLICATE_KEY));
    assertThat(collect(of(set).onDuplicateKey(DuplicateKeys.MULTIPLY)).rows).hasSize(8);
  }
}
