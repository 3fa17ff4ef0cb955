package io.scorebatch.testing;

import static io.scorebatch.api.type.ColumnType.Primitive.BOOLEAN;
import static io.scorebatch.api.type.ColumnType.Primitive.DATE;
import static io.scorebatch.api.type.ColumnType.Primitive.DOUBLE;
import static io.scorebatch.api.type.ColumnType.Primitive.INT;
import static io.scorebatch.api.type.ColumnType.Primitive.LONG;
import static io.scorebatch.api.type.ColumnType.Primitive.STRING;
import static io.scorebatch.api.type.ColumnType.Primitive.TIMESTAMP;
import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.engine.Distribution;
import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.ScoreStatistics;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.plan.InputBinding.Conversion;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.RowHandling;
import io.scorebatch.api.plan.RowHandling.OnBadRow;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType.Decimal;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What engines tell of staged rows, and how they stage them by partition. */
public abstract class StagedFilesContractTest extends EngineContract {
  // Statistics

  private TableSnapshot scores() {
    return table("scores")
        .column("id", LONG)
        .column("x", DOUBLE)
        .column("y", INT)
        .file(row(1L, 1.0, 1), row(2L, -2.0, 2), row(3L, null, null))
        .file(row(4L, Double.POSITIVE_INFINITY, 0), row(5L, 0.0, -7))
        .snapshot();
  }

  private TestPlan plan() {
    return TestPlan.overRows(scores(), "id").numbers("x", "y").take("id").predict();
  }

  private static RowHandling profiling(OnBadRow onBadRow) {
    return new RowHandling(List.of(), Optional.empty(), onBadRow, true);
  }

  @Test
  void predictionsAreCountedAsTheyAreSpread() {
    // x + 2 y: 3, 2, NaN, Infinity, -14
    Distribution found =
        stage(plan().build(), FakeScorer.weightedSum("x", "y"))
            .statistics()
            .predictions()
            .orElseThrow();
    assertThat(found.missing()).isEqualTo(1);
    assertThat(found.count()).isEqualTo(4);
    assertThat(found.min()).isEqualTo(-14);
    assertThat(found.max()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(found.sum()).isEqualTo(-9);
    assertThat(found.bins().keySet().stream().map(Distribution::bound))
        .containsExactly(-14.0, 2.0, 3.0, Double.POSITIVE_INFINITY);
  }

  private static Distribution input(ScoreStatistics statistics, String name) {
    return java.util.Objects.requireNonNull(statistics.inputs().get(name));
  }

  @Test
  void inputsAreCountedWhereThatIsAskedFor() {
    FakeScorer scorer = FakeScorer.weightedSum("x", "y");
    assertThat(stage(plan().build(), scorer).statistics().inputs()).isEmpty();
    ScoreStatistics inputs =
        stage(plan().build().withRows(profiling(OnBadRow.FAIL)), scorer).statistics();
    assertThat(inputs.inputs()).containsOnlyKeys("x", "y");
    assertThat(input(inputs, "x").missing()).isEqualTo(1);
    assertThat(input(inputs, "x").min()).isEqualTo(-2);
    assertThat(input(inputs, "y").sum()).isEqualTo(-4);
    assertThat(input(inputs, "y").bins()).hasSize(4);
  }

  @Test
  void defaultsCountAsWhatTheModelSaw() {
    TestPlan plan =
        TestPlan.overRows(scores(), "id")
            .input("x", "x", Conversion.NUMBER, "9")
            .take("id")
            .predict();
    ScoreStatistics statistics =
        stage(plan.build().withRows(profiling(OnBadRow.FAIL)), FakeScorer.weightedSum("x"))
            .statistics();
    Distribution x = input(statistics, "x");
    assertThat(x.missing()).isZero();
    assertThat(x.sum()).isEqualTo(8);
  }

  @Test
  void flagsThatAreSetAreCounted() {
    FakeScorer scorer = FakeScorer.weightedSum("x", "y");
    assertThat(stage(plan().build(), scorer).statistics().positives()).isEmpty();
    TestPlan both =
        plan()
            .output("low", INT, new OutputValue.ScoreBelow(0, 2.5))
            .output("high", INT, new OutputValue.ScoreAbove(0, 0));
    assertThat(stage(both.build(), scorer).statistics().positives()).hasValue(2);
    TestPlan high = plan().output("high", INT, new OutputValue.ScoreAbove(0, 2));
    assertThat(stage(high.build(), scorer).statistics().positives()).hasValue(2);
  }

  @Test
  void badRowsCountAsMissingOnlyWhereTheyAreWritten() {
    FakeScorer refusing = FakeScorer.weightedSumWithoutNaN("x", "y");
    ScoreStatistics written =
        stage(plan().build().withRows(profiling(OnBadRow.NULL)), refusing).statistics();
    assertThat(written.badRows()).isEqualTo(1);
    assertThat(written.predictions().orElseThrow().missing()).isEqualTo(1);
    assertThat(input(written, "x").missing()).isZero();
    ScoreStatistics leftOut =
        stage(plan().build().withRows(profiling(OnBadRow.SKIP)), refusing).statistics();
    assertThat(leftOut.predictions().orElseThrow().missing()).isZero();
    assertThat(leftOut.predictions().orElseThrow().count()).isEqualTo(4);
    assertThat(input(leftOut, "y").count()).isEqualTo(4);
  }

  @Test
  void labelsCountByTheirPlaceAndTextNotAtAll() {
    Labels labels = new Labels(STRING, List.of("low", "high"));
    FakeScorer scorer =
        new FakeScorer(
            List.of(ModelInput.number("x")),
            List.of(
                ScoreColumn.label(OutputKind.PREDICT, labels),
                new ScoreColumn(OutputKind.PREDICT, "t", ScoreColumn.Type.TEXT, Optional.empty())),
            (in, out) -> {
              for (int row = 0; row < in.rows(); row++) {
                double x = in.numbers(0)[row];
                out.numbers(0)[row] = Double.isNaN(x) ? -1 : x > 0 ? 1 : 0;
                out.texts(1)[row] = "t";
              }
            });
    TestPlan plan = TestPlan.overRows(scores(), "id").numbers("x").take("id");
    TestPlan text = TestPlan.overRows(scores(), "id").numbers("x").take("id");
    ScoreStatistics ofLabels =
        stage(plan.output("prediction", STRING, new OutputValue.Label(0, labels)).build(), scorer)
            .statistics();
    assertThat(ofLabels.predictions().orElseThrow().missing()).isEqualTo(1);
    assertThat(ofLabels.predictions().orElseThrow().sum()).isEqualTo(2);
    assertThat(ofLabels.predictions().orElseThrow().count()).isEqualTo(4);
    assertThat(
            stage(text.output("prediction", STRING, new OutputValue.Text(1)).build(), scorer)
                .statistics()
                .predictions())
        .isEmpty();
  }

  @Test
  void aJoinWithoutAModelHasNoPredictions() {
    ScoreStatistics statistics =
        stage(TestPlan.overRows(scores(), "id").take("id").build(), FakeScorer.weightedSum())
            .statistics();
    assertThat(statistics.predictions()).isEmpty();
    assertThat(statistics.positives()).isEmpty();
    assertThat(statistics.selected()).isEqualTo(5);
    assertThat(statistics.badRows()).isZero();
  }

  // Partitions

  private TableSnapshot days() {
    return table("days")
        .column("id", LONG)
        .column("day", DATE)
        .column("region", STRING)
        .column("x", DOUBLE)
        .file(
            row(1L, LocalDate.of(2024, 1, 1), "a/b=c%é", 1.0),
            row(2L, LocalDate.of(2024, 1, 2), null, 2.0),
            row(3L, LocalDate.of(2024, 1, 1), "", 3.0),
            row(4L, null, "a/b=c%é", 4.0))
        .file(row(5L, LocalDate.of(2024, 1, 1), "a/b=c%é", 5.0))
        .snapshot();
  }

  private static Map<String, @Nullable String> partition(
      @Nullable String day, @Nullable String region) {
    Map<String, @Nullable String> values = new HashMap<>();
    values.put("day", day);
    values.put("region", region);
    return values;
  }

  @Test
  void everyPartitionHasFilesOfItsOwnWithoutItsColumns() {
    ScoringPlan plan =
        TestPlan.overRows(days(), "id")
            .numbers("x")
            .take("id", "day")
            .predict()
            .take("region")
            .build()
            .partitionedBy(List.of("day", "region"));
    Scored scored = stage(plan, FakeScorer.weightedSum("x"));
    assertThat(scored.columns()).containsExactly("id", "prediction");
    assertThat(scored.files().stream().map(StagedFile::partitionValues).distinct())
        .containsExactlyInAnyOrder(
            partition("2024-01-01", "a/b=c%é"),
            partition("2024-01-02", null),
            partition("2024-01-01", null),
            partition(null, "a/b=c%é"));
    for (StagedFile file : scored.files()) {
      assertThat(file.file().getParent()).isEqualTo(staging());
      assertThat(file.statistics()).containsOnlyKeys("id", "prediction");
    }
    assertThat(scored.statistics().rows()).isEqualTo(5);
    assertThat(scored.files().stream().mapToLong(StagedFile::rows).sum()).isEqualTo(5);
    assertThat(rowsOf(committed("predictions", plan, scored.files())))
        .containsExactlyInAnyOrder(
            row(1L, LocalDate.of(2024, 1, 1), 1.0, "a/b=c%é"),
            row(2L, LocalDate.of(2024, 1, 2), 2.0, null),
            row(3L, LocalDate.of(2024, 1, 1), 3.0, null),
            row(4L, null, 4.0, "a/b=c%é"),
            row(5L, LocalDate.of(2024, 1, 1), 5.0, "a/b=c%é"));
  }

  @Test
  void partitionValuesAreTextAsDeltaWritesIt() {
    Instant moment = Instant.parse("2024-03-10T10:00:00.5Z");
    TableSnapshot rows =
        table("typed")
            .column("id", LONG)
            .column("t", TIMESTAMP)
            .column("m", new Decimal(10, 2))
            .column("z", new Decimal(2, 2))
            .column("b", BOOLEAN)
            .column("i", INT)
            .file(row(1L, moment, new BigDecimal("-0.50"), new BigDecimal("0.05"), true, -7))
            .snapshot();
    List<String> partitions = List.of("t", "m", "z", "b", "i");
    ScoringPlan plan =
        TestPlan.overRows(rows, "id")
            .take("id", "t", "m", "z", "b", "i")
            .build()
            .partitionedBy(partitions);
    Scored scored = stage(plan, FakeScorer.weightedSum());
    assertThat(scored.files()).hasSize(1);
    assertThat(scored.files().get(0).partitionValues())
        .isEqualTo(
            Map.of(
                "t",
                "2024-03-10 10:00:00.500000",
                "m",
                "-0.50",
                "z",
                "0.05",
                "b",
                "true",
                "i",
                "-7"));
    assertThat(rowsOf(committed("predictions", plan, scored.files())))
        .containsExactly(
            row(1L, moment, new BigDecimal("-0.50"), new BigDecimal("0.05"), true, -7));
  }

  @Test
  void aPlanWithoutRowsStagesNoPartition() {
    TableSnapshot none = table("none").column("id", LONG).column("day", DATE).snapshot();
    ScoringPlan plan =
        TestPlan.overRows(none, "id").take("id", "day").build().partitionedBy(List.of("day"));
    assertThat(stage(plan, FakeScorer.weightedSum()).files()).isEmpty();
    assertThat(staging()).isEmptyDirectory();
  }

  @Test
  void aThousandPartitionsNeedLittleMemory() {
    List<List<@Nullable Object>> thousand = new ArrayList<>();
    for (long id = 0; id < 1000; id++) {
      thousand.add(row(id));
    }
    tables.add(table("thousand").column("id", LONG).file(Map.of(), thousand).snapshot());
    KeySource many =
        new KeySource.Query(
            "SELECT a.id * 1000 + b.id AS id, b.id AS p FROM main.ml.thousand a"
                + " CROSS JOIN main.ml.thousand b WHERE a.id < 300",
            List.of(Column.of("id", LONG), Column.of("p", LONG)));
    ScoringPlan plan =
        TestPlan.over(many, "id")
            .take("id", "p")
            .build()
            .withRows(RowHandling.EVERY_ROW)
            .partitionedBy(List.of("p"));
    Path spill = folder.resolve("spill");
    Scored scored = stage(plan, FakeScorer.weightedSum(), new EngineLimits(256L << 20, 2, spill));
    assertThat(scored.statistics().rows()).isEqualTo(300_000);
    Map<Object, Long> rows = new HashMap<>();
    scored.files().forEach(f -> rows.merge(f.partitionValues(), f.rows(), Long::sum));
    assertThat(rows).hasSize(1000).allSatisfy((p, count) -> assertThat(count).isEqualTo(300));
  }
}
