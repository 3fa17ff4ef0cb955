package io.scorebatch.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.api.engine.LookupEvidence;
import io.scorebatch.api.engine.ScoreStatistics;
import io.scorebatch.api.engine.ScoreStatistics.LookupStatistics;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.PlanStep;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.plan.PlanStep.Lookup;
import io.scorebatch.api.plan.PlanStep.Lookup.Feature;
import io.scorebatch.api.plan.PlanStep.Lookup.KeyPair;
import io.scorebatch.api.plan.PlanStep.Lookup.PointInTime;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.run.ModelResult;
import io.scorebatch.api.run.ModelStatus;
import io.scorebatch.api.run.RunResult;
import io.scorebatch.api.table.DataFile;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanReportTest {
  @TempDir private Path runs;

  private static TableSnapshot table(String name, long version, long rows) {
    return new TableSnapshot(
        new TableName("main", "ml", name),
        "/lake/" + name,
        "id",
        version,
        List.of(),
        List.of(),
        Map.of(),
        null,
        List.of(new DataFile("f", 1, OptionalLong.of(rows), Map.of(), Optional.empty())));
  }

  private static final TableSnapshot COSTS = table("costs", 3, 2000);

  private static ScoringPlan plan(String model, PlanStep... steps) {
    List<Column> keys = List.of(Column.of("id", Primitive.LONG), Column.of("day", Primitive.DATE));
    return new ScoringPlan(
        model,
        new TableName("main", "ml", model + "_predictions"),
        new KeySource.TableRows(COSTS, keys, true),
        List.of("id", "day"),
        List.of(steps),
        List.of(),
        List.of(),
        List.of());
  }

  private static Lookup own() {
    return new Lookup(
        COSTS,
        List.of(new KeyPair("id", "id"), new KeyPair("day", "day")),
        null,
        List.of(new Feature("v", "v")),
        DuplicateKeys.FAIL);
  }

  private static ModelResult committed() {
    LookupEvidence evidence =
        new LookupEvidence(
            5,
            4,
            3,
            Optional.of(Instant.parse("2024-01-01T00:00:00Z")),
            Optional.of(Instant.parse("2024-01-02T00:00:00Z")),
            Optional.of(Duration.ofMillis(1500)));
    return new ModelResult(
        "churn",
        "COST",
        ModelStatus.SUCCESS,
        "score_batch",
        "models:/churn/1",
        OptionalInt.of(1),
        "abc",
        "churn_predictions",
        OptionalLong.of(1),
        1000,
        Duration.ofSeconds(4),
        Map.of(),
        Optional.of(
            new ScoreStatistics(
                1000,
                1000,
                0,
                List.of(
                    new LookupStatistics(
                        "main.ml.costs", 3, 990, 10, Optional.of(evidence), List.of("a"))),
                List.of())),
        List.of(),
        List.of("warning: <old>"));
  }

  private static RunResult run(String id, List<ModelResult> models) {
    return new RunResult(
        id,
        "pipeline",
        Instant.parse("2024-01-03T00:00:00Z"),
        Duration.ofSeconds(5),
        models,
        Map.of("peak memory", "700 MiB"),
        Path.of("r"));
  }

  private void keep(RunResult run) throws IOException {
    Path folder = Files.createDirectories(runs.resolve(run.runId()));
    Files.writeString(folder.resolve("run_results.json"), RunResultsJson.print(run));
  }

  @Test
  void showsWhatIsReadJoinedSharedAndExpected() throws IOException {
    keep(run("20240101T000000Z-aaaaaa", List.of(committed())));
    keep(run("20240102T000000Z-bbbbbb", List.of()));
    Files.createDirectories(runs.resolve("20240103T000000Z-killed"));
    Lookup joined =
        new Lookup(
            table("users", 7, 10),
            List.of(new KeyPair("id", "user_id")),
            new PointInTime("day", "since", 86_400_000_000L),
            List.of(new Feature("age", "age"), new Feature("city", "city")),
            DuplicateKeys.FAIL);
    ScoringPlan churn =
        plan(
            "churn",
            own(),
            joined,
            new PlanStep.Compute("twice", "main.fn.twice", "x * 2", Map.of("x", "age")));
    String report = PlanReport.print(List.of(churn, plan("fraud", own())), PastRuns.read(runs));
    assertThat(report.lines())
        .containsSequence(
            "model      rows  scans  joins  functions  inputs  seconds",
            "-----  --------  -----  -----  ---------  ------  -------",
            "churn  <= 2,000      2      1          1       0     8.00",
            "fraud  <= 2,000      1      0          0       0        ?");
    assertThat(report)
        .contains(
            "churn -> main.ml.churn_predictions",
            "  keys: each (id, day) of main.ml.costs version 3",
            "  read with the keys (if they are unique): main.ml.costs version 3 by id, day: 1"
                + " features",
            "  join main.ml.users version 7 by id = user_id as of day, not older than PT24H: 2"
                + " features",
            "  compute twice = main.fn.twice{x=age} (SQL)",
            "  keys of main.ml.costs version 3 by [id, day]: checked once for 2 models",
            "estimate from past runs: 8.0 s of work for 1 of 2 models",
            "run 20240101T000000Z-aaaaaa took 5.0 s for 1 models and 700 MiB of memory");
  }

  @Test
  void tellsWhichModelsFindTheirMomentsTogether() {
    Lookup history =
        new Lookup(
            table("history", 7, 10),
            List.of(new KeyPair("id", "user_id")),
            new PointInTime("day", "since", null),
            List.of(new Feature("age", "age")),
            DuplicateKeys.FAIL);
    assertThat(
            PlanReport.print(
                List.of(plan("a", history), plan("b", history), plan("c", own())),
                PastRuns.read(runs)))
        .contains("  rows of main.ml.history version 7 that the keys see: found once for 2 models");
  }

  @Test
  void saysWhereThereIsNoPastRun() {
    assertThat(PlanReport.print(List.of(plan("churn", own())), PastRuns.read(runs.resolve("none"))))
        .endsWith("no past run to estimate time and memory from" + System.lineSeparator());
  }

  @Test
  void everyReportTellsWhatLookupsFound() throws IOException {
    RunResult run = run("r", List.of(committed()));
    JsonNode lookup =
        new ObjectMapper().readTree(RunResultsJson.print(run)).at("/models/0/statistics/lookups/0");
    assertThat(lookup.path("null_values").asLong()).isEqualTo(5);
    assertThat(lookup.path("defaulted").asLong()).isEqualTo(4);
    assertThat(lookup.path("stale").asLong()).isEqualTo(3);
    assertThat(lookup.path("oldest_feature").asText()).isEqualTo("2024-01-01T00:00:00Z");
    assertThat(lookup.path("newest_feature").asText()).isEqualTo("2024-01-02T00:00:00Z");
    assertThat(lookup.path("greatest_age_seconds").asDouble()).isEqualTo(1.5);
    assertThat(lookup.path("overridden").get(0).asText()).isEqualTo("a");
    assertThat(HtmlReport.print(run))
        .contains(
            "5 with a NULL feature; 4 with a default; 3 too old; features of 2024-01-01T00:00:00Z"
                + " to 2024-01-02T00:00:00Z; taken from the keys: a");
    assertThat(ConsoleReport.print(run)).contains("warning: <old>");
  }
}
