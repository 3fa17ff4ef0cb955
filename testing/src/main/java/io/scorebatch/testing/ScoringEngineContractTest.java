package io.scorebatch.testing;

import static io.scorebatch.api.type.ColumnType.Primitive.BOOLEAN;
import static io.scorebatch.api.type.ColumnType.Primitive.DATE;
import static io.scorebatch.api.type.ColumnType.Primitive.DOUBLE;
import static io.scorebatch.api.type.ColumnType.Primitive.FLOAT;
import static io.scorebatch.api.type.ColumnType.Primitive.INT;
import static io.scorebatch.api.type.ColumnType.Primitive.LONG;
import static io.scorebatch.api.type.ColumnType.Primitive.SHORT;
import static io.scorebatch.api.type.ColumnType.Primitive.STRING;
import static io.scorebatch.api.type.ColumnType.Primitive.TIMESTAMP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.ScoreStatistics.LookupStatistics;
import io.scorebatch.api.engine.StagedScores;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.plan.InputBinding.Conversion;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.PlanStep.Compute;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.plan.PlanStep.Lookup;
import io.scorebatch.api.plan.PlanStep.Lookup.Feature;
import io.scorebatch.api.plan.PlanStep.Lookup.KeyPair;
import io.scorebatch.api.plan.PlanStep.Lookup.PointInTime;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.ColumnStatistics;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every engine must do with a plan. Look-up rules are those of score_batch with native joins,
 * where a look-back counts in microseconds and its edge belongs to it.
 */
public abstract class ScoringEngineContractTest extends EngineContract {
  private static final long DAY_MICROS = 86_400_000_000L;

  private static Instant at(String text) {
    return Instant.parse(text + "Z");
  }

  // The cases of fixtures/lookups

  private static final Map<String, String> CHOSEN =
      Map.of("pit_left_null_ts", "native", "pit_date_keys", "native");

  private TableSnapshot table(String name, LookupCase.Frame frame) {
    TestTable table = table(name);
    frame.columns().forEach(column -> table.column(column.name(), column.type()));
    return table.file(Map.of(), frame.rows()).snapshot();
  }

  static List<LookupCase> lookupCases() {
    return LookupCase.all();
  }

  @ParameterizedTest
  @MethodSource("lookupCases")
  void lookupCasesGiveTheirRows(LookupCase asked) {
    TableSnapshot requests = table("requests", asked.requests());
    List<String> ways = List.of("left", "tempo", "native", "fillna");
    String way =
        CHOSEN.getOrDefault(
            asked.name(), ways.stream().filter(asked.answers()::containsKey).findFirst().get());
    LookupCase.Frame right = java.util.Objects.requireNonNull(asked.answers().get(way));
    boolean refusedDefault = asked.name().equals("defaults_overflow_ansi_false");
    for (DuplicateKeys duplicates : List.of(DuplicateKeys.FAIL, DuplicateKeys.MULTIPLY)) {
      TestPlan plan = TestPlan.overRows(requests, asked.requests().names().get(0));
      if (!asked.keys().isEmpty()) {
        List<String> keys = new ArrayList<>(asked.keys());
        keys.removeAll(asked.moments());
        PointInTime moment =
            asked.moments().isEmpty() ? null : new PointInTime("ts", "ts", asked.lookbackMicros());
        plan.lookup(
            table("features", asked.table()),
            keys,
            duplicates,
            moment,
            asked.features().toArray(String[]::new));
      }
      asked
          .defaults()
          .forEach((column, value) -> plan.input(column, column, conversion(column), value));
      plan.take(right.names().toArray(String[]::new));
      boolean multiplies = right.rows().size() > asked.requests().rows().size();
      if (multiplies && duplicates == DuplicateKeys.FAIL) {
        assertFails(plan.build(), FakeScorer.weightedSum(), ErrorCode.DUPLICATE_KEY, "features");
      } else if (refusedDefault) {
        assertFails(
            plan.build(), FakeScorer.weightedSum(), ErrorCode.DEFAULT_VALUE_INVALID, "3000000000");
      } else {
        Scored scored = join(plan);
        assertThat(scored.columns()).isEqualTo(right.names());
        assertThat(scored.rows()).containsExactlyInAnyOrderElementsOf(right.rows());
      }
    }
  }

  private static Conversion conversion(String column) {
    return column.equals("s") ? Conversion.TEXT : Conversion.NUMBER;
  }

  // Plain look-ups

  private TableSnapshot requests() {
    return table("requests")
        .column("id", LONG)
        .column("x", INT)
        .file(row(1L, 1), row(1L, 4), row(2L, 2), row(9L, 3))
        .snapshot();
  }

  @Test
  void plainLookupGivesEachRequestItsFeaturesOrNull() {
    TableSnapshot features =
        table("features")
            .column("id", LONG)
            .column("v", DOUBLE)
            .file(row(1L, 0.1), row(2L, null))
            .snapshot();
    Scored scored =
        join(
            TestPlan.overRows(requests(), "id")
                .lookup(features, List.of("id"), "v")
                .take("id", "x", "v"));
    assertThat(scored.columns()).containsExactly("id", "x", "v");
    assertThat(scored.rows())
        .containsExactlyInAnyOrder(
            row(1L, 1, 0.1), row(1L, 4, 0.1), row(2L, 2, null), row(9L, 3, null));
    assertThat(scored.statistics().keys()).isEqualTo(4);
    assertThat(scored.statistics().rows()).isEqualTo(4);
    assertThat(counts(scored)).containsExactly(new LookupStatistics("main.ml.features", 1, 3, 1));
  }

  private TableSnapshot featuresWithDuplicate() {
    return table("features")
        .column("id", LONG)
        .column("v", DOUBLE)
        .file(row(1L, 0.1), row(2L, 0.3))
        .file(row(1L, 0.2))
        .snapshot();
  }

  private TestPlan duplicates(DuplicateKeys duplicates) {
    TableSnapshot requests =
        table("requests")
            .column("id", LONG)
            .column("x", INT)
            .file(row(1L, 1), row(2L, 2))
            .snapshot();
    return TestPlan.overRows(requests, "id")
        .lookup(featuresWithDuplicate(), List.of("id"), duplicates, null, "v")
        .take("id", "x", "v");
  }

  @Test
  void duplicateKeysInAFeatureTableAreRefused() {
    assertFails(
        duplicates(DuplicateKeys.FAIL).build(),
        FakeScorer.weightedSum(),
        ErrorCode.DUPLICATE_KEY,
        "Table main.ml.features (version 1) holds 1 key more than once, such as id = 1 in 2 rows.");
  }

  @Test
  void duplicateKeysMayMultiplyRows() {
    Scored scored = join(duplicates(DuplicateKeys.MULTIPLY));
    assertThat(scored.rows())
        .containsExactlyInAnyOrder(row(1L, 1, 0.1), row(1L, 1, 0.2), row(2L, 2, 0.3));
    assertThat(scored.statistics().keys()).isEqualTo(2);
    assertThat(scored.statistics().rows()).isEqualTo(3);
  }

  @Test
  void theLatestOfDuplicateKeysStandsLastInTheTable() {
    assertThat(join(duplicates(DuplicateKeys.LATEST)).rows())
        .containsExactlyInAnyOrder(row(1L, 1, 0.2), row(2L, 2, 0.3));
  }

  @Test
  void nullMatchesNothingEvenInOneOfSeveralKeys() {
    TableSnapshot requests =
        table("requests")
            .column("a", LONG)
            .column("b", STRING)
            .column("x", INT)
            .file(row(1L, "p", 1), row(1L, null, 2))
            .snapshot();
    TableSnapshot features =
        table("features")
            .column("a", LONG)
            .column("b", STRING)
            .column("v", DOUBLE)
            .file(row(1L, "p", 0.1), row(1L, null, 0.2))
            .snapshot();
    Scored scored =
        join(
            TestPlan.overRows(requests, "a", "b")
                .lookup(features, List.of("a", "b"), "v")
                .take("a", "b", "x", "v"));
    assertThat(scored.rows())
        .containsExactlyInAnyOrder(row(1L, "p", 1, 0.1), row(1L, null, 2, null));
  }

  @Test
  void floatKeysMatchByValue() {
    TableSnapshot requests =
        table("requests")
            .column("k", DOUBLE)
            .column("x", INT)
            .file(row(Double.NaN, 2), row(0.0, 1))
            .snapshot();
    TableSnapshot features =
        table("features")
            .column("k", DOUBLE)
            .column("v", DOUBLE)
            .file(row(Double.NaN, 0.2), row(-0.0, 0.1))
            .snapshot();
    Scored scored =
        join(TestPlan.overRows(requests, "k").lookup(features, List.of("k"), "v").take("x", "v"));
    assertThat(scored.rows()).containsExactlyInAnyOrder(row(2, 0.2), row(1, 0.1));
  }

  @Test
  void floatKeysThatAreEqualAreDuplicates() {
    TableSnapshot features =
        table("features")
            .column("k", DOUBLE)
            .column("v", DOUBLE)
            .file(row(0.0, 0.2), row(-0.0, 0.1))
            .snapshot();
    assertFails(
        TestPlan.overRows(features, "k").lookup(features, List.of("k"), "v").take("v").build(),
        FakeScorer.weightedSum(),
        ErrorCode.DUPLICATE_KEY,
        "in 2 rows");
  }

  @Test
  void textKeysMatchExactly() {
    TableSnapshot requests =
        table("requests")
            .column("k", STRING)
            .file(row("a"), row("A"), row("a "), row("ä"))
            .snapshot();
    TableSnapshot features =
        table("features")
            .column("k", STRING)
            .column("v", INT)
            .file(row("a", 1), row("ä", 2))
            .snapshot();
    assertThat(
            join(TestPlan.overRows(requests, "k")
                    .lookup(features, List.of("k"), "v")
                    .take("k", "v"))
                .rows())
        .containsExactlyInAnyOrder(row("a", 1), row("A", null), row("a ", null), row("ä", 2));
  }

  @Test
  void integerKeysMatchByValueWhateverTheirWidth() {
    TableSnapshot requests =
        table("requests")
            .column("k", LONG)
            .file(row(42L), row(9007199254740993L), row(16777217L))
            .snapshot();
    TableSnapshot ints =
        table("ints")
            .column("k", INT)
            .column("v", INT)
            .file(row(42, 1), row(16777216, 2))
            .snapshot();
    TableSnapshot longs =
        table("longs")
            .column("k", LONG)
            .column("w", INT)
            .file(row(9007199254740992L, 3), row(9007199254740993L, 4))
            .snapshot();
    assertThat(
            join(TestPlan.overRows(requests, "k")
                    .lookup(ints, List.of("k"), "v")
                    .lookup(longs, List.of("k"), "w")
                    .take("k", "v", "w"))
                .rows())
        .containsExactlyInAnyOrder(
            row(42L, 1, null), row(9007199254740993L, null, 4), row(16777217L, null, null));
  }

  @Test
  void equalRequestsAreAllKept() {
    TableSnapshot requests =
        table("requests")
            .column("id", LONG)
            .column("order", STRING)
            .file(row(7L, "A"), row(7L, "B"), row(7L, "B"))
            .snapshot();
    TableSnapshot features =
        table("features").column("id", LONG).column("v", INT).file(row(7L, 1)).snapshot();
    assertThat(
            join(TestPlan.overRows(requests, "id")
                    .lookup(features, List.of("id"), "v")
                    .take("order", "v"))
                .rows())
        .containsExactlyInAnyOrder(row("A", 1), row("B", 1), row("B", 1));
  }

  @Test
  void oneFeatureMayBeTakenUnderTwoNames() {
    TableSnapshot features =
        table("features").column("id", LONG).column("v", INT).file(row(1L, 5)).snapshot();
    Lookup lookup =
        new Lookup(
            features,
            List.of(new KeyPair("id", "id")),
            null,
            List.of(new Feature("v", "first"), new Feature("v", "second")),
            DuplicateKeys.FAIL);
    assertThat(
            join(TestPlan.overRows(requests(), "id").step(lookup).take("id", "first", "second"))
                .rows())
        .contains(row(1L, 5, 5), row(9L, null, null));
  }

  @Test
  void aFeatureMayBeTheKeyOfTheNextLookup() {
    TableSnapshot users =
        table("users").column("id", LONG).column("city", STRING).file(row(1L, "Oslo")).snapshot();
    TableSnapshot cities =
        table("cities")
            .column("name", STRING)
            .column("people", LONG)
            .file(row("Oslo", 717_710L))
            .snapshot();
    Lookup second =
        new Lookup(
            cities,
            List.of(new KeyPair("city", "name")),
            null,
            List.of(new Feature("people", "people")),
            DuplicateKeys.FAIL);
    Scored scored =
        join(
            TestPlan.overRows(requests(), "id")
                .lookup(users, List.of("id"), "city")
                .step(second)
                .take("id", "people"));
    assertThat(scored.rows()).contains(row(1L, 717_710L), row(9L, null));
    assertThat(scored.statistics().lookups())
        .extracting(LookupStatistics::matched)
        .containsExactly(2L, 2L);
  }

  @Test
  void tablesWithKeysOfTheirOwnAreJoinedUnderNamesOfTheirOwn() {
    TableSnapshot requests =
        table("requests")
            .column("store", LONG)
            .column("item", STRING)
            .column("note", STRING)
            .file(row(1L, "a", "n1"), row(1L, "b", "n2"), row(2L, "a", "n3"))
            .snapshot();
    TableSnapshot stores =
        table("stores").column("id", SHORT).column("size", INT).file(row((short) 1, 10)).snapshot();
    TableSnapshot stock =
        table("stock")
            .column("item_code", STRING)
            .column("store_id", INT)
            .column("size", INT)
            .file(row("a", 1, 7), row("a", 2, 8))
            .snapshot();
    Lookup ofStore =
        new Lookup(
            stores,
            List.of(new KeyPair("store", "id")),
            null,
            List.of(new Feature("size", "store_size")),
            DuplicateKeys.FAIL);
    Lookup ofStock =
        new Lookup(
            stock,
            List.of(new KeyPair("item", "item_code"), new KeyPair("store", "store_id")),
            null,
            List.of(new Feature("size", "in_stock")),
            DuplicateKeys.FAIL);
    Scored scored =
        join(
            TestPlan.overRows(requests, "store", "item")
                .step(ofStore)
                .step(ofStock)
                .take("store", "item", "note", "store_size", "in_stock"));
    assertThat(scored.rows())
        .containsExactlyInAnyOrder(
            row(1L, "a", "n1", 10, 7), row(1L, "b", "n2", 10, null), row(2L, "a", "n3", null, 8));
    assertThat(counts(scored))
        .containsExactly(
            new LookupStatistics("main.ml.stores", 1, 2, 1),
            new LookupStatistics("main.ml.stock", 1, 2, 1));
  }

  /** Field reports 96 and 97. */
  @Test
  void keysNeverPassThroughANarrowerOrFloatingType() {
    TableSnapshot requests =
        table("requests")
            .column("k", LONG)
            .file(row(42L), row(65578L), row(16777216L), row(16777217L))
            .snapshot();
    TableSnapshot shorts =
        table("shorts").column("k", SHORT).column("v", INT).file(row((short) 42, 1)).snapshot();
    TableSnapshot ints =
        table("ints").column("k", INT).column("w", INT).file(row(16777217, 2)).snapshot();
    assertThat(
            join(TestPlan.overRows(requests, "k")
                    .lookup(shorts, List.of("k"), "v")
                    .lookup(ints, List.of("k"), "w")
                    .take("k", "v", "w"))
                .rows())
        .containsExactlyInAnyOrder(
            row(42L, 1, null),
            row(65578L, null, null),
            row(16777216L, null, null),
            row(16777217L, null, 2));
  }

  @Test
  void keysOfNoRowMatchNothing() {
    TableSnapshot features = table("features").column("id", LONG).column("v", DOUBLE).snapshot();
    Scored scored =
        stage(
            TestPlan.overRows(requests(), "id")
                .lookup(features, List.of("id"), "v")
                .numbers("v")
                .take("id")
                .predict()
                .build(),
            FakeScorer.weightedSum("v"));
    assertThat(scored.rows()).hasSize(4).contains(row(9L, Double.NaN));
    assertThat(scored.statistics().nullPredictions()).isEqualTo(4);
    assertThat(counts(scored)).containsExactly(new LookupStatistics("main.ml.features", 1, 0, 4));
  }

  @Test
  void countsAreRightWhereWholeBlocksMatchNothing() {
    List<List<@Nullable Object>> many = new ArrayList<>();
    for (long i = 0; i < 50_000; i++) {
      many.add(row(i));
    }
    TableSnapshot requests = table("requests").column("id", LONG).file(Map.of(), many).snapshot();
    TableSnapshot features =
        table("features")
            .column("id", LONG)
            .column("v", DOUBLE)
            .file(row(-1L, 1.0), row(7L, 2.0))
            .snapshot();
    Scored scored =
        stage(
            TestPlan.overRows(requests, "id")
                .lookup(features, List.of("id"), "v")
                .numbers("v")
                .take("id")
                .predict()
                .build(),
            FakeScorer.weightedSum("v"));
    assertThat(scored.statistics().keys()).isEqualTo(50_000);
    assertThat(scored.statistics().rows()).isEqualTo(50_000);
    assertThat(scored.statistics().nullPredictions()).isEqualTo(49_999);
    assertThat(counts(scored))
        .containsExactly(new LookupStatistics("main.ml.features", 1, 1, 49_999));
  }

  // Keys that are a table's own

  private TableSnapshot ownTable(List<@Nullable Object> last) {
    return table("own")
        .column("id", LONG)
        .column("day", DATE)
        .column("v", DOUBLE)
        .file(row(1L, LocalDate.of(2024, 1, 1), 0.5), row(1L, LocalDate.of(2024, 1, 2), 0.25))
        .file(last)
        .snapshot();
  }

  @Test
  void ownUniqueKeysAreReadWithoutAJoin() {
    TableSnapshot own = ownTable(row(2L, LocalDate.of(2024, 1, 1), null));
    Scored scored =
        stage(
            TestPlan.overKeys(own, "id", "day")
                .lookup(own, List.of("id", "day"), "v")
                .numbers("v")
                .take("id", "day", "v")
                .predict()
                .build(),
            FakeScorer.weightedSum("v"));
    assertThat(scored.rows())
        .containsExactlyInAnyOrder(
            row(1L, LocalDate.of(2024, 1, 1), 0.5, 0.5),
            row(1L, LocalDate.of(2024, 1, 2), 0.25, 0.25),
            row(2L, LocalDate.of(2024, 1, 1), null, Double.NaN));
    assertThat(scored.statistics().keys()).isEqualTo(3);
    assertThat(counts(scored)).containsExactly(new LookupStatistics("main.ml.own", 1, 3, 0));
    assertThat(scored.statistics().notes()).singleElement().asString().contains("main.ml.own");
  }

  @Test
  void ownMomentsAreReadWithoutAJoin() {
    TableSnapshot own = ownTable(row(2L, LocalDate.of(2024, 1, 1), 4.0));
    Scored scored =
        join(
            TestPlan.overKeys(own, "id", "day")
                .lookup(
                    own,
                    List.of("id"),
                    DuplicateKeys.FAIL,
                    new PointInTime("day", "day", DAY_MICROS),
                    "v")
                .take("id", "v"));
    assertThat(scored.rows()).containsExactlyInAnyOrder(row(1L, 0.5), row(1L, 0.25), row(2L, 4.0));
    assertThat(scored.statistics().notes()).singleElement().asString().contains("without a join");
  }

  @Test
  void ownKeysThatAreNotUniqueAreRefusedLikeAnyOther() {
    TableSnapshot own = ownTable(row(1L, LocalDate.of(2024, 1, 2), 9.0));
    assertFails(
        TestPlan.overKeys(own, "id", "day")
            .lookup(own, List.of("id", "day"), "v")
            .take("v")
            .build(),
        FakeScorer.weightedSum(),
        ErrorCode.DUPLICATE_KEY,
        "id = 1, day = 2024-01-02 in 2 rows");
  }

  @Test
  void ownKeysWithANullAreRowsWithoutFeatures() {
    TableSnapshot own = ownTable(row(3L, null, 9.0));
    assertThat(
            join(TestPlan.overKeys(own, "id", "day")
                    .lookup(own, List.of("id", "day"), "v")
                    .take("id", "v"))
                .rows())
        .containsExactlyInAnyOrder(row(1L, 0.5), row(1L, 0.25), row(3L, null));
  }

  @Test
  void ownKeysAndAnotherTableGoTogether() {
    TableSnapshot own = ownTable(row(2L, LocalDate.of(2024, 1, 1), 4.0));
    TableSnapshot names =
        table("names").column("id", LONG).column("name", STRING).file(row(2L, "two")).snapshot();
    Scored scored =
        join(
            TestPlan.overKeys(own, "id", "day")
                .lookup(names, List.of("id"), "name")
                .lookup(own, List.of("id", "day"), "v")
                .take("id", "v", "name"));
    assertThat(scored.rows())
        .containsExactlyInAnyOrder(row(1L, 0.5, null), row(1L, 0.25, null), row(2L, 4.0, "two"));
    assertThat(counts(scored))
        .containsExactly(
            new LookupStatistics("main.ml.names", 1, 1, 2),
            new LookupStatistics("main.ml.own", 1, 3, 0));
  }

  @Test
  void distinctKeysAreTakenOnce() {
    TableSnapshot events =
        table("events")
            .column("id", LONG)
            .column("x", INT)
            .file(row(1L, 1), row(1L, 2), row(null, 3), row(null, 4))
            .snapshot();
    assertThat(join(TestPlan.overKeys(events, "id").take("id")).rows())
        .containsExactlyInAnyOrder(row(1L), row((Object) null));
  }

  // Points in time

  private TestPlan pointInTime(
      @Nullable Long lookbackMicros,
      DuplicateKeys duplicates,
      TableSnapshot requests,
      TableSnapshot features) {
    return TestPlan.overRows(requests, "id", "ts")
        .lookup(
            features,
            List.of("id"),
            duplicates,
            new PointInTime("ts", "ts", lookbackMicros),
            "v",
            "w")
        .take("x", "v", "w");
  }

  @SafeVarargs
  @SuppressWarnings("varargs")
  private TableSnapshot moments(List<@Nullable Object>... rows) {
    return table("requests")
        .column("id", LONG)
        .column("ts", TIMESTAMP)
        .column("x", INT)
        .file(rows)
        .snapshot();
  }

  @SafeVarargs
  @SuppressWarnings("varargs")
  private TableSnapshot history(List<@Nullable Object>... rows) {
    return table("history")
        .column("id", LONG)
        .column("ts", TIMESTAMP)
        .column("v", DOUBLE)
        .column("w", STRING)
        .file(rows)
        .snapshot();
  }

  private List<List<@Nullable Object>> pointInTime(
      @Nullable Long lookbackMicros, TableSnapshot requests, TableSnapshot features) {
    return join(pointInTime(lookbackMicros, DuplicateKeys.FAIL, requests, features)).rows();
  }

  @Test
  void aPointInTimeTakesTheNewestRowThatIsNotInTheFuture() {
    assertThat(
            pointInTime(
                null,
                moments(
                    row(1L, at("2024-01-01T00:00:00"), 2),
                    row(1L, at("2024-01-10T12:00:00"), 1),
                    row(2L, at("2024-01-10T12:00:00"), 3)),
                history(
                    row(1L, at("2024-01-09T00:00:00"), 0.1, "old"),
                    row(1L, at("2024-01-10T00:00:00"), 0.2, "new"),
                    row(1L, at("2024-01-11T00:00:00"), 0.3, "future"))))
        .containsExactlyInAnyOrder(row(2, null, null), row(1, 0.2, "new"), row(3, null, null));
  }

  @Test
  void aRowOfTheVeryMomentIsTaken() {
    assertThat(
            pointInTime(
                null,
                moments(row(1L, at("2024-01-10T12:00:00"), 1)),
                history(
                    row(1L, at("2024-01-10T12:00:00"), 0.1, "same"),
                    row(1L, at("2024-01-10T12:00:00.000001"), 0.2, "1us later"))))
        .containsExactly(row(1, 0.1, "same"));
  }

  @Test
  void theNewestRowWinsAsAWhole() {
    assertThat(
            pointInTime(
                null,
                moments(row(1L, at("2024-01-10T12:00:00"), 1)),
                history(
                    row(1L, at("2024-01-09T00:00:00"), 0.1, "old"),
                    row(1L, at("2024-01-10T00:00:00"), null, "new"))))
        .containsExactly(row(1, null, "new"));
  }

  @Test
  void equalMomentsAreAllKept() {
    assertThat(
            pointInTime(
                null,
                moments(
                    row(1L, at("2024-01-10T12:00:00"), 1),
                    row(1L, at("2024-01-10T12:00:00"), 1),
                    row(1L, at("2024-01-10T12:00:00"), 2)),
                history(row(1L, at("2024-01-10T00:00:00"), 0.1, "a"))))
        .containsExactlyInAnyOrder(row(1, 0.1, "a"), row(1, 0.1, "a"), row(2, 0.1, "a"));
  }

  @Test
  void aRequestWithoutAMomentOrKeyIsARowWithoutFeatures() {
    assertThat(
            pointInTime(
                null,
                moments(
                    row(1L, at("2024-01-10T12:00:00"), 2),
                    row(1L, null, 1),
                    row(7L, null, 3),
                    row(null, at("2024-01-10T12:00:00"), 4)),
                history(
                    row(1L, at("2024-01-10T00:00:00"), 0.1, "a"),
                    row(1L, null, 0.2, "no time"),
                    row(null, at("2024-01-10T00:00:00"), 0.3, "no key"))))
        .containsExactlyInAnyOrder(
            row(2, 0.1, "a"), row(1, null, null), row(3, null, null), row(4, null, null));
  }

  @Test
  void tiesInTimeAreWonByTheRowThatSortsLast() {
    Scored scored =
        join(
            pointInTime(
                null,
                DuplicateKeys.FAIL,
                moments(row(1L, at("2024-01-10T12:00:00"), 1)),
                history(
                    row(1L, at("2024-01-10T00:00:00"), 0.2, "b"),
                    row(1L, at("2024-01-10T00:00:00"), null, "z"),
                    row(1L, at("2024-01-10T00:00:00"), 0.1, "a"))));
    assertThat(scored.rows()).containsExactly(row(1, 0.2, "b"));
    assertThat(scored.statistics().notes())
        .singleElement()
        .asString()
        .contains("main.ml.history holds 1 keys more than once", "sorts last by its features");
  }

  @Test
  void theEdgeOfALookbackBelongsToIt() {
    assertThat(
            pointInTime(
                DAY_MICROS,
                moments(
                    row(1L, at("2024-01-10T12:00:00"), 1),
                    row(1L, at("2024-01-10T12:00:00.000001"), 2)),
                history(row(1L, at("2024-01-09T12:00:00"), 0.1, "edge"))))
        .containsExactlyInAnyOrder(row(1, 0.1, "edge"), row(2, null, null));
  }

  @Test
  void aLookbackCountsInMicroseconds() {
    assertThat(
            pointInTime(
                DAY_MICROS,
                moments(row(1L, at("2024-01-10T12:00:00.900"), 1)),
                history(row(1L, at("2024-01-09T12:00:00.100"), 0.1, "0.8s past"))))
        .containsExactly(row(1, null, null));
  }

  @Test
  void whatIsOlderThanTheLookbackCountsAsMissing() {
    Scored scored =
        join(
            pointInTime(
                DAY_MICROS,
                DuplicateKeys.FAIL,
                moments(row(1L, at("2024-01-10T12:00:00"), 1)),
                history(row(1L, at("2024-01-09T11:59:58"), 0.1, "2s past"))));
    assertThat(scored.rows()).containsExactly(row(1, null, null));
    assertThat(counts(scored)).containsExactly(new LookupStatistics("main.ml.history", 1, 0, 1));
  }

  @Test
  void aLookbackOfNothingIsAnEquality() {
    TableSnapshot requests =
        moments(row(1L, at("2024-01-10T12:00:00"), 1), row(1L, at("2024-01-10T12:00:01"), 2));
    TableSnapshot features =
        history(
            row(1L, at("2024-01-10T12:00:00"), 0.1, "a"),
            row(1L, at("2024-01-10T12:00:00"), 0.2, "dup"));
    assertFails(
        pointInTime(0L, DuplicateKeys.FAIL, requests, features).build(),
        FakeScorer.weightedSum(),
        ErrorCode.DUPLICATE_KEY,
        "main.ml.history",
        "in 2 rows");
    assertThat(join(pointInTime(0L, DuplicateKeys.MULTIPLY, requests, features)).rows())
        .containsExactlyInAnyOrder(row(1, 0.1, "a"), row(1, 0.2, "dup"), row(2, null, null));
  }

  @Test
  void daysAreMomentsToo() {
    TableSnapshot requests =
        table("requests")
            .column("id", LONG)
            .column("ts", DATE)
            .column("x", INT)
            .file(
                row(1L, LocalDate.of(2024, 1, 8), 2),
                row(1L, LocalDate.of(2024, 1, 10), 1),
                row(1L, LocalDate.of(2024, 1, 20), 3))
            .snapshot();
    TableSnapshot features =
        table("history")
            .column("id", LONG)
            .column("ts", DATE)
            .column("v", DOUBLE)
            .column("w", STRING)
            .file(
                row(1L, LocalDate.of(2024, 1, 9), 0.1, "a"),
                row(1L, LocalDate.of(2024, 1, 10), 0.2, "b"))
            .snapshot();
    assertThat(
            join(TestPlan.overRows(requests, "id", "ts")
                    .lookup(
                        features,
                        List.of("id"),
                        DuplicateKeys.FAIL,
                        new PointInTime("ts", "ts", 5 * DAY_MICROS),
                        "v")
                    .take("ts", "x", "v"))
                .rows())
        .containsExactlyInAnyOrder(
            row(LocalDate.of(2024, 1, 8), 2, null),
            row(LocalDate.of(2024, 1, 10), 1, 0.2),
            row(LocalDate.of(2024, 1, 20), 3, null));
  }

  /** Field report 106: a missing day is not hidden where the look-back says so. */
  @Test
  void aMissingDayIsTakenFromTheDayBeforeOnlyWithinTheLookback() {
    TableSnapshot requests =
        table("requests")
            .column("id", LONG)
            .column("ts", DATE)
            .file(row(1L, LocalDate.of(2024, 7, 30)))
            .snapshot();
    TableSnapshot daily =
        table("daily")
            .column("id", LONG)
            .column("ts", DATE)
            .column("v", DOUBLE)
            .file(row(1L, LocalDate.of(2024, 7, 29), 0.5))
            .snapshot();
    for (Long lookback : new Long[] {null, DAY_MICROS, DAY_MICROS - 1, 0L}) {
      boolean reaches = lookback == null || lookback == DAY_MICROS;
      assertThat(
              join(TestPlan.overRows(requests, "id", "ts")
                      .lookup(
                          daily,
                          List.of("id"),
                          DuplicateKeys.FAIL,
                          new PointInTime("ts", "ts", lookback),
                          "v")
                      .take("v"))
                  .rows())
          .containsExactly(row(reaches ? 0.5 : null));
    }
  }

  @Test
  void theTwoHoursOfAnAutumnNightAreTwoMoments() {
    // In Berlin both are 02:30 of 27 October 2024.
    assertThat(
            pointInTime(
                null,
                moments(
                    row(1L, at("2024-10-27T00:30:00"), 1), row(1L, at("2024-10-27T01:30:00"), 2)),
                history(
                    row(1L, at("2024-10-27T00:30:00"), 0.1, "summer"),
                    row(1L, at("2024-10-27T01:30:00"), 0.2, "winter"))))
        .containsExactlyInAnyOrder(row(1, 0.1, "summer"), row(2, 0.2, "winter"));
  }

  @Test
  void yearsBefore1970CountToTheMicrosecond() {
    assertThat(
            pointInTime(
                1L,
                moments(
                    row(1L, at("1969-12-31T23:59:59.999999"), 1),
                    row(1L, at("1601-10-15T00:00:00.000002"), 2)),
                history(
                    row(1L, at("1969-12-31T23:59:59.999998"), 0.1, "edge"),
                    row(1L, at("1601-10-15T00:00:00.000000"), 0.2, "too old"))))
        .containsExactlyInAnyOrder(row(1, 0.1, "edge"), row(2, null, null));
  }

  @Test
  void momentsBefore1970AndAtTheEndsOfSummerTimeAreOrdinary() {
    assertThat(
            pointInTime(
                DAY_MICROS,
                moments(
                    row(1L, at("1905-01-02T00:00:00"), 1),
                    row(1L, at("2024-03-31T01:30:00"), 2),
                    row(1L, at("2024-10-27T01:30:00"), 3)),
                history(
                    row(1L, at("1905-01-01T00:00:00"), 0.1, "old"),
                    row(1L, at("2024-03-30T01:30:00"), 0.2, "spring"),
                    row(1L, at("2024-10-26T01:30:00"), 0.3, "autumn"))))
        .containsExactlyInAnyOrder(
            row(1, 0.1, "old"), row(2, 0.2, "spring"), row(3, 0.3, "autumn"));
  }

  // Tables

  @Test
  void partitionValuesAreColumnsOfTheirTypes() {
    Map<String, @Nullable String> first = new LinkedHashMap<>();
    first.put("day", "2024-03-10");
    first.put("at", "2024-03-10T10:00:00.000000Z");
    first.put("price", "5");
    Map<String, @Nullable String> second = new LinkedHashMap<>();
    second.put("day", null);
    second.put("at", "2024-03-10 11:00:00");
    second.put("price", "-0.50");
    TableSnapshot events =
        table("events")
            .partitionColumn("day", DATE)
            .partitionColumn("at", TIMESTAMP)
            .partitionColumn("price", new ColumnType.Decimal(10, 2))
            .column("id", LONG)
            .file(first, row(1L), row(2L))
            .file(second, row(3L))
            .snapshot();
    assertThat(join(TestPlan.overRows(events, "id").take("id", "day", "at", "price")).rows())
        .containsExactlyInAnyOrder(
            row(1L, LocalDate.of(2024, 3, 10), at("2024-03-10T10:00:00"), new BigDecimal("5.00")),
            row(2L, LocalDate.of(2024, 3, 10), at("2024-03-10T10:00:00"), new BigDecimal("5.00")),
            row(3L, null, at("2024-03-10T11:00:00"), new BigDecimal("-0.50")));
  }

  @Test
  void deletedRowsAreNotThere() {
    TableSnapshot events =
        table("events")
            .column("id", LONG)
            .column("v", INT)
            .file(row(1L, 1), row(2L, 2))
            .file(row(3L, 3), row(4L, 4), row(5L, 5))
            .delete(0, 2)
            .file(row(6L, 6), row(7L, 7))
            .delete(1)
            .snapshot();
    assertThat(join(TestPlan.overRows(events, "id").take("id")).rows())
        .containsExactlyInAnyOrder(row(1L), row(2L), row(4L), row(6L));
    assertThat(
            join(TestPlan.overKeys(events, "id").lookup(events, List.of("id"), "v").take("id", "v"))
                .rows())
        .containsExactlyInAnyOrder(row(1L, 1), row(2L, 2), row(4L, 4), row(6L, 6));
  }

  @Test
  void mappedColumnsAreFoundByTheirPhysicalNames() {
    TableSnapshot events =
        table("events")
            .mapped("id2", "id", LONG)
            .mapped("v", "col-5f", DOUBLE)
            .file(row(1L, 0.5))
            .snapshot();
    assertThat(join(TestPlan.overRows(events, "id2").take("id2", "v")).rows())
        .containsExactly(row(1L, 0.5));
  }

  @Test
  void mappedColumnsAreFoundByTheirFieldIds() {
    TableSnapshot events =
        table("events")
            .mapped("id2", "id", 1, LONG)
            .file(row(1L))
            .mapped("v", "col-5f", 2, DOUBLE)
            .file(row(2L, 0.5))
            .snapshot();
    assertThat(join(TestPlan.overRows(events, "id2").take("id2", "v")).rows())
        .containsExactlyInAnyOrder(row(1L, null), row(2L, 0.5));
  }

  @Test
  void columnsThatAFileLacksAreNull() {
    TableSnapshot events =
        table("events")
            .column("id", LONG)
            .file(row(1L))
            .column("v", DOUBLE)
            .file(row(2L, 0.5))
            .column("w", STRING)
            .snapshot();
    assertThat(join(TestPlan.overRows(events, "id").take("id", "v", "w")).rows())
        .containsExactlyInAnyOrder(row(1L, null, null), row(2L, 0.5, null));
  }

  @Test
  void aTableWithoutFilesHasNoRows() {
    TableSnapshot empty = table("empty").column("id", LONG).snapshot();
    Scored scored = join(TestPlan.overKeys(empty, "id").take("id"));
    assertThat(scored.rows()).isEmpty();
    assertThat(scored.files()).isEmpty();
    assertThat(scored.statistics().keys()).isZero();
    assertThat(staging()).isEmptyDirectory();
  }

  @Test
  void valuesPassThroughInTheirTypes() {
    List<@Nullable Object> values =
        row(
            true,
            7,
            8,
            9L,
            0.5f,
            0.25,
            "text",
            LocalDate.of(2024, 2, 29),
            at("2024-02-29T01:02:03.000004"),
            new BigDecimal("12.3400"),
            List.of(1.5, 2.5),
            Map.of("k", 3.5));
    TableSnapshot events =
        table("events")
            .column("b", BOOLEAN)
            .column("s", SHORT)
            .column("i", INT)
            .column("l", LONG)
            .column("f", FLOAT)
            .column("d", DOUBLE)
            .column("t", STRING)
            .column("day", DATE)
            .column("at", TIMESTAMP)
            .column("price", new ColumnType.Decimal(18, 4))
            .column("list", new ColumnType.ArrayOf(DOUBLE))
            .column("map", new ColumnType.MapOf(STRING, DOUBLE))
            .file(values)
            .snapshot();
    assertThat(
            join(TestPlan.overRows(events)
                    .take("b", "s", "i", "l", "f", "d", "t", "day", "at", "price", "list", "map"))
                .rows())
        .containsExactly(values);
  }

  @Test
  void namesNeverBecomeCode() {
    String hostile = "x\"; DROP TABLE t; -- '\u00e4\n😀";
    TableSnapshot events =
        TestTable.in(folder, writer(), "it's [odd] *?")
            .mapped(hostile, "p\"'" + hostile, STRING)
            .column("id", LONG)
            .file(row("a'b\"c;\n", 1L))
            .snapshot();
    TableSnapshot features =
        table("features")
            .column("k'\"", STRING)
            .column("v;", DOUBLE)
            .file(row("a'b\"c;\n", 0.5))
            .snapshot();
    Lookup lookup =
        new Lookup(
            features,
            List.of(new KeyPair(hostile, "k'\"")),
            null,
            List.of(new Feature("v;", "out\"';")),
            DuplicateKeys.FAIL);
    Scored scored =
        stage(
            TestPlan.overRows(events, hostile)
                .step(lookup)
                .input("in\"'", "out\"';", Conversion.NUMBER, null)
                .take(hostile, "out\"';")
                .output("c'", STRING, new OutputValue.Constant("it's \"\\ {}"))
                .predict()
                .build(),
            FakeScorer.weightedSum("in\"'"));
    assertThat(scored.columns()).containsExactly(hostile, "out\"';", "c'", "prediction");
    assertThat(scored.rows()).containsExactly(row("a'b\"c;\n", 0.5, "it's \"\\ {}", 0.5));
  }

  @Test
  void aMissingColumnIsNamedWithWhatIsNearIt() {
    TableSnapshot features =
        table("features")
            .column("id", LONG)
            .column("daily_cost", DOUBLE)
            .file(row(1L, 1.0))
            .snapshot();
    Lookup lookup =
        new Lookup(
            features,
            List.of(new KeyPair("id", "id")),
            null,
            List.of(new Feature("dayly_cost", "c")),
            DuplicateKeys.FAIL);
    ScoringPlan plan =
        new ScoringPlan(
            "churn",
            features.name(),
            new KeySource.TableRows(requests(), requests().schema().columns(), false),
            List.of("id"),
            List.of(lookup),
            List.of(),
            List.of(),
            TestPlan.overRows(requests(), "id").take("id").build().outputs());
    assertFails(
        plan,
        FakeScorer.weightedSum(),
        ErrorCode.COLUMN_NOT_FOUND,
        "Table main.ml.features has no column 'dayly_cost'.",
        "did you mean 'daily_cost'?");
  }

  // Inputs

  @Test
  void numbersOfAllKindsBecomeDoubles() {
    TableSnapshot events =
        table("events")
            .column("id", LONG)
            .column("b", BOOLEAN)
            .column("i", INT)
            .column("l", LONG)
            .column("f", FLOAT)
            .column("small", new ColumnType.Decimal(18, 4))
            .column("large", new ColumnType.Decimal(38, 10))
            .file(
                row(
                    1L,
                    true,
                    3,
                    1L << 53,
                    0.1f,
                    new BigDecimal("12.3400"),
                    new BigDecimal("12345678901234567890.1234567890")),
                row(2L, null, null, null, null, null, null))
            .snapshot();
    List<double[]> seen = new ArrayList<>();
    FakeScorer scorer =
        new FakeScorer(
            Stream.of("b", "i", "l", "f", "small", "large").map(ModelInput::number).toList(),
            List.of(ScoreColumn.number(OutputKind.PREDICT, "predict")),
            (in, out) -> {
              for (int row = 0; row < in.rows(); row++) {
                double[] values = new double[in.columns()];
                for (int column = 0; column < values.length; column++) {
                  values[column] = in.numbers(column)[row];
                }
                seen.add(values);
                out.numbers(0)[row] = 0;
              }
            });
    stage(
        TestPlan.overRows(events, "id")
            .numbers("b", "i", "l", "f", "small", "large")
            .take("id")
            .predict()
            .build(),
        scorer);
    assertThat(seen)
        .containsExactlyInAnyOrder(
            new double[] {
              1,
              3,
              0x1p53,
              0.1f,
              12.34,
              new BigDecimal("12345678901234567890.1234567890").doubleValue()
            },
            new double[] {Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN});
  }

  @Test
  void decimalsBecomeTheNearestDouble() {
    List<BigDecimal> decimals =
        Stream.of(
                "0.1",
                "-0.1",
                "9007199254740993.1",
                "99999999999999999.9",
                "1234567890123456.7",
                "123456789012345.6")
            .map(BigDecimal::new)
            .toList();
    List<List<@Nullable Object>> rows = new ArrayList<>();
    decimals.forEach(d -> rows.add(row(d)));
    TableSnapshot events =
        table("events").column("d", new ColumnType.Decimal(20, 1)).file(Map.of(), rows).snapshot();
    Scored scored =
        stage(
            TestPlan.overRows(events).numbers("d").take("d").predict().build(),
            FakeScorer.weightedSum("d"));
    assertThat(scored.rows())
        .containsExactlyInAnyOrderElementsOf(
            decimals.stream().map(d -> row(d, d.doubleValue())).toList());
  }

  @Test
  void coercedInputsAreZeroWhereTheyAreNoFiniteNumber() {
    TableSnapshot events =
        table("events")
            .column("t", STRING)
            .column("d", DOUBLE)
            .column("day", DATE)
            .file(
                row("1.5", 1.0, LocalDate.of(2024, 1, 1)),
                row("n/a", Double.NaN, null),
                row(null, null, null),
                row("inf", Double.POSITIVE_INFINITY, null))
            .snapshot();
    Scored scored =
        stage(
            TestPlan.overRows(events)
                .input("t", "t", Conversion.NUMBER_OR_ZERO, null)
                .input("d", "d", Conversion.NUMBER_OR_ZERO, null)
                .input("day", "day", Conversion.NUMBER_OR_ZERO, null)
                .take("t")
                .predict()
                .build(),
            FakeScorer.weightedSum("t", "d", "day"));
    assertThat(scored.rows())
        .containsExactlyInAnyOrder(
            row("1.5", 3.5), row("n/a", 0.0), row(null, 0.0), row("inf", 0.0));
  }

  @Test
  void textReachesTheModelAsItIs() {
    String longText = "more than twelve bytes, äöü 😀";
    TableSnapshot events =
        table("events")
            .column("t", STRING)
            .file(row("short"), row(longText), row(""), row((Object) null))
            .snapshot();
    FakeScorer scorer =
        new FakeScorer(
            List.of(ModelInput.text("t")),
            List.of(
                new ScoreColumn(
                    OutputKind.PREDICT,
                    "predict",
                    ScoreColumn.Type.TEXT,
                    java.util.Optional.empty())),
            (in, out) -> {
              for (int row = 0; row < in.rows(); row++) {
                String text = in.texts(0)[row];
                out.texts(0)[row] = text == null ? null : "<" + text + ">";
              }
            });
    Scored scored =
        stage(
            TestPlan.overRows(events)
                .input("t", "t", Conversion.TEXT, null)
                .take("t")
                .output("prediction", STRING, new OutputValue.Text(0))
                .build(),
            scorer);
    assertThat(scored.rows())
        .containsExactlyInAnyOrder(
            row("short", "<short>"),
            row(longText, "<" + longText + ">"),
            row("", "<>"),
            row(null, null));
    assertThat(scored.statistics().nullPredictions()).isEqualTo(1);
  }

  @Test
  void momentsReachTheModelAsIsoText() { // 9
    Instant instant = Instant.parse("2024-07-05T22:30:00.123456Z");
    TableSnapshot events =
        table("events")
            .column("at", ColumnType.Primitive.TIMESTAMP)
            .column("day", DATE)
            .file(row(instant, LocalDate.of(2024, 7, 6)), row(null, null))
            .snapshot();
    List<String> seen = java.util.Collections.synchronizedList(new ArrayList<>());
    FakeScorer scorer =
        new FakeScorer(
            List.of(ModelInput.text("at"), ModelInput.text("day")),
            List.of(ScoreColumn.number(OutputKind.PREDICT, "predict")),
            (in, out) -> {
              for (int row = 0; row < in.rows(); row++) {
                String at = in.texts(0)[row];
                seen.add((at == null ? "NULL" : instant(at)) + " " + in.texts(1)[row]);
                out.numbers(0)[row] = 1;
              }
            });
    stage(
        TestPlan.overRows(events)
            .input("at", "at", Conversion.TEXT, null)
            .input("day", "day", Conversion.TEXT, null)
            .predict()
            .build(),
        scorer);
    assertThat(seen).containsExactlyInAnyOrder(instant + " 2024-07-06", "NULL null");
  }

  private static Instant instant(String iso) {
    String text = iso.replace(' ', 'T').replaceFirst("([+-]\\d\\d)$", "$1:00");
    return java.time.OffsetDateTime.parse(text).toInstant();
  }

  @Test
  void aTextThatIsNoNumberIsNamedWithItsKey() {
    TableSnapshot events =
        table("events")
            .column("id", LONG)
            .column("segment", STRING)
            .file(row(1L, "1.5"), row(8L, "n/a"), row(7L, "n/a"))
            .snapshot();
    assertFails(
        TestPlan.overRows(events, "id").numbers("segment").take("id").predict().build(),
        FakeScorer.weightedSum("segment"),
        ErrorCode.VALUE_NOT_CONVERTIBLE,
        "value 'n/a' of input 'segment' from table main.ml.events, column segment (type string) at id = 7",
        "(2 rows in all)");
  }

  /** Field reports 1 and 6: gaps are missing values; whole numbers pass whatever their column. */
  @Test
  void inputsThatMustBeWholeTakeWholeNumbersAndGapsOfAnyColumn() {
    TableSnapshot events =
        table("events")
            .column("id", LONG)
            .column("visits", DOUBLE)
            .column("small", LONG)
            .file(row(1L, 3.0, 42L), row(2L, null, null), row(3L, Double.NaN, -7L))
            .snapshot();
    Scored scored =
        stage(
            TestPlan.overRows(events, "id")
                .input("visits", "visits", Conversion.WHOLE_64, null)
                .input("small", "small", Conversion.WHOLE_32, null)
                .take("id")
                .predict()
                .build(),
            FakeScorer.weightedSum("visits", "small"));
    assertThat(scored.rows())
        .containsExactlyInAnyOrder(row(1L, 3.0 + 2 * 42), row(2L, Double.NaN), row(3L, Double.NaN));
  }

  /** Field report 6: a value that does not fit is named with its key, and nothing is written. */
  @Test
  void aValueThatIsNoWholeNumberOfItsInputIsNamedWithItsKey() {
    TableSnapshot events =
        table("events")
            .column("id", LONG)
            .column("n", LONG)
            .column("visits", DOUBLE)
            .file(row(1L, 42L, 1.0), row(7L, 3_000_000_000L, 2.5))
            .snapshot();
    assertFails(
        TestPlan.overRows(events, "id")
            .input("n", "n", Conversion.WHOLE_32, null)
            .take("id")
            .predict()
            .build(),
        FakeScorer.weightedSum("n"),
        ErrorCode.VALUE_NOT_CONVERTIBLE,
        "of input 'n' from table main.ml.events, column n (type bigint) at id = 7");
    assertFails(
        TestPlan.overRows(events, "id")
            .input("visits", "visits", Conversion.WHOLE_64, null)
            .take("id")
            .predict()
            .build(),
        FakeScorer.weightedSum("visits"),
        ErrorCode.VALUE_NOT_CONVERTIBLE,
        "value 2.5 of input 'visits' from table main.ml.events, column visits (type double) at id = 7");
  }

  @Test
  void aRefusedValueIsNamedWithItsInputAndKey() {
    TableSnapshot requests =
        table("requests")
            .column("id", LONG)
            .column("day", DATE)
            .file(
                row(5L, LocalDate.of(2024, 1, 2)),
                row(5L, LocalDate.of(2024, 1, 1)),
                row(6L, LocalDate.of(2024, 1, 1)))
            .snapshot();
    TableSnapshot features =
        table("features")
            .column("id", LONG)
            .column("a", DOUBLE)
            .column("b", DOUBLE)
            .file(row(5L, 1.0, null), row(6L, 1.0, 1.0))
            .snapshot();
    assertFails(
        TestPlan.overRows(requests, "id", "day")
            .lookup(features, List.of("id"), "a", "b")
            .numbers("a", "b")
            .take("id")
            .predict()
            .build(),
        FakeScorer.weightedSumWithoutNaN("a", "b"),
        ErrorCode.VALUE_REJECTED,
        "Model churn refuses value null of input 'b' at id = 5, day = 2024-01-01 (2 rows in all).",
        "NaN or NULL");
  }

  @Test
  void aFailureOfTheScorerIsTold() {
    FakeScorer broken =
        FakeScorer.ofNumber(
            "x",
            x -> {
              throw new IllegalStateException("tree 7 is broken");
            });
    assertFails(
        TestPlan.overRows(requests(), "id").numbers("x").take("id").predict().build(),
        broken,
        ErrorCode.ENGINE_FAILED,
        "Model churn failed while scoring.",
        "tree 7 is broken");
  }

  // Defaults and functions

  @Test
  void defaultsTakeThePlaceOfNullAndNaN() {
    TableSnapshot events =
        table("events")
            .column("k", LONG)
            .column("i", INT)
            .column("l", LONG)
            .column("f", FLOAT)
            .column("d", DOUBLE)
            .column("s", STRING)
            .column("b", BOOLEAN)
            .column("sh", SHORT)
            .file(
                row(1L, null, null, null, null, null, null, null),
                row(2L, 1, 1L, 1.0f, Double.NaN, "", false, 1),
                row(3L, 5, 5L, Float.NaN, 5.0, "x", true, 5))
            .snapshot();
    TestPlan plan =
        TestPlan.overRows(events, "k")
            .input("i", "i", Conversion.NUMBER, "-1")
            .input("l", "l", Conversion.NUMBER, "3000000000")
            .input("f", "f", Conversion.NUMBER, "0.5")
            .input("d", "d", Conversion.NUMBER, "0.25")
            .input("s", "s", Conversion.TEXT, "unknown")
            .input("b", "b", Conversion.NUMBER, "True")
            .input("sh", "sh", Conversion.NUMBER, "7")
            .take("k", "i", "l", "f", "d", "s", "b", "sh");
    assertThat(join(plan).rows())
        .containsExactlyInAnyOrder(
            row(1L, -1, 3_000_000_000L, 0.5f, 0.25, "unknown", true, 7),
            row(2L, 1, 1L, 1.0f, 0.25, "", false, 1),
            row(3L, 5, 5L, 0.5f, 5.0, "x", true, 5));
  }

  @Test
  void theModelSeesDefaultsOfMissingRowsToo() {
    TableSnapshot features =
        table("features").column("id", LONG).column("v", DOUBLE).file(row(1L, 0.5)).snapshot();
    Scored scored =
        stage(
            TestPlan.overRows(requests(), "id")
                .lookup(features, List.of("id"), "v")
                .input("v", "v", Conversion.NUMBER, "-1")
                .take("id", "v")
                .predict()
                .build(),
            FakeScorer.weightedSum("v"));
    assertThat(scored.rows()).contains(row(1L, 0.5, 0.5), row(9L, -1.0, -1.0));
    assertThat(scored.statistics().lookups())
        .extracting(LookupStatistics::missing)
        .containsExactly(2L);
  }

  @Test
  void aDefaultMustBeOfItsColumnsType() {
    TableSnapshot events =
        table("events").column("id", LONG).column("i", INT).file(row(1L, 1)).snapshot();
    assertFails(
        TestPlan.overRows(events, "id")
            .input("i", "i", Conversion.NUMBER, "1.0")
            .take("id")
            .predict()
            .build(),
        FakeScorer.weightedSum("i"),
        ErrorCode.DEFAULT_VALUE_INVALID,
        "Default value '1.0' does not fit column 'i' of type int. It is no whole number.");
    assertFails(
        TestPlan.overRows(events, "id")
            .input("i", "i", Conversion.NUMBER, "3000000000")
            .take("id")
            .predict()
            .build(),
        FakeScorer.weightedSum("i"),
        ErrorCode.DEFAULT_VALUE_INVALID,
        "out of the type's range");
  }

  @Test
  void functionsComputeInOrderAndSeeValuesBeforeDefaults() {
    TableSnapshot events =
        table("events")
            .column("id", LONG)
            .column("x", DOUBLE)
            .file(row(1L, 2.0), row(2L, null))
            .snapshot();
    Scored scored =
        stage(
            TestPlan.overRows(events, "id")
                .step(new Compute("twice", "main.fn.twice", "value * 2", Map.of("value", "x")))
                .step(
                    new Compute(
                        "label",
                        "main.fn.label",
                        "coalesce(CAST(a AS STRING), 'none')",
                        Map.of("a", "twice")))
                .input("x", "x", Conversion.NUMBER, "100")
                .take("id")
                .output("twice", DOUBLE, new OutputValue.FromColumn("twice"))
                .output("label", STRING, new OutputValue.FromColumn("label"))
                .predict()
                .build(),
            FakeScorer.weightedSum("x"));
    assertThat(scored.rows())
        .containsExactlyInAnyOrder(row(1L, 4.0, "4.0", 2.0), row(2L, null, "none", 100.0));
  }

  @Test
  void aFunctionMayFeedALookup() {
    TableSnapshot events = table("events").column("id", LONG).file(row(1L), row(2L)).snapshot();
    TableSnapshot buckets =
        table("buckets")
            .column("bucket", LONG)
            .column("v", INT)
            .file(row(0L, 10), row(1L, 11))
            .snapshot();
    assertThat(
            join(TestPlan.overRows(events, "id")
                    .step(new Compute("bucket", "main.fn.bucket", "n % 2", Map.of("n", "id")))
                    .lookup(buckets, List.of("bucket"), "v")
                    .take("id", "v"))
                .rows())
        .containsExactlyInAnyOrder(row(1L, 11), row(2L, 10));
  }

  @Test
  void oneFunctionMayBeCalledSeveralTimes() {
    TableSnapshot requests =
        table("requests").column("a", INT).column("b", INT).file(row(7, 2)).snapshot();
    String minus = "x - y";
    assertThat(
            join(TestPlan.overRows(requests, "a")
                    .step(new Compute("ab", "main.fn.minus", minus, Map.of("x", "a", "y", "b")))
                    .step(new Compute("ba", "main.fn.minus", minus, Map.of("x", "b", "y", "a")))
                    .step(new Compute("both", "main.fn.minus", minus, Map.of("x", "ab", "y", "ba")))
                    .output("ab", INT, new OutputValue.FromColumn("ab"))
                    .output("ba", INT, new OutputValue.FromColumn("ba"))
                    .output("both", INT, new OutputValue.FromColumn("both")))
                .rows())
        .containsExactly(row(5, -5, 10));
  }

  @Test
  void aFunctionIsOneExpressionOverItsParameters() {
    TableSnapshot events = table("events").column("id", LONG).file(row(1L)).snapshot();
    for (String sql :
        List.of(
            "x), (1",
            "(SELECT count(*) FROM read_text('/etc/hostname'))",
            "y + 1",
            "x +",
            "1; DROP TABLE x")) {
      assertFails(
          TestPlan.overRows(events, "id")
              .step(new Compute("out", "main.fn.odd", sql, Map.of("x", "id")))
              .take("id")
              .build(),
          FakeScorer.weightedSum(),
          ErrorCode.QUERY_INVALID,
          "Function main.fn.odd is registered as '" + sql + "', which cannot be computed.");
    }
  }

  // Outputs

  @Test
  void outputsAreWhatThePlanSays() {
    Labels labels = new Labels(STRING, List.of("low", "high"));
    FakeScorer scorer =
        new FakeScorer(
            List.of(ModelInput.number("x")),
            List.of(
                ScoreColumn.label(OutputKind.PREDICT, labels),
                ScoreColumn.number(OutputKind.PREDICT_PROBA, "low"),
                ScoreColumn.number(OutputKind.PREDICT_PROBA, "high")),
            (in, out) -> {
              for (int row = 0; row < in.rows(); row++) {
                double x = in.numbers(0)[row];
                out.numbers(0)[row] = Double.isNaN(x) ? -1 : x > 0.5 ? 1 : 0;
                out.numbers(1)[row] = 1 - x;
                out.numbers(2)[row] = x;
              }
            });
    TableSnapshot events =
        table("events")
            .column("x", DOUBLE)
            .file(row(0.25), row(0.75), row((Object) null))
            .snapshot();
    Scored scored =
        stage(
            TestPlan.overRows(events)
                .numbers("x")
                .output("prediction", STRING, new OutputValue.Label(0, labels))
                .output("probability", DOUBLE, new OutputValue.ProbabilityOfLabel(0, List.of(1, 2)))
                .output(
                    "probabilities",
                    new ColumnType.MapOf(STRING, DOUBLE),
                    new OutputValue.ProbabilityMap(labels, List.of(1, 2)))
                .output(
                    "raw",
                    new ColumnType.ArrayOf(DOUBLE),
                    new OutputValue.ScoreArray(List.of(2, 1)))
                .output("below", INT, new OutputValue.ScoreBelow(2, 0.25))
                .output("above", INT, new OutputValue.ScoreAbove(2, 0.25))
                .output("version", INT, new OutputValue.Constant(3))
                .output("name", STRING, new OutputValue.Constant(null))
                .output("at", TIMESTAMP, new OutputValue.Constant(at("2024-01-01T00:00:00.000001")))
                .build(),
            scorer);
    Instant time = at("2024-01-01T00:00:00.000001");
    assertThat(scored.rows())
        .containsExactlyInAnyOrder(
            row(
                "low",
                0.75,
                Map.of("low", 0.75, "high", 0.25),
                List.of(0.25, 0.75),
                0,
                0,
                3,
                null,
                time),
            row(
                "high",
                0.75,
                Map.of("low", 0.25, "high", 0.75),
                List.of(0.75, 0.25),
                0,
                1,
                3,
                null,
                time),
            row(
                null,
                null,
                Map.of("low", Double.NaN, "high", Double.NaN),
                List.of(Double.NaN, Double.NaN),
                null,
                null,
                3,
                null,
                time));
    assertThat(scored.statistics().nullPredictions()).isEqualTo(1);
  }

  @Test
  void labelsKeepTheirOwnType() {
    Labels labels = new Labels(LONG, List.of(10L, 3_000_000_000L));
    FakeScorer scorer =
        new FakeScorer(
            List.of(ModelInput.number("x")),
            List.of(ScoreColumn.label(OutputKind.PREDICT, labels)),
            (in, out) -> System.arraycopy(in.numbers(0), 0, out.numbers(0), 0, in.rows()));
    TableSnapshot events = table("events").column("x", INT).file(row(0), row(1)).snapshot();
    assertThat(
            stage(
                    TestPlan.overRows(events)
                        .numbers("x")
                        .take("x")
                        .output("prediction", LONG, new OutputValue.Label(0, labels))
                        .build(),
                    scorer)
                .rows())
        .containsExactlyInAnyOrder(row(0, 10L), row(1, 3_000_000_000L));
  }

  @Test
  void wholeScoresFitIntegersAndNaNIsNull() {
    TableSnapshot events =
        table("events").column("x", DOUBLE).file(row(3.0), row(-1.0), row(Double.NaN)).snapshot();
    assertThat(
            stage(
                    TestPlan.overRows(events)
                        .numbers("x")
                        .output("prediction", INT, new OutputValue.Score(0))
                        .build(),
                    FakeScorer.weightedSum("x"))
                .rows())
        .containsExactlyInAnyOrder(row(3), row(-1), row((Object) null));
  }

  @Test
  void aScoreThatDoesNotFitItsColumnIsNamedWithItsKey() {
    for (double unfit : new double[] {2.5, 3e9}) {
      TableSnapshot events =
          table("events")
              .column("id", LONG)
              .column("x", DOUBLE)
              .file(row(1L, 1.0), row(2L, unfit))
              .snapshot();
      assertFails(
          TestPlan.overRows(events, "id")
              .numbers("x")
              .output("prediction", INT, new OutputValue.Score(0))
              .build(),
          FakeScorer.weightedSum("x"),
          ErrorCode.VALUE_NOT_CONVERTIBLE,
          "value " + unfit + " of output column 'prediction' (type double) at id = 2 is no int");
    }
  }

  @Test
  void filesTellTheirStatistics() {
    TableSnapshot events =
        table("events")
            .column("id", LONG)
            .column("name", STRING)
            .column("day", DATE)
            .column("at", TIMESTAMP)
            .column("price", new ColumnType.Decimal(10, 2))
            .column("x", DOUBLE)
            .column("flag", BOOLEAN)
            .file(
                row(
                    1L,
                    "a",
                    LocalDate.of(2024, 1, 1),
                    at("2024-01-01T00:00:00"),
                    new BigDecimal("-1.50"),
                    0.5,
                    false),
                row(
                    2L,
                    "b".repeat(40),
                    LocalDate.of(2024, 1, 2),
                    at("2024-01-01T00:00:00.5"),
                    new BigDecimal("2.00"),
                    1.5,
                    true),
                row(3L, null, null, null, null, null, null))
            .snapshot();
    Scored scored =
        stage(
            TestPlan.overRows(events, "id")
                .numbers("x")
                .take("id", "name", "day", "at", "price", "x", "flag")
                .predict()
                .build(),
            FakeScorer.weightedSum("x"),
            new EngineLimits(512L << 20, 1, folder.resolve("spill")));
    assertThat(scored.files()).hasSize(1);
    StagedFile file = scored.files().get(0);
    assertThat(file.rows()).isEqualTo(3);
    assertThat(file.file()).exists().hasParent(staging());
    assertThat(file.sizeBytes()).isEqualTo(file.file().toFile().length());
    assertThat(file.statistics())
        .containsEntry("id", new ColumnStatistics(1L, 3L, 0))
        .containsEntry("name", new ColumnStatistics("a", "b".repeat(32) + "\udbff\udfff", 1))
        .containsEntry(
            "day", new ColumnStatistics(LocalDate.of(2024, 1, 1), LocalDate.of(2024, 1, 2), 1))
        .containsEntry(
            "at", new ColumnStatistics(at("2024-01-01T00:00:00"), at("2024-01-01T00:00:00.5"), 1))
        .containsEntry(
            "price", new ColumnStatistics(new BigDecimal("-1.50"), new BigDecimal("2.00"), 1))
        .containsEntry("x", new ColumnStatistics(0.5, 1.5, 1))
        .containsEntry("flag", new ColumnStatistics(false, true, 1))
        .containsEntry("prediction", new ColumnStatistics(null, null, 0));
    assertThat(scored.statistics().nullPredictions()).isEqualTo(1);
  }

  @Test
  void aPlanWithoutScoresNeverCallsTheScorer() {
    AtomicInteger calls = new AtomicInteger();
    FakeScorer scorer = new FakeScorer(List.of(), List.of(), (in, out) -> calls.incrementAndGet());
    assertThat(stage(TestPlan.overRows(requests(), "id").take("id").build(), scorer).rows())
        .hasSize(4);
    assertThat(calls).hasValue(0);
  }

  // Key files

  @Test
  void keysComeFromFiles() throws IOException {
    Path csv = folder.resolve("keys 'odd' [1].csv");
    Files.writeString(csv, "id,code,x\n9007199254740993,007,1.5\n1,008,\n");
    List<Column> columns =
        List.of(Column.of("id", LONG), Column.of("code", STRING), Column.of("x", DOUBLE));
    KeySource.File source = new KeySource.File(csv, KeySource.File.Format.CSV, columns);
    assertThat(join(TestPlan.over(source, "id").take("id", "code", "x")).rows())
        .containsExactlyInAnyOrder(row(9007199254740993L, "007", 1.5), row(1L, "008", null));

    Path json = folder.resolve("keys.jsonl");
    Files.writeString(
        json, "{\"id\": 9007199254740993, \"code\": \"007\"}\n{\"id\": 1, \"x\": 2.5}\n");
    KeySource.File lines = new KeySource.File(json, KeySource.File.Format.JSON_LINES, columns);
    assertThat(join(TestPlan.over(lines, "id").take("id", "code", "x")).rows())
        .containsExactlyInAnyOrder(row(9007199254740993L, "007", null), row(1L, null, 2.5));
  }

  @Test
  void columnsOfFilesAreDescribed() throws IOException {
    Path csv = folder.resolve("keys.csv");
    Files.writeString(csv, "id,day,name,x\n1,2024-01-01,a,1.5\n");
    assertThat(engine().describe(new KeySource.File(csv, KeySource.File.Format.CSV, List.of())))
        .containsExactly(
            Column.of("id", LONG),
            Column.of("day", DATE),
            Column.of("name", STRING),
            Column.of("x", DOUBLE));
    assertThatThrownBy(
            () ->
                engine()
                    .describe(
                        new KeySource.File(
                            folder.resolve("gone.csv"), KeySource.File.Format.CSV, List.of())))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining("gone.csv cannot be read as CSV.");
  }

  // Key queries

  @Test
  void keysComeFromQueriesOverTheCatalog() {
    tables.add(requests());
    KeySource.Query query =
        new KeySource.Query(
            "SELECT id, max(x) AS newest FROM main.ml.requests GROUP BY id; -- by id",
            List.of(Column.of("id", LONG), Column.of("newest", INT)));
    TableSnapshot features =
        table("features").column("id", LONG).column("v", DOUBLE).file(row(1L, 0.5)).snapshot();
    assertThat(engine().describe(query)).isEqualTo(query.columns());
    assertThat(
            join(TestPlan.over(query, "id")
                    .lookup(features, List.of("id"), "v")
                    .take("id", "newest", "v"))
                .rows())
        .containsExactlyInAnyOrder(row(1L, 4, 0.5), row(2L, 2, null), row(9L, 3, null));
  }

  @Test
  void keyQueriesCannotChangeOrReachAnything() {
    KeySource.Query drop = new KeySource.Query("DROP TABLE main.ml.requests", List.of());
    assertThatThrownBy(() -> engine().describe(drop))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining(ErrorCode.QUERY_NOT_READ_ONLY.label())
        .hasMessageContaining("'DROP TABLE main.ml.requests' is no read-only query.");
    KeySource.Query unknown = new KeySource.Query("SELECT * FROM main.ml.gone", List.of());
    assertThatThrownBy(() -> engine().describe(unknown))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining(ErrorCode.TABLE_NOT_FOUND.label());
  }

  // Stopping and limits

  @Test
  void aCancelledCallLeavesNothing() throws Exception {
    List<List<@Nullable Object>> many = new ArrayList<>();
    for (long i = 0; i < 20_000; i++) {
      many.add(row(i));
    }
    TableSnapshot events = table("events").column("id", LONG).file(Map.of(), many).snapshot();
    RunControl control = RunControl.unwatched();
    FakeScorer slow =
        FakeScorer.ofNumber(
            "id",
            x -> {
              if (x == 100) {
                control.cancel();
              }
              java.util.concurrent.locks.LockSupport.parkNanos(50_000);
              return x;
            });
    ScoringPlan plan = TestPlan.overRows(events, "id").numbers("id").take("id").predict().build();
    assertThatThrownBy(() -> engine().stage(plan, slow, staging(), limits(), control))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining(ErrorCode.INTERRUPTED.label())
        .hasMessageContaining("Scoring of churn was stopped.");
    assertThat(staging()).isEmptyDirectory();
  }

  @Test
  void aCallCancelledBeforeItStartsDoesNothing() {
    RunControl control = RunControl.unwatched();
    control.cancel();
    ScoringPlan plan = TestPlan.overRows(requests(), "id").take("id").build();
    assertThatThrownBy(
            () -> engine().stage(plan, FakeScorer.weightedSum(), staging(), limits(), control))
        .hasMessageContaining(ErrorCode.INTERRUPTED.label());
  }

  @Test
  void manyPlansRunAtOnce() throws Exception {
    TableSnapshot own = ownTable(row(2L, LocalDate.of(2024, 1, 1), 4.0));
    ScoringPlan plan =
        TestPlan.overKeys(own, "id", "day")
            .lookup(own, List.of("id", "day"), "v")
            .numbers("v")
            .take("id")
            .predict()
            .build();
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 8; i++) {
      Thread thread =
          new Thread(
              () -> {
                StagedScores scores =
                    engine()
                        .stage(
                            plan,
                            FakeScorer.weightedSum("v"),
                            staging(),
                            limits(),
                            RunControl.unwatched());
                assertThat(scores.statistics().rows()).isEqualTo(3);
              });
      thread.setUncaughtExceptionHandler((t, e) -> failures.add(e));
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).isEmpty();
  }
}
