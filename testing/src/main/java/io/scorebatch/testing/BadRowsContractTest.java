package io.scorebatch.testing;

import static io.scorebatch.api.type.ColumnType.Primitive.BOOLEAN;
import static io.scorebatch.api.type.ColumnType.Primitive.DATE;
import static io.scorebatch.api.type.ColumnType.Primitive.DOUBLE;
import static io.scorebatch.api.type.ColumnType.Primitive.FLOAT;
import static io.scorebatch.api.type.ColumnType.Primitive.INT;
import static io.scorebatch.api.type.ColumnType.Primitive.LONG;
import static io.scorebatch.api.type.ColumnType.Primitive.STRING;
import static io.scorebatch.api.type.ColumnType.Primitive.TIMESTAMP;
import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.plan.InputBinding.Conversion;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OnDemandFunction;
import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.PlanStep.Call;
import io.scorebatch.api.plan.PlanStep.Compute;
import io.scorebatch.api.plan.RowHandling;
import io.scorebatch.api.plan.RowHandling.OnBadRow;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.plan.Selection.Changed;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.ArrayOf;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.Schema;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What becomes of rows that a model cannot take. */
public abstract class BadRowsContractTest extends EngineContract {
  private static RowHandling on(OnBadRow onBadRow) {
    return new RowHandling(List.of(), Optional.empty(), onBadRow, false);
  }

  /** Keeps {@code id}, the reason and the values. */
  private static List<OutputColumn> quarantine() {
    return List.of(
        new OutputColumn(Column.of("id", LONG), new OutputValue.FromColumn("id")),
        new OutputColumn(Column.of("reason", STRING), new OutputValue.BadReason()),
        new OutputColumn(Column.of("row_values", STRING), new OutputValue.BadValues()));
  }

  private Scored stage(TestPlan plan, Scorer scorer, OnBadRow onBadRow) {
    return stage(plan.build().withRows(on(onBadRow)).withQuarantine(quarantine()), scorer);
  }

  private String reason(Scored scored) {
    assertThat(scored.quarantined()).hasSize(1);
    return String.valueOf(read(scored.quarantined()).get(0).get(1));
  }

  private TestPlan texts() {
    TableSnapshot rows =
        table("texts")
            .column("id", LONG)
            .column("x", STRING)
            .column("y", DOUBLE)
            .file(row(1L, "1.5", 1.0), row(2L, "n/a", Double.NaN), row(3L, null, 3.0))
            .snapshot();
    return TestPlan.overRows(rows, "id").numbers("x", "y").take("id", "x").predict();
  }

  @Test
  void aBadRowIsWrittenWithoutWhatComesFromTheModel() {
    TestPlan plan =
        texts()
            .output("is_low", INT, new OutputValue.ScoreBelow(0, 2))
            .output("all", new ArrayOf(DOUBLE), new OutputValue.ScoreArray(List.of(0)))
            .output("print", LONG, new OutputValue.Fingerprint(1))
            .output("model", STRING, new OutputValue.Constant("churn"));
    Scored scored = stage(plan, FakeScorer.weightedSum("x", "y"), OnBadRow.NULL);
    assertThat(scored.rows()).hasSize(3);
    assertThat(scored.rows()).contains(row(2L, "n/a", null, null, null, null, "churn"));
    assertThat(scored.rows())
        .anySatisfy(row -> assertThat(row.subList(0, 4)).isEqualTo(row(1L, "1.5", 3.5, 0)));
    assertThat(scored.statistics().selected()).isEqualTo(3);
    assertThat(scored.statistics().rows()).isEqualTo(3);
    assertThat(scored.statistics().badRows()).isEqualTo(1);
    assertThat(scored.statistics().nullPredictions()).isEqualTo(2);
    assertThat(scored.statistics().positives()).hasValue(0);
  }

  @Test
  void aBadRowIsLeftOutAndKeptWithItsKeyReasonAndValues() {
    Scored scored = stage(texts(), FakeScorer.weightedSum("x", "y"), OnBadRow.SKIP);
    assertThat(scored.rows())
        .containsExactlyInAnyOrder(row(1L, "1.5", 3.5), row(3L, null, Double.NaN));
    assertThat(scored.statistics().keys()).isEqualTo(3);
    assertThat(scored.statistics().selected()).isEqualTo(3);
    assertThat(scored.statistics().rows()).isEqualTo(2);
    assertThat(scored.statistics().badRows()).isEqualTo(1);
    assertThat(read(scored.quarantined()))
        .containsExactly(
            row(
                2L,
                "value 'n/a' of input 'x' from table main.ml.texts, column x is no number",
                "{\"x\":\"n/a\",\"y\":\"NaN\"}"));
  }

  @Test
  void aBadRowFailsTheCallWhereNothingElseIsSaid() {
    assertFails(
        texts().build().withQuarantine(quarantine()),
        FakeScorer.weightedSum("x", "y"),
        ErrorCode.VALUE_NOT_CONVERTIBLE,
        "value 'n/a' of input 'x'",
        "id = 2");
  }

  @Test
  void goodRowsAreKeptNowhereElse() {
    TableSnapshot rows =
        table("good").column("id", LONG).column("x", STRING).file(row(1L, "1")).snapshot();
    Scored scored =
        stage(
            TestPlan.overRows(rows, "id").numbers("x").take("id").predict(),
            FakeScorer.weightedSum("x"),
            OnBadRow.SKIP);
    assertThat(scored.rows()).containsExactly(row(1L, 1.0));
    assertThat(scored.statistics().badRows()).isZero();
    assertThat(scored.quarantined()).isEmpty();
  }

  @Test
  void nothingMayBeLeft() {
    TableSnapshot rows =
        table("bad").column("id", LONG).column("x", STRING).file(row(1L, "a")).snapshot();
    Scored scored =
        stage(
            TestPlan.overRows(rows, "id").numbers("x").take("id").predict(),
            FakeScorer.weightedSum("x"),
            OnBadRow.SKIP);
    assertThat(scored.rows()).isEmpty();
    assertThat(scored.files()).isEmpty();
    assertThat(scored.statistics().badRows()).isEqualTo(1);
    assertThat(reason(scored)).contains("value 'a'");
  }

  @Test
  void numbersThatMustBeWholeAreBadWhereTheyAreNot() {
    TableSnapshot rows =
        table("wholes")
            .column("id", LONG)
            .column("x", DOUBLE)
            .file(row(1L, 4.0), row(2L, 1.5), row(3L, 3e9), row(4L, null), row(5L, Double.NaN))
            .snapshot();
    Scored scored =
        stage(
            TestPlan.overRows(rows, "id")
                .input("x", "x", Conversion.WHOLE_32, null)
                .take("id")
                .predict(),
            FakeScorer.weightedSum("x"),
            OnBadRow.SKIP);
    assertThat(scored.rows())
        .containsExactlyInAnyOrder(row(1L, 4.0), row(4L, Double.NaN), row(5L, Double.NaN));
    assertThat(read(scored.quarantined()).stream().map(row -> row.get(0)))
        .containsExactlyInAnyOrder(2L, 3L);
    assertThat(reason(scored)).contains("is no integer of 32 bits");
    Scored ofText =
        stage(
            TestPlan.overRows(counts(), "id")
                .input("s", "s", Conversion.WHOLE_64, null)
                .take("id")
                .predict(),
            FakeScorer.weightedSum("s"),
            OnBadRow.SKIP);
    assertThat(ofText.rows()).containsExactlyInAnyOrder(row(1L, 7.0), row(3L, Double.NaN));
    assertThat(reason(ofText)).contains("value 'x' of input 's'", "is no integer of 64 bits");
  }

  private TableSnapshot gaps(int rows, int every) {
    List<List<@Nullable Object>> all = new ArrayList<>();
    for (long id = 0; id < rows; id++) {
      all.add(row(id, id % every == 0 ? null : (Object) (double) id));
    }
    return table("gaps" + every)
        .column("id", LONG)
        .column("x", DOUBLE)
        .file(Map.of(), all)
        .snapshot();
  }

  @Test
  void rowsThatTheModelRefusesAreBadHoweverManyThereAre() {
    for (int every : new int[] {1, 2, 700}) {
      TestPlan plan =
          TestPlan.overRows(gaps(3000, every), "id").numbers("x").take("id", "x").predict();
      Scored scored = stage(plan, FakeScorer.weightedSumWithoutNaN("x"), OnBadRow.NULL);
      assertThat(scored.rows())
          .hasSize(3000)
          .allSatisfy(row -> assertThat(row.get(2)).isEqualTo(row.get(1)));
      int bad = (3000 + every - 1) / every;
      assertThat(scored.statistics().badRows()).isEqualTo(bad);
      assertThat(scored.statistics().predictions().get().missing()).isEqualTo(bad);
      assertThat(scored.statistics().predictions().get().count()).isEqualTo(3000 - bad);
      assertThat(reason(scored))
          .isEqualTo(
              "value NaN of input 'x' is NaN or NULL, which the library that trained the model"
                  + " refuses");
    }
  }

  @Test
  void oneBadRowOfManyLeavesTheOthersRight() {
    List<List<@Nullable Object>> thousand = new ArrayList<>();
    for (long id = 0; id < 1000; id++) {
      thousand.add(row(id));
    }
    tables.add(table("thousand").column("id", LONG).file(Map.of(), thousand).snapshot());
    KeySource many =
        new KeySource.Query(
            "SELECT a.id * 1000 + b.id AS id, CASE WHEN a.id = 54 AND b.id = 321 THEN 'oops' ELSE"
                + " CAST(a.id AS VARCHAR(9)) END AS x FROM main.ml.thousand a CROSS JOIN"
                + " main.ml.thousand b WHERE a.id < 100",
            List.of(Column.of("id", LONG), Column.of("x", STRING)));
    Scored scored =
        stage(
            TestPlan.over(many, "id").numbers("x").take("id").predict(),
            FakeScorer.weightedSum("x"),
            OnBadRow.SKIP);
    assertThat(scored.statistics().keys()).isEqualTo(100_000);
    assertThat(scored.rows())
        .hasSize(99_999)
        .allSatisfy(row -> assertThat(row.get(1)).isEqualTo((double) ((Long) row.get(0) / 1000)));
    assertThat(read(scored.quarantined()))
        .singleElement()
        .satisfies(row -> assertThat(row).startsWith(54_321L).endsWith("{\"x\":\"oops\"}"));
  }

  // Functions

  /** Divides 100 by a whole number. */
  public static final class Share implements OnDemandFunction {
    @Override
    public Schema parameters() {
      return Schema.of(Column.of("n", LONG));
    }

    @Override
    public ColumnType result() {
      return LONG;
    }

    @Override
    public @Nullable Object apply(List<@Nullable Object> arguments) {
      Long n = (Long) arguments.get(0);
      return n == null ? null : 100 / n;
    }
  }

  private TableSnapshot counts() {
    return table("counts")
        .column("id", LONG)
        .column("n", LONG)
        .column("s", STRING)
        .file(row(1L, 4L, "7"), row(2L, 0L, "x"), row(3L, null, null))
        .snapshot();
  }

  @Test
  void aRowThatAFunctionInJavaFailsOnIsBad() {
    TestPlan plan =
        TestPlan.overRows(counts(), "id")
            .step(new Call("share", "main.ml.share", new Share(), Map.of("n", "n")))
            .numbers("share")
            .take("id")
            .predict();
    Scored scored = stage(plan, FakeScorer.weightedSum("share"), OnBadRow.NULL);
    assertThat(scored.rows())
        .containsExactlyInAnyOrder(row(1L, 25.0), row(2L, null), row(3L, Double.NaN));
    assertThat(reason(scored)).contains("main.ml.share failed for n = 0", "/ by zero");
  }

  @Test
  void aParameterThatAValueCannotBeIsBadToo() {
    TestPlan plan =
        TestPlan.overRows(counts(), "id")
            .step(new Call("share", "main.ml.share", new Share(), Map.of("n", "s")))
            .numbers("share")
            .take("id")
            .predict();
    Scored scored = stage(plan, FakeScorer.weightedSum("share"), OnBadRow.NULL);
    assertThat(scored.rows())
        .containsExactlyInAnyOrder(row(1L, 14.0), row(2L, null), row(3L, Double.NaN));
    assertThat(reason(scored)).contains("main.ml.share", "'n'", "x");
  }

  @Test
  void aRowThatAFunctionInSqlFailsOnIsBad() {
    TestPlan plan =
        TestPlan.overRows(counts(), "id")
            .step(
                new Compute(
                    "twice", "main.ml.twice", "CAST(text AS BIGINT) * 2", Map.of("text", "s")))
            .numbers("twice")
            .take("id")
            .predict();
    Scored scored = stage(plan, FakeScorer.weightedSum("twice"), OnBadRow.NULL);
    assertThat(scored.rows())
        .containsExactlyInAnyOrder(row(1L, 14.0), row(2L, null), row(3L, Double.NaN));
    assertThat(reason(scored)).startsWith("function main.ml.twice failed for text = x");
  }

  @Test
  void aJoinWithoutAModelHasBadRowsToo() {
    TestPlan plan =
        TestPlan.overRows(counts(), "id")
            .step(new Call("share", "main.ml.share", new Share(), Map.of("n", "n")))
            .take("id")
            .output("share", LONG, new OutputValue.FromColumn("share"));
    Scored scored = stage(plan, FakeScorer.weightedSum(), OnBadRow.SKIP);
    assertThat(scored.rows()).containsExactlyInAnyOrder(row(1L, 25L), row(3L, null));
    Scored kept = stage(plan, FakeScorer.weightedSum(), OnBadRow.NULL);
    assertThat(kept.rows()).containsExactlyInAnyOrder(row(1L, 25L), row(2L, null), row(3L, null));
    assertThat(kept.statistics().badRows()).isEqualTo(1);
  }

  // Outputs

  @Test
  void aColumnThatDoesNotFitItsTypeIsBad() {
    TestPlan plan =
        TestPlan.overRows(counts(), "id")
            .numbers("n")
            .take("id")
            .output("s", INT, new OutputValue.FromColumn("s"))
            .predict();
    Scored scored = stage(plan, FakeScorer.weightedSum("n"), OnBadRow.NULL);
    assertThat(scored.rows())
        .containsExactlyInAnyOrder(row(1L, 7, 4.0), row(2L, null, null), row(3L, null, Double.NaN));
    assertThat(reason(scored)).isEqualTo("value 'x' of output column 's' is no int");
  }

  @Test
  void aScoreThatDoesNotFitItsTypeIsBad() {
    TableSnapshot rows =
        table("scores")
            .column("id", LONG)
            .column("x", DOUBLE)
            .file(row(1L, 4.0), row(2L, 1.5), row(3L, 3e9), row(4L, 1e300), row(5L, null))
            .snapshot();
    TestPlan whole =
        TestPlan.overRows(rows, "id")
            .numbers("x")
            .take("id")
            .output("prediction", INT, new OutputValue.Score(0));
    Scored ints = stage(whole, FakeScorer.weightedSum("x"), OnBadRow.SKIP);
    assertThat(ints.rows()).containsExactlyInAnyOrder(row(1L, 4), row(5L, null));
    assertThat(read(ints.quarantined()).stream().map(row -> String.valueOf(row.get(1))))
        .contains("score 1.5 of output column 'prediction' is no int");
    TestPlan floats =
        TestPlan.overRows(rows, "id")
            .numbers("x")
            .take("id")
            .output("prediction", FLOAT, new OutputValue.Score(0));
    assertThat(
            stage(floats, FakeScorer.weightedSum("x"), OnBadRow.SKIP).rows().stream()
                .map(row -> row.get(0)))
        .containsExactlyInAnyOrder(1L, 2L, 3L, 5L);
  }

  @Test
  void labelsAndTextOfABadRowAreNull() {
    Labels labels = new Labels(STRING, List.of("low", "high"));
    FakeScorer scorer =
        new FakeScorer(
            List.of(ModelInput.number("x")),
            List.of(
                ScoreColumn.label(OutputKind.PREDICT, labels),
                new ScoreColumn(OutputKind.PREDICT, "t", ScoreColumn.Type.TEXT, Optional.empty())),
            (in, out) -> {
              for (int row = 0; row < in.rows(); row++) {
                out.numbers(0)[row] = in.numbers(0)[row] > 1 ? 1 : 0;
                out.texts(1)[row] = "x is " + in.numbers(0)[row];
              }
            });
    TableSnapshot rows =
        table("labels")
            .column("id", LONG)
            .column("x", STRING)
            .file(row(1L, "0"), row(2L, "?"), row(3L, "2"))
            .snapshot();
    Scored scored =
        stage(
            TestPlan.overRows(rows, "id")
                .numbers("x")
                .take("id")
                .output("prediction", STRING, new OutputValue.Label(0, labels))
                .output("t", STRING, new OutputValue.Text(1)),
            scorer,
            OnBadRow.NULL);
    assertThat(scored.rows())
        .containsExactlyInAnyOrder(
            row(1L, "low", "x is 0.0"), row(2L, null, null), row(3L, "high", "x is 2.0"));
  }

  // What is kept of bad rows

  @Test
  void keysOfEveryTypeAndOddTextAreKept() {
    Instant instant = Instant.parse("1969-12-31T23:59:59.999999Z");
    String odd = "a\"b\n\\c|é'; DROP TABLE t; --";
    TableSnapshot rows =
        table("typed")
            .column("s", STRING)
            .column("d", DATE)
            .column("t", TIMESTAMP)
            .column("m", new Decimal(38, 10))
            .column("b", BOOLEAN)
            .column("f", DOUBLE)
            .column("x", STRING)
            .file(
                row(
                    odd,
                    LocalDate.of(2024, 2, 29),
                    instant,
                    new BigDecimal("1234567890123456789012345678.0123456789"),
                    true,
                    0.1,
                    "bad"),
                row(null, null, null, null, null, null, "bad"))
            .snapshot();
    List<OutputColumn> kept = new ArrayList<>();
    for (String name : List.of("s", "d", "t", "m", "b", "f")) {
      Column column = rows.schema().find(name).orElseThrow();
      kept.add(new OutputColumn(column, new OutputValue.FromColumn(name)));
    }
    Instant now = Instant.parse("2024-03-01T00:00:00.000001Z");
    kept.add(new OutputColumn(Column.of("scored_at", TIMESTAMP), new OutputValue.Constant(now)));
    ScoringPlan plan =
        TestPlan.overRows(rows, "s")
            .numbers("x")
            .take("s")
            .predict()
            .build()
            .withRows(on(OnBadRow.SKIP))
            .withQuarantine(kept);
    assertThat(read(stage(plan, FakeScorer.weightedSum("x")).quarantined()))
        .containsExactlyInAnyOrder(
            row(
                odd,
                LocalDate.of(2024, 2, 29),
                instant,
                new BigDecimal("1234567890123456789012345678.0123456789"),
                true,
                0.1,
                now),
            row(null, null, null, null, null, null, now));
  }

  @Test
  void keptValuesAreThoseBeforeDefaults() {
    TableSnapshot rows =
        table("values")
            .column("id", LONG)
            .column("x", STRING)
            .column("i", LONG)
            .column("b", BOOLEAN)
            .column("m", new Decimal(20, 2))
            .column("d", DOUBLE)
            .column("f", FLOAT)
            .column("day", DATE)
            .file(
                row(
                    1L,
                    "bad",
                    9007199254740993L,
                    true,
                    new BigDecimal("123456789012345678.90"),
                    Double.NEGATIVE_INFINITY,
                    0.1f,
                    LocalDate.of(2024, 1, 1)),
                row(2L, "worse", null, null, null, null, null, null))
            .snapshot();
    TestPlan plan =
        TestPlan.overRows(rows, "id")
            .numbers("x")
            .input("i", "i", Conversion.NUMBER, "7")
            .input("b", "b", Conversion.NUMBER, null)
            .input("m", "m", Conversion.NUMBER, null)
            .input("d", "d", Conversion.NUMBER, "0")
            .input("f", "f", Conversion.NUMBER, null)
            .input("day", "day", Conversion.TEXT, null)
            .take("id")
            .predict();
    FakeScorer scorer =
        new FakeScorer(
            List.of(
                ModelInput.number("x"),
                ModelInput.number("i"),
                ModelInput.number("b"),
                ModelInput.number("m"),
                ModelInput.number("d"),
                ModelInput.number("f"),
                ModelInput.text("day")),
            FakeScorer.weightedSum("x").outputs(),
            (in, out) -> {});
    assertThat(read(stage(plan, scorer, OnBadRow.SKIP).quarantined()).stream().map(r -> r.get(2)))
        .containsExactlyInAnyOrder(
            "{\"x\":\"bad\",\"i\":9007199254740993,\"b\":true,\"m\":123456789012345678.90,"
                + "\"d\":\"-Infinity\",\"f\":0.1,\"day\":\"2024-01-01\"}",
            "{\"x\":\"worse\",\"i\":null,\"b\":null,\"m\":null,\"d\":null,\"f\":null,"
                + "\"day\":null}");
  }

  // Together with selections

  @Test
  void aBadRowIsTriedAgainWhateverTheTableHoldsForIt() {
    TestPlan plan = texts().output("feature_fingerprint", LONG, new OutputValue.Fingerprint(5));
    Scored first = stage(plan, FakeScorer.weightedSum("x", "y"), OnBadRow.NULL);
    TableSnapshot before = committed("before", plan.build(), first.files());
    Changed changed = new Changed(before, List.of("id"), "feature_fingerprint", 5);
    ScoringPlan again =
        plan.build()
            .withRows(new RowHandling(List.of(changed), Optional.empty(), OnBadRow.NULL, false))
            .withQuarantine(quarantine());
    AtomicLong scoredRows = new AtomicLong();
    FakeScorer counting =
        new FakeScorer(
            FakeScorer.weightedSum("x", "y").inputs(),
            FakeScorer.weightedSum("x", "y").outputs(),
            (in, out) -> scoredRows.addAndGet(in.rows()));
    Scored later = stage(again, counting);
    assertThat(later.rows()).containsExactly(row(2L, "n/a", null, null));
    assertThat(scoredRows).hasValue(0);
    assertThat(later.statistics().selected()).isEqualTo(1);
    assertThat(later.statistics().badRows()).isEqualTo(1);
  }
}
