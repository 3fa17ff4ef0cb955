package io.scorebatch.engine.spark;

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

import io.scorebatch.api.engine.LookupEvidence;
import io.scorebatch.api.engine.ScoreStatistics.LookupStatistics;
import io.scorebatch.api.engine.ScoringEngine;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.plan.InputBinding.Conversion;
import io.scorebatch.api.plan.OnDemandFunction;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.PlanStep.Call;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.plan.PlanStep.Lookup.PointInTime;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.Schema;
import io.scorebatch.testing.FakeScorer;
import io.scorebatch.testing.ParquetWriter;
import io.scorebatch.testing.ScoringEngineContractTest;
import io.scorebatch.testing.TestPlan;
import io.scorebatch.testing.TestTable;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class SparkScoringEngineTest extends ScoringEngineContractTest {
  @Override
  protected ScoringEngine open(TableStore store) {
    return SparkScoringEngine.on(LocalSpark.session(), store);
  }

  @Override
  protected ParquetWriter writer() {
    return new SparkParquet(LocalSpark.session());
  }

  // Functions in Java

  /** Weighs a value by the day of its moment; knows NULL, NaN and a failure. */
  private static final class Weigh implements OnDemandFunction {
    @Override
    public Schema parameters() {
      return Schema.of(
          Column.of("amount", DOUBLE), Column.of("at", TIMESTAMP), Column.of("name", STRING));
    }

    @Override
    public ColumnType result() {
      return STRING;
    }

    @Override
    public @Nullable Object apply(List<@Nullable Object> arguments) {
      if ("boom".equals(arguments.get(2))) {
        throw new IllegalStateException("no such name");
      }
      return arguments.get(0) == null ? null : arguments.toString();
    }
  }

  private TestPlan weighed(String name) {
    TableSnapshot events =
        table("events")
            .column("x", FLOAT)
            .column("ts", TIMESTAMP)
            .column("who", STRING)
            .file(
                row(1.5f, Instant.parse("1969-12-31T23:59:59.999999Z"), "é"),
                row(Float.NaN, null, null),
                row(null, null, name))
            .snapshot();
    return TestPlan.overRows(events, "who")
        .step(
            new Call(
                "weight",
                "main.fn.weigh",
                new Weigh(),
                Map.of("amount", "x", "at", "ts", "name", "who")))
        .output("weight", STRING, new OutputValue.FromColumn("weight"));
  }

  @Test
  void functionsInJavaSeeEachRowOnceInTheirTypes() {
    assertThat(join(weighed("a")).rows())
        .containsExactlyInAnyOrder(
            row("[1.5, 1969-12-31T23:59:59.999999Z, é]"),
            row("[NaN, null, null]"),
            row((Object) null));
  }

  @Test
  void aFailingFunctionIsToldWithItsArguments() {
    assertThatThrownBy(() -> join(weighed("boom")))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining(
            "Function main.fn.weigh failed for amount = null, at = null, name = 'boom'.")
        .hasMessageContaining("java.lang.IllegalStateException: no such name");
    assertThat(staging()).isEmptyDirectory();
  }

  /** Gives back what it is given. */
  private record Same(ColumnType type) implements OnDemandFunction {
    @Override
    public Schema parameters() {
      return Schema.of(Column.of("value", type));
    }

    @Override
    public ColumnType result() {
      return type;
    }

    @Override
    public @Nullable Object apply(List<@Nullable Object> arguments) {
      return arguments.get(0);
    }
  }

  @Test
  void valuesOfAllTypesGoThroughFunctionsInJava() {
    Map<ColumnType, Object> values = new LinkedHashMap<>();
    values.put(BOOLEAN, true);
    values.put(SHORT, (short) -7);
    values.put(INT, 42);
    values.put(LONG, 9007199254740993L);
    values.put(FLOAT, 0.1f);
    values.put(DOUBLE, -0.0);
    values.put(STRING, "text longer than twelve bytes");
    values.put(DATE, LocalDate.of(1905, 3, 1));
    values.put(TIMESTAMP, Instant.parse("2024-03-31T01:30:00.000001Z"));
    values.put(new ColumnType.Decimal(20, 4), new BigDecimal("1234567890123456.7800"));
    TestTable stored = table("events").column("id", LONG);
    List<@Nullable Object> full = new ArrayList<>(List.of(1L));
    List<@Nullable Object> empty = new ArrayList<>(List.of(2L));
    values.forEach(
        (type, value) -> {
          stored.column("v" + full.size(), type);
          full.add(value);
          empty.add(null);
        });
    TestPlan plan = TestPlan.overRows(stored.file(full, empty).snapshot(), "id").take("id");
    int i = 1;
    for (ColumnType type : values.keySet()) {
      plan.step(new Call("out" + i, "main.fn.same", new Same(type), Map.of("value", "v" + i)))
          .output("out" + i, type, new OutputValue.FromColumn("out" + i));
      i++;
    }
    Scored scored = join(plan);
    full.set(2, -7);
    assertThat(scored.rows())
        .usingElementComparator((a, b) -> String.valueOf(a).equals(String.valueOf(b)) ? 0 : 1)
        .containsExactlyInAnyOrder(full, empty);
  }

  @Test
  void aFunctionInJavaMayFeedALookup() {
    TableSnapshot requests = table("requests").column("id", LONG).file(row(5L)).snapshot();
    TableSnapshot features =
        table("features").column("k", LONG).column("v", INT).file(row(5L, 1)).snapshot();
    assertThat(
            join(TestPlan.overRows(requests, "id")
                    .step(new Call("k", "main.fn.same", new Same(LONG), Map.of("value", "id")))
                    .lookup(features, List.of("k"), "v")
                    .take("v"))
                .rows())
        .containsExactly(row(1));
  }

  // Evidence

  /** Field reports 92 and 93. */
  @Test
  void eachLookupTellsWhatItFound() {
    TableSnapshot requests =
        table("requests")
            .column("id", LONG)
            .column("ts", TIMESTAMP)
            .file(
                row(1L, Instant.parse("2024-01-10T12:00:00Z")),
                row(2L, Instant.parse("2024-01-10T12:00:00Z")),
                row(3L, Instant.parse("2024-01-10T12:00:00Z")),
                row(4L, Instant.parse("2024-01-10T12:00:00Z")),
                row(5L, null))
            .snapshot();
    TableSnapshot names =
        table("names")
            .column("id", LONG)
            .column("size", DOUBLE)
            .file(row(1L, 1.0), row(2L, null), row(3L, Double.NaN))
            .snapshot();
    TableSnapshot history =
        table("history")
            .column("id", LONG)
            .column("ts", TIMESTAMP)
            .column("v", DOUBLE)
            .file(
                row(1L, Instant.parse("2024-01-10T11:00:00Z"), 0.1),
                row(2L, Instant.parse("2024-01-09T12:00:00Z"), 0.2),
                row(3L, Instant.parse("2024-01-09T11:59:59.999999Z"), 0.3))
            .snapshot();
    Scored scored =
        stage(
            TestPlan.overRows(requests, "id")
                .lookup(names, List.of("id"), "size")
                .lookup(
                    history,
                    List.of("id"),
                    DuplicateKeys.FAIL,
                    new PointInTime("ts", "ts", 86_400_000_000L),
                    "v")
                .input("size", "size", Conversion.NUMBER, "0.5")
                .numbers("v")
                .take("id")
                .output("feature_evidence", LONG, new OutputValue.Evidence())
                .predict()
                .build(),
            FakeScorer.weightedSum("size", "v"));
    assertThat(scored.statistics().lookups())
        .containsExactly(
            new LookupStatistics(
                "main.ml.names",
                1,
                3,
                2,
                Optional.of(
                    new LookupEvidence(
                        1, 4, 0, Optional.empty(), Optional.empty(), Optional.empty())),
                List.of()),
            new LookupStatistics(
                "main.ml.history",
                1,
                2,
                3,
                Optional.of(
                    new LookupEvidence(
                        0,
                        0,
                        1,
                        Optional.of(Instant.parse("2024-01-09T12:00:00Z")),
                        Optional.of(Instant.parse("2024-01-10T11:00:00Z")),
                        Optional.of(Duration.ofDays(1)))),
                List.of()));
    assertThat(scored.rows())
        .extracting(r -> r.get(0) + ":" + Long.toHexString((Long) r.get(1)))
        .containsExactlyInAnyOrder("1:11", "2:17", "3:85", "4:4", "5:4");
  }

  @Test
  void keysOfTheTablesOwnHaveEvidenceToo() {
    TableSnapshot own =
        table("own")
            .column("id", LONG)
            .column("day", DATE)
            .column("v", DOUBLE)
            .file(row(1L, LocalDate.of(2024, 1, 1), null), row(1L, LocalDate.of(2024, 1, 2), 2.0))
            .snapshot();
    Scored scored =
        join(
            TestPlan.overKeys(own, "id", "day")
                .lookup(
                    own,
                    List.of("id"),
                    DuplicateKeys.FAIL,
                    new PointInTime("day", "day", null),
                    "v")
                .take("v")
                .output("feature_evidence", LONG, new OutputValue.Evidence()));
    assertThat(scored.rows()).containsExactlyInAnyOrder(row(null, 3L), row(2.0, 1L));
    assertThat(scored.statistics().lookups().get(0).evidence())
        .contains(
            new LookupEvidence(
                1,
                0,
                0,
                Optional.of(Instant.parse("2024-01-01T00:00:00Z")),
                Optional.of(Instant.parse("2024-01-02T00:00:00Z")),
                Optional.of(Duration.ZERO)));
  }

  @Test
  void moreLookupsThanBitsAreCountedAllTheSame() {
    TableSnapshot requests = table("requests").column("id", LONG).file(row(1L)).snapshot();
    TestPlan plan = TestPlan.overRows(requests, "id").take("id");
    for (int i = 0; i < 17; i++) {
      plan.lookup(
          table("t" + i)
              .column("id", LONG)
              .column("v" + i, INT)
              .file(row(i % 2 == 0 ? 1L : 9L, 1))
              .snapshot(),
          List.of("id"),
          "v" + i);
    }
    assertThat(join(plan).statistics().lookups())
        .extracting(LookupStatistics::matched)
        .containsExactly(1L, 0L, 1L, 0L, 1L, 0L, 1L, 0L, 1L, 0L, 1L, 0L, 1L, 0L, 1L, 0L, 1L);
  }
}
