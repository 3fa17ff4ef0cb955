package io.scorebatch.testing;

import static io.scorebatch.api.type.ColumnType.Primitive.BOOLEAN;
import static io.scorebatch.api.type.ColumnType.Primitive.DATE;
import static io.scorebatch.api.type.ColumnType.Primitive.DOUBLE;
import static io.scorebatch.api.type.ColumnType.Primitive.INT;
import static io.scorebatch.api.type.ColumnType.Primitive.LONG;
import static io.scorebatch.api.type.ColumnType.Primitive.STRING;
import static io.scorebatch.api.type.ColumnType.Primitive.TIMESTAMP;
import static io.scorebatch.api.type.ColumnType.Primitive.TIMESTAMP_NTZ;
import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.plan.PlanStep.Lookup;
import io.scorebatch.api.plan.PlanStep.Lookup.Feature;
import io.scorebatch.api.plan.PlanStep.Lookup.KeyPair;
import io.scorebatch.api.plan.PlanStep.Lookup.PointInTime;
import io.scorebatch.api.plan.RowHandling;
import io.scorebatch.api.plan.RowHandling.OnBadRow;
import io.scorebatch.api.plan.Sample;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.plan.Selection;
import io.scorebatch.api.plan.Selection.Between;
import io.scorebatch.api.plan.Selection.Changed;
import io.scorebatch.api.plan.Selection.Touched;
import io.scorebatch.api.plan.Selection.Unscored;
import io.scorebatch.api.table.DataFile;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType.Decimal;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which rows of a plan every engine scores: selections and samples. */
public abstract class RowHandlingContractTest extends EngineContract {
  private static RowHandling selecting(Selection... selections) {
    return new RowHandling(List.of(selections), Optional.empty(), OnBadRow.FAIL, false);
  }

  private static RowHandling sampling(Sample sample, Selection... selections) {
    return new RowHandling(List.of(selections), Optional.of(sample), OnBadRow.FAIL, false);
  }

  private Scored join(TestPlan plan, RowHandling rows) {
    return stage(plan.build().withRows(rows), FakeScorer.weightedSum());
  }

  private static List<@Nullable Object> first(Scored scored) {
    return scored.rows().stream().<@Nullable Object>map(row -> row.get(0)).toList();
  }

  // Between

  private TableSnapshot stamped() {
    return table("stamped")
        .column("id", LONG)
        .column("ts", TIMESTAMP)
        .column("v", DOUBLE)
        .file(
            row(1L, Instant.parse("2024-01-01T00:00:00Z"), 0.1),
            row(2L, Instant.parse("2024-01-02T00:00:00Z"), 0.2))
        .file(
            row(3L, Instant.parse("2024-01-03T00:00:00Z"), 0.3),
            row(4L, null, 0.4),
            row(3L, Instant.parse("2024-01-01T12:00:00Z"), 0.5))
        .snapshot();
  }

  @Test
  void rowsAreTakenAfterOneBoundUpToAnother() {
    Between day =
        new Between(
            "ts", Instant.parse("2024-01-01T00:00:00Z"), Instant.parse("2024-01-02T00:00:00Z"));
    Scored scored = join(TestPlan.overRows(stamped(), "id").take("id", "v"), selecting(day));
    assertThat(scored.rows()).containsExactlyInAnyOrder(row(2L, 0.2), row(3L, 0.5));
    assertThat(scored.statistics().keys()).isEqualTo(2);
    assertThat(scored.statistics().selected()).isEqualTo(2);
    assertThat(scored.statistics().rows()).isEqualTo(2);
  }

  @Test
  void aBoundHoldsBeforeEqualKeysBecomeOne() {
    Between after = new Between("ts", Instant.parse("2024-01-01T06:00:00Z"), null);
    assertThat(first(join(TestPlan.overKeys(stamped(), "id").take("id"), selecting(after))))
        .containsExactlyInAnyOrder(2L, 3L);
  }

  @Test
  void nullLiesBelowAnUpperBoundOnly() {
    TestPlan plan = TestPlan.overRows(stamped(), "id").take("v");
    Instant second = Instant.parse("2024-01-02T00:00:00Z");
    assertThat(first(join(plan, selecting(new Between("ts", null, second)))))
        .containsExactlyInAnyOrder(0.1, 0.2, 0.4, 0.5);
    assertThat(first(join(plan, selecting(new Between("ts", second, null))))).containsExactly(0.3);
    assertThat(first(join(plan, selecting(new Between("ts", null, null))))).hasSize(5);
  }

  @Test
  void theGreatestValueOfAColumnIsTold() {
    KeySource rows = new KeySource.TableRows(stamped(), List.of(Column.of("id", LONG)), true);
    assertThat(engine().greatest(rows, "ts", null))
        .isEqualTo(Instant.parse("2024-01-03T00:00:00Z"));
    assertThat(engine().greatest(rows, "ts", Instant.parse("2024-01-02T23:59:59Z")))
        .isEqualTo(Instant.parse("2024-01-02T00:00:00Z"));
    assertThat(engine().greatest(rows, "ts", Instant.parse("2023-12-31T00:00:00Z"))).isNull();
  }

  @Test
  void theGreatestDateAndLocalTimeAreTold() {
    TableSnapshot table =
        table("local")
            .column("day", DATE)
            .column("at", TIMESTAMP_NTZ)
            .file(row(LocalDate.parse("2024-02-28"), LocalDateTime.parse("2024-02-28T10:00:00")))
            .file(row(LocalDate.parse("2024-02-29"), null))
            .snapshot();
    KeySource rows = new KeySource.TableRows(table, List.of(Column.of("day", DATE)), false);
    assertThat(engine().greatest(rows, "day", null)).isEqualTo(LocalDate.parse("2024-02-29"));
    assertThat(engine().greatest(rows, "day", LocalDate.parse("2024-02-28")))
        .isEqualTo(LocalDate.parse("2024-02-28"));
    assertThat(engine().greatest(rows, "at", null))
        .isEqualTo(LocalDateTime.parse("2024-02-28T10:00:00"));
  }

  @Test
  void boundsAreOfManyTypes() {
    TableSnapshot table =
        table("typed")
            .column("id", INT)
            .column("l", LONG)
            .column("x", DOUBLE)
            .column("m", new Decimal(10, 2))
            .column("s", STRING)
            .column("d", DATE)
            .column("n", TIMESTAMP_NTZ)
            .file(
                row(1, 1L, 0.5, new BigDecimal("1.00"), "a", day(1), noon(1)),
                row(2, 2L, 1.5, new BigDecimal("1.50"), "b", day(2), noon(2)),
                row(3, 9007199254740993L, 2.5, new BigDecimal("2.00"), "c", day(3), noon(3)))
            .snapshot();
    TestPlan plan = TestPlan.overRows(table, "id").take("id");
    assertThat(first(join(plan, selecting(new Between("l", 9007199254740992L, null)))))
        .containsExactly(3);
    assertThat(first(join(plan, selecting(new Between("id", 1L, 3_000_000_000L)))))
        .containsExactlyInAnyOrder(2, 3);
    assertThat(first(join(plan, selecting(new Between("x", 0.5, 1.5))))).containsExactly(2);
    assertThat(
            first(
                join(
                    plan,
                    selecting(new Between("m", new BigDecimal("1.499"), new BigDecimal("1.500"))))))
        .containsExactly(2);
    assertThat(first(join(plan, selecting(new Between("s", "a", "b"))))).containsExactly(2);
    assertThat(first(join(plan, selecting(new Between("d", day(1), day(2)))))).containsExactly(2);
    assertThat(first(join(plan, selecting(new Between("n", noon(1), noon(2)))))).containsExactly(2);
  }

  private static LocalDate day(int day) {
    return LocalDate.of(2024, 1, day);
  }

  private static LocalDateTime noon(int day) {
    return day(day).atTime(12, 0);
  }

  @Test
  void aBoundHoldsForKeysThatAreReadWithTheirFeatures() {
    TableSnapshot table =
        table("own")
            .column("id", LONG)
            .column("ts", TIMESTAMP)
            .column("v", DOUBLE)
            .file(
                row(1L, Instant.parse("2024-01-01T00:00:00Z"), 0.1),
                row(2L, Instant.parse("2024-01-02T00:00:00Z"), 0.2))
            .snapshot();
    Scored scored =
        join(
            TestPlan.overKeys(table, "id").lookup(table, List.of("id"), "v").take("id", "v"),
            selecting(new Between("ts", Instant.parse("2024-01-01T00:00:00Z"), null)));
    assertThat(scored.rows()).containsExactly(row(2L, 0.2));
    assertThat(counts(scored).get(0).matched()).isEqualTo(1);
  }

  @Test
  void aBoundHoldsForTheColumnOfAQuery() {
    tables.add(stamped());
    KeySource query =
        new KeySource.Query("SELECT id, ts FROM main.ml.stamped", List.of(Column.of("id", LONG)));
    Between after = new Between("ts", Instant.parse("2024-01-02T00:00:00Z"), null);
    TestPlan plan = TestPlan.over(query, "id").take("id");
    assertThat(first(join(plan, selecting(after)))).containsExactly(3L);
    Unscored other = new Unscored(changed("scored", 3), List.of("id"), Map.of());
    assertThat(join(plan, selecting(after, other)).rows()).isEmpty();
  }

  // Unscored

  private TableSnapshot requests() {
    return table("requests")
        .column("id", LONG)
        .column("s", STRING)
        .file(row(1L, "a"), row(2L, "b"), row(3L, null), row(null, null), row(5L, "e"))
        .snapshot();
  }

  private TableSnapshot predictions() {
    return table("predictions")
        .column("id", INT)
        .column("s", STRING)
        .column("model_version", INT)
        .column("model_name", STRING)
        .file(row(1, "a", 2, "churn"), row(2, "b", 1, "churn"))
        .file(row(3, null, 2, "churn"), row(null, null, 2, "churn"), row(5, "e", 2, "other"))
        .snapshot();
  }

  @Test
  void keysThatAreScoredAlreadyAreLeftOut() {
    Scored scored =
        join(
            TestPlan.overRows(requests(), "id", "s").take("id"),
            selecting(
                new Unscored(
                    predictions(),
                    List.of("id", "s"),
                    Map.of("model_version", 2, "model_name", "churn"))));
    assertThat(first(scored)).containsExactlyInAnyOrder(2L, 5L);
    assertThat(scored.statistics().keys()).isEqualTo(5);
    assertThat(scored.statistics().selected()).isEqualTo(2);
  }

  @Test
  void aPredictionTableWithoutRowsScoresEveryKey() {
    TableSnapshot empty = table("empty").column("id", LONG).snapshot();
    assertThat(
            first(
                join(
                    TestPlan.overRows(requests(), "id").take("id"),
                    selecting(new Unscored(empty, List.of("id"), Map.of())))))
        .hasSize(5);
  }

  @Test
  void nothingLeftToScoreIsNoFailure() {
    Scored scored =
        join(
            TestPlan.overRows(requests(), "id")
                .lookup(features(), List.of("id"), "v")
                .take("id", "v"),
            selecting(new Unscored(requests(), List.of("id"), Map.of())));
    assertThat(scored.rows()).isEmpty();
    assertThat(scored.files()).isEmpty();
    assertThat(scored.statistics().keys()).isEqualTo(5);
    assertThat(scored.statistics().selected()).isZero();
    assertThat(counts(scored).get(0).matched()).isZero();
  }

  private TableSnapshot features() {
    return table("features")
        .column("id", LONG)
        .column("v", DOUBLE)
        .file(row(1L, 0.1), row(2L, 0.2), row(3L, 0.3), row(5L, 0.5))
        .snapshot();
  }

  @Test
  void lookupsAreCountedOverSelectedRows() {
    Scored scored =
        join(
            TestPlan.overRows(requests(), "id")
                .lookup(features(), List.of("id"), "v")
                .take("id", "v"),
            selecting(new Unscored(predictions(), List.of("id"), Map.of("model_version", 2))));
    assertThat(scored.rows()).containsExactlyInAnyOrder(row(2L, 0.2));
    assertThat(counts(scored).get(0).matched()).isEqualTo(1);
    assertThat(counts(scored).get(0).missing()).isZero();
    assertThat(scored.statistics().keys()).isEqualTo(5);
  }

  // Touched

  private static Touched touchedBy(TableSnapshot rows, String request, String column) {
    return new Touched(List.of(new Touched.Change(rows, List.of(new KeyPair(request, column)))));
  }

  private TableSnapshot changed(String name, Integer... ids) {
    TestTable table = table(name).column("id", INT).column("v", DOUBLE);
    List<List<@Nullable Object>> rows = new ArrayList<>();
    Stream.of(ids).forEach(id -> rows.add(row(id, 9.0)));
    return table.file(Map.of(), rows).snapshot();
  }

  @Test
  void rowsWithAChangedKeyAreScored() {
    Scored scored =
        join(
            TestPlan.overRows(requests(), "id").take("id"),
            selecting(touchedBy(changed("changes", 5, 1, 1, 77), "id", "id")));
    assertThat(first(scored)).containsExactlyInAnyOrder(1L, 5L);
    assertThat(scored.statistics().keys()).isEqualTo(5);
  }

  @Test
  void oneChangedTableIsEnough() {
    Touched touched =
        new Touched(
            List.of(
                new Touched.Change(changed("one", 1), List.of(new KeyPair("id", "id"))),
                new Touched.Change(changed("two", 1, 2), List.of(new KeyPair("id", "id")))));
    assertThat(first(join(TestPlan.overRows(requests(), "id").take("id"), selecting(touched))))
        .containsExactlyInAnyOrder(1L, 2L);
  }

  @Test
  void noChangeSelectsNothing() {
    TableSnapshot none = table("none").column("id", LONG).snapshot();
    assertThat(
            join(
                    TestPlan.overRows(requests(), "id").take("id"),
                    selecting(touchedBy(none, "id", "id")))
                .rows())
        .isEmpty();
  }

  @Test
  void aChangeIsFoundByAColumnThatALookupAdds() {
    TableSnapshot users =
        table("users")
            .column("id", LONG)
            .column("city", STRING)
            .file(row(1L, "Oslo"), row(2L, "Rome"), row(3L, null))
            .snapshot();
    TableSnapshot cities =
        table("cities")
            .column("name", STRING)
            .column("people", LONG)
            .file(row("Oslo", 717_710L), row("Rome", 2_748_109L))
            .snapshot();
    TableSnapshot changedCities =
        table("changed")
            .column("name", STRING)
            .column("people", LONG)
            .file(row("Rome", 2_748_109L))
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
                .take("id", "people"),
            selecting(touchedBy(changedCities, "city", "name")));
    assertThat(scored.rows()).containsExactly(row(2L, 2_748_109L));
    assertThat(scored.statistics().keys()).isEqualTo(5);
    assertThat(scored.statistics().selected()).isEqualTo(1);
    assertThat(counts(scored).get(0).matched()).isEqualTo(1);
  }

  @Test
  void aChangeDataFeedCountsInsertsAndWhatUpdatesGave() {
    TableSnapshot files =
        table("feed")
            .column("id", INT)
            .partitionColumn("day", STRING)
            .file(Map.of("day", "2024-01-01"), row(3))
            .snapshot();
    TableSnapshot feed =
        table("feed_files")
            .column("id", INT)
            .column("_change_type", STRING)
            .file(
                row(1, "insert"),
                row(2, "delete"),
                row(5, "update_postimage"),
                row(6, "update_preimage"))
            .snapshot();
    List<DataFile> both = new ArrayList<>(files.files());
    feed.files()
        .forEach(
            file ->
                both.add(
                    new DataFile(
                        file.path(),
                        file.sizeBytes(),
                        file.rows(),
                        Map.of("day", "2024-01-02"),
                        Optional.empty(),
                        DataFile.Content.CHANGE_FEED)));
    TableSnapshot changes =
        new TableSnapshot(
            files.name(),
            files.location(),
            files.tableId(),
            files.version(),
            files.columns(),
            files.partitionColumns(),
            files.properties(),
            files.comment(),
            both);
    TestPlan plan = TestPlan.overRows(requests(), "id").take("id");
    assertThat(first(join(plan, selecting(touchedBy(changes, "id", "id")))))
        .containsExactlyInAnyOrder(1L, 3L, 5L);
    assertThat(first(join(plan, selecting(touchedBy(files, "id", "id"))))).containsExactly(3L);
  }

  // Changed

  private static final long SALT = 12345;

  private TestPlan fingerprinted(TableSnapshot features) {
    return TestPlan.overRows(requests(), "id")
        .lookup(features, List.of("id"), "v", "w")
        .numbers("v", "w")
        .take("id")
        .predict()
        .output("feature_fingerprint", LONG, new OutputValue.Fingerprint(SALT));
  }

  private TableSnapshot twoFeatures(double second) {
    return table("features" + (int) second)
        .column("id", LONG)
        .column("v", DOUBLE)
        .column("w", INT)
        .file(row(1L, 0.5, 1), row(2L, second, 2), row(3L, null, null), row(5L, 4.0, -1))
        .snapshot();
  }

  /** Counts the rows it scores. */
  private static FakeScorer counting(AtomicLong scored) {
    FakeScorer sum = FakeScorer.weightedSum("v", "w");
    return new FakeScorer(
        sum.inputs(),
        sum.outputs(),
        (in, out) -> {
          scored.addAndGet(in.rows());
          sum.score(in, out);
        });
  }

  @Test
  void onlyRowsWhoseInputsHaveChangedAreScored() {
    ScoringPlan first = fingerprinted(twoFeatures(2.0)).build();
    TableSnapshot before =
        committed("before", first, stage(first, FakeScorer.weightedSum("v", "w")).files());
    Changed changed = new Changed(before, List.of("id"), "feature_fingerprint", SALT);
    AtomicLong rows = new AtomicLong();
    Scored again = stage(first.withRows(selecting(changed)), counting(rows));
    assertThat(again.rows()).isEmpty();
    assertThat(rows).hasValue(0);
    assertThat(again.statistics().keys()).isEqualTo(5);
    assertThat(again.statistics().selected()).isZero();

    Scored later =
        stage(fingerprinted(twoFeatures(7.0)).build().withRows(selecting(changed)), counting(rows));
    assertThat(later.rows()).singleElement().satisfies(row -> assertThat(row).startsWith(2L, 11.0));
    assertThat(rows).hasValue(1);
    assertThat(later.statistics().selected()).isEqualTo(1);
    assertThat(counts(later).get(0).matched()).isEqualTo(1);
  }

  @Test
  void anotherSaltAndAnUnknownKeyAreChanges() {
    ScoringPlan first = fingerprinted(twoFeatures(2.0)).build();
    TableSnapshot before =
        committed("before", first, stage(first, FakeScorer.weightedSum("v", "w")).files());
    Changed other = new Changed(before, List.of("id"), "feature_fingerprint", SALT + 1);
    assertThat(stage(first.withRows(selecting(other)), FakeScorer.weightedSum("v", "w")).rows())
        .hasSize(5);
    TableSnapshot known =
        table("known").column("id", LONG).column("feature_fingerprint", LONG).snapshot();
    Changed unknown = new Changed(known, List.of("id"), "feature_fingerprint", SALT);
    assertThat(stage(first.withRows(selecting(unknown)), FakeScorer.weightedSum("v", "w")).rows())
        .hasSize(5);
  }

  @Test
  void aKeyThatThePredictionTableHoldsTwiceIsScoredOnce() {
    ScoringPlan first = fingerprinted(twoFeatures(2.0)).build();
    TableSnapshot before =
        committed("before", first, stage(first, FakeScorer.weightedSum("v", "w")).files());
    Object print =
        rowsOf(before).stream()
            .filter(row -> Long.valueOf(5).equals(row.get(0)))
            .findFirst()
            .get()
            .get(2);
    TableSnapshot twice =
        table("twice")
            .column("id", LONG)
            .column("feature_fingerprint", LONG)
            .file(row(5L, print), row(5L, print))
            .snapshot();
    Changed changed = new Changed(twice, List.of("id"), "feature_fingerprint", SALT);
    assertThat(first(stage(first.withRows(selecting(changed)), counting(new AtomicLong()))))
        .containsExactlyInAnyOrder(1L, 2L, 3L, null, 5L);
  }

  @Test
  void aFingerprintWithoutAScoreNeverCallsTheScorer() {
    AtomicLong rows = new AtomicLong();
    ScoringPlan plan =
        TestPlan.overRows(features(), "id")
            .input("v", "v", io.scorebatch.api.plan.InputBinding.Conversion.NUMBER, null)
            .take("id")
            .output("f", LONG, new OutputValue.Fingerprint(1))
            .build();
    FakeScorer sum = FakeScorer.weightedSum("v");
    Scored scored =
        stage(
            plan,
            new FakeScorer(sum.inputs(), sum.outputs(), (in, out) -> rows.addAndGet(in.rows())));
    assertThat(rows).hasValue(0);
    assertThat(scored.rows()).hasSize(4).allSatisfy(row -> assertThat(row.get(1)).isNotNull());
  }

  @Test
  void selectionsHoldTogetherAndForPointsInTime() {
    TableSnapshot keys =
        table("moments")
            .column("id", LONG)
            .column("ts", TIMESTAMP)
            .file(
                row(1L, Instant.parse("2024-01-03T00:00:00Z")),
                row(2L, Instant.parse("2024-01-03T00:00:00Z")),
                row(2L, Instant.parse("2024-01-01T00:00:00Z")))
            .snapshot();
    TableSnapshot history =
        table("history")
            .column("id", LONG)
            .column("at", TIMESTAMP)
            .column("v", DOUBLE)
            .file(
                row(1L, Instant.parse("2024-01-01T00:00:00Z"), 0.1),
                row(2L, Instant.parse("2024-01-01T00:00:00Z"), 0.2),
                row(2L, Instant.parse("2024-01-02T00:00:00Z"), 0.3))
            .snapshot();
    Scored scored =
        join(
            TestPlan.overKeys(keys, "id", "ts")
                .lookup(
                    history,
                    List.of("id"),
                    DuplicateKeys.FAIL,
                    new PointInTime("ts", "at", null),
                    "v")
                .take("id", "v"),
            selecting(
                new Between("ts", Instant.parse("2024-01-02T00:00:00Z"), null),
                touchedBy(changed("changed", 2, 3), "id", "id"),
                new Unscored(changed("scored", 3), List.of("id"), Map.of())));
    assertThat(scored.rows()).containsExactly(row(2L, 0.3));
    assertThat(scored.statistics().keys()).isEqualTo(2);
    assertThat(scored.statistics().selected()).isEqualTo(1);
  }

  // Samples

  private static Sample rows(long seed, long count, String... keys) {
    return new Sample(List.of(keys), seed, new Sample.Rows(count), Optional.empty());
  }

  /** Ids from 0 on, in files of a hundred, the last first where asked. */
  private TableSnapshot ids(int count, boolean reversed) {
    TestTable table = table("ids" + count + reversed).column("id", LONG).column("g", STRING);
    List<Integer> starts =
        new ArrayList<>(IntStream.range(0, (count + 99) / 100).map(i -> i * 100).boxed().toList());
    if (reversed) {
      Collections.reverse(starts);
    }
    String[] strata = {"a", "b", null};
    for (int start : starts) {
      List<List<@Nullable Object>> rows = new ArrayList<>();
      for (int id = start; id < Math.min(count, start + 100); id++) {
        rows.add(row((long) id, strata[id % 3]));
      }
      table.file(Map.of(), rows);
    }
    return table.snapshot();
  }

  // The ids that a sample must give are those of Python's hashlib:
  // h = lambda seed, *keys: hashlib.md5('|'.join([str(seed), *keys]).encode()).hexdigest()
  // sorted(range(1000), key=lambda i: h(42, str(i)))[:10]
  @Test
  void aSampleOfRowsTakesThoseFirstInTheOrderOfTheirHashes() {
    Scored scored =
        join(TestPlan.overRows(ids(1000, false), "id").take("id"), sampling(rows(42, 10, "id")));
    assertThat(first(scored))
        .containsExactlyInAnyOrder(464L, 795L, 623L, 563L, 31L, 325L, 532L, 909L, 864L, 298L);
    assertThat(scored.statistics().keys()).isEqualTo(1000);
    assertThat(scored.statistics().selected()).isEqualTo(10);
  }

  // [i for i in range(1000) if int(h(42, str(i))[:15], 16) < int(0.01 * 16**15)]
  @Test
  void aShareTakesTheRowsBelowIt() {
    Sample share = new Sample(List.of("id"), 42, new Sample.Share(0.01), Optional.of("g"));
    Scored scored = join(TestPlan.overRows(ids(1000, false), "id").take("id"), sampling(share));
    assertThat(first(scored))
        .containsExactlyInAnyOrder(31L, 325L, 464L, 532L, 563L, 623L, 795L, 864L, 909L);
    assertThat(scored.statistics().keys()).isEqualTo(1000);
    Sample all = new Sample(List.of("id"), 42, new Sample.Share(1), Optional.empty());
    assertThat(join(TestPlan.overRows(ids(1000, false), "id").take("id"), sampling(all)).rows())
        .hasSize(1000);
  }

  // [i for i in sorted(range(1000), key=lambda i: h(42, str(i))) if i % 3 == stratum][:2]
  @Test
  void aStratumHasASampleOfItsOwn() {
    Sample strata = new Sample(List.of("id"), 42, new Sample.Rows(2), Optional.of("g"));
    assertThat(
            join(TestPlan.overRows(ids(1000, false), "id").take("g", "id"), sampling(strata))
                .rows())
        .containsExactlyInAnyOrder(
            row("a", 795L),
            row("a", 909L),
            row("b", 31L),
            row("b", 325L),
            row(null, 464L),
            row(null, 623L));
  }

  @Test
  void aSampleIsTheSameWhateverThreadsAndFiles() {
    Sample sample = rows(42, 50, "id");
    List<@Nullable Object> expected =
        first(join(TestPlan.overRows(ids(1000, false), "id").take("id"), sampling(sample)));
    for (TableSnapshot table : List.of(ids(1000, false), ids(1000, true))) {
      for (int threads : new int[] {1, 2, 16}) {
        Scored scored =
            stage(
                TestPlan.overRows(table, "id").take("id").build().withRows(sampling(sample)),
                FakeScorer.weightedSum(),
                new EngineLimits(512L << 20, threads, folder.resolve("spill")));
        assertThat(first(scored)).containsExactlyInAnyOrderElementsOf(expected);
      }
    }
  }

  // sum(int(h(42, str(i))[:15], 16) < int(0.01 * 16**15) for i in range(100000)) == 982
  @Test
  void aShareOfManyRowsIsNearItsSize() {
    tables.add(ids(1000, false));
    KeySource many =
        new KeySource.Query(
            "SELECT a.id * 1000 + b.id AS id FROM main.ml.ids1000false a"
                + " CROSS JOIN main.ml.ids1000false b WHERE a.id < 100",
            List.of(Column.of("id", LONG)));
    Sample share = new Sample(List.of("id"), 42, new Sample.Share(0.01), Optional.empty());
    TestPlan plan = TestPlan.over(many, "id").take("id");
    Scored scored = join(plan, sampling(share));
    assertThat(scored.rows()).hasSize(982);
    assertThat(join(plan, sampling(rows(42, 1000, "id"))).rows())
        .hasSize(1000)
        .containsAll(scored.rows());
  }

  // The rows of python's:
  // esc = lambda s: s.replace('\\', '\\\\').replace('|', '\\|')
  // dec = lambda c: ('-' if c < 0 else '') + '%d.%02d' % divmod(abs(c), 100)
  // def row(k):
  //   s = ['a|b', 'c\\d', 'é', '', None, 'x'][k % 6]; b = None if k % 7 == 0 else k % 2 == 0
  //   return [str(k - 20), '\\N' if s is None else esc(s),
  //     (date(1969, 12, 25) + timedelta(k)).isoformat(), str(k * 86400123457 - 10**12),
  //     str(k * 3600000001 - 10**10), '\\N' if b is None else str(b).lower(),
  //     dec((k - 20) * 13), dec(k - 20)]
  // sorted(range(40), key=lambda k: h(7, *row(k)))[:8]; the same with seed -1
  @Test
  void everyTypeOfKeyHasItsText() {
    String[] texts = {"a|b", "c\\d", "é", "", null, "x"};
    Decimal[] types = {new Decimal(5, 2), new Decimal(2, 2)};
    TestTable table =
        table("typed")
            .column("k", INT)
            .column("i", LONG)
            .column("s", STRING)
            .column("d", DATE)
            .column("t", TIMESTAMP)
            .column("n", TIMESTAMP_NTZ)
            .column("b", BOOLEAN)
            .column("m", types[0])
            .column("z", types[1]);
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (int k = 0; k < 40; k++) {
      rows.add(
          row(
              k,
              k - 20L,
              texts[k % 6],
              LocalDate.of(1969, 12, 25).plusDays(k),
              Instant.EPOCH.plus(k * 86_400_123_457L - 1_000_000_000_000L, ChronoUnit.MICROS),
              LocalDateTime.ofInstant(
                  Instant.EPOCH.plus(k * 3_600_000_001L - 10_000_000_000L, ChronoUnit.MICROS),
                  ZoneOffset.UTC),
              k % 7 == 0 ? null : (Object) (k % 2 == 0),
              BigDecimal.valueOf((k - 20) * 13L, 2),
              BigDecimal.valueOf(k - 20, 2)));
    }
    TableSnapshot snapshot = table.file(Map.of(), rows).snapshot();
    String[] keys = {"i", "s", "d", "t", "n", "b", "m", "z"};
    TestPlan plan = TestPlan.overRows(snapshot, keys).take("k");
    assertThat(first(join(plan, sampling(rows(7, 8, keys)))))
        .containsExactlyInAnyOrder(35, 0, 26, 20, 39, 24, 10, 18);
    assertThat(first(join(plan, sampling(rows(-1, 8, keys)))))
        .containsExactlyInAnyOrder(36, 6, 7, 38, 8, 1, 33, 0);
  }

  @Test
  void keysThatAreFloatsCannotBeSampled() {
    TableSnapshot table = table("floats").column("x", DOUBLE).file(row(1.5)).snapshot();
    assertFails(
        TestPlan.overRows(table, "x").take("x").build().withRows(sampling(rows(1, 1, "x"))),
        FakeScorer.weightedSum(),
        ErrorCode.SAMPLE_KEY_INVALID,
        "Key 'x' is a double");
  }

  @Test
  void aSampleIsTakenOfDistinctKeysThatAreSelected() {
    TestTable table = table("twice").column("id", LONG).column("v", DOUBLE);
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (long id = 0; id < 1000; id++) {
      rows.add(row(id, 1.0));
      rows.add(row(id, 2.0));
    }
    TableSnapshot twice = table.file(Map.of(), rows).snapshot();
    TableSnapshot scored = table("scored").column("id", LONG).file(row(464L), row(795L)).snapshot();
    Scored some =
        join(
            TestPlan.overKeys(twice, "id").take("id"),
            sampling(rows(42, 4, "id"), new Unscored(scored, List.of("id"), Map.of())));
    assertThat(first(some)).containsExactlyInAnyOrder(623L, 563L, 31L, 325L);
    assertThat(some.statistics().keys()).isEqualTo(1000);
    assertThat(some.statistics().selected()).isEqualTo(4);
  }

  @Test
  void aSampleOfKeysWithTheirOwnFeaturesAndOfKeysToJoin() {
    TableSnapshot ids = ids(1000, false);
    TableSnapshot features =
        table("wide")
            .column("id", LONG)
            .column("v", INT)
            .file(row(464L, 1), row(795L, 2))
            .snapshot();
    Scored own =
        join(
            TestPlan.overKeys(ids, "id").lookup(ids, List.of("id"), "g").take("id", "g"),
            sampling(rows(42, 3, "id")));
    assertThat(own.rows())
        .containsExactlyInAnyOrder(row(464L, null), row(795L, "a"), row(623L, null));
    assertThat(own.statistics().keys()).isEqualTo(1000);
    Scored joined =
        join(
            TestPlan.overKeys(ids, "id").lookup(features, List.of("id"), "v").take("id", "v"),
            sampling(rows(42, 3, "id")));
    assertThat(joined.rows())
        .containsExactlyInAnyOrder(row(464L, 1), row(795L, 2), row(623L, null));
    assertThat(joined.statistics().keys()).isEqualTo(1000);
    assertThat(joined.statistics().selected()).isEqualTo(3);
  }

  @Test
  void aSampleOfRowsWhoseInputsHaveChangedIsTakenOfThem() {
    ScoringPlan first = fingerprinted(twoFeatures(2.0)).build();
    TableSnapshot before =
        committed("before", first, stage(first, FakeScorer.weightedSum("v", "w")).files());
    Changed changed = new Changed(before, List.of("id"), "feature_fingerprint", SALT);
    ScoringPlan later = fingerprinted(twoFeatures(7.0)).build();
    Scored scored =
        stage(
            later.withRows(sampling(rows(1, 3, "id"), changed)), FakeScorer.weightedSum("v", "w"));
    assertThat(first(scored)).containsExactly(2L);
  }

  // Values of rows

  @Test
  void aConstantMayBeADay() {
    Scored scored =
        join(
            TestPlan.overRows(features(), "id")
                .take("id")
                .output("slice", DATE, new OutputValue.Constant(LocalDate.of(2024, 2, 29))));
    assertThat(scored.rows())
        .allSatisfy(row -> assertThat(row.get(1)).isEqualTo(LocalDate.of(2024, 2, 29)));
  }
}
