package io.scorebatch.engine.duckdb;

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
import io.scorebatch.api.engine.LookupEvidence;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.ScoreStatistics.LookupStatistics;
import io.scorebatch.api.engine.ScoringEngine;
import io.scorebatch.api.engine.StagedScores;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.plan.InputBinding.Conversion;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OnDemandFunction;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.PlanStep.Call;
import io.scorebatch.api.plan.PlanStep.Compute;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.plan.PlanStep.Lookup.PointInTime;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.DataFile;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.Schema;
import io.scorebatch.testing.FakeScorer;
import io.scorebatch.testing.MemoryTables;
import io.scorebatch.testing.ParquetWriter;
import io.scorebatch.testing.ScoringEngineContractTest;
import io.scorebatch.testing.TestPlan;
import io.scorebatch.testing.TestTable;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class DuckDbScoringEngineTest extends ScoringEngineContractTest {
  @Override
  protected ScoringEngine open(TableStore store) {
    return DuckDbScoringEngine.open(store);
  }

  @Override
  protected ParquetWriter writer() {
    return new DuckParquet();
  }

  /** A table of {@code rows} ids in an order that is no order, and a text that fills memory. */
  private TableSnapshot large(String name, long rows) throws SQLException, IOException {
    Path file = folder.resolve(name + ".parquet");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "COPY (SELECT (i * 7919) % "
              + rows
              + " AS id, i * 0.5::DOUBLE AS v, md5(i::VARCHAR) || md5(i::VARCHAR) AS s FROM range("
              + rows
              + ") t(i)) TO "
              + Sql.text(file.toString()));
    }
    TableSnapshot empty =
        table(name).column("id", LONG).column("v", DOUBLE).column("s", STRING).snapshot();
    return new TableSnapshot(
        new TableName("main", "ml", name),
        folder.toString(),
        name,
        1,
        empty.columns(),
        List.of(),
        Map.of(),
        null,
        List.of(
            new DataFile(
                file.toString(),
                Files.size(file),
                OptionalLong.of(rows),
                Map.of(),
                Optional.empty())));
  }

  private ScoringPlan largeJoin() throws SQLException, IOException {
    TableSnapshot requests = large("requests", 800_000);
    TableSnapshot features = large("features", 800_000);
    return TestPlan.overKeys(requests, "id")
        .lookup(features, List.of("id"), "v", "s")
        .numbers("v")
        .take("id", "s")
        .predict()
        .build();
  }

  @Test
  void whatDoesNotFitInMemoryIsSpilled() throws Exception {
    EngineLimits small = new EngineLimits(110L << 20, 2, folder.resolve("spill"));
    Scored scored = stage(largeJoin(), FakeScorer.weightedSum("v"), small);
    assertThat(scored.statistics().rows()).isEqualTo(800_000);
    assertThat(scored.statistics().lookups().get(0).matched()).isEqualTo(800_000);
  }

  @Test
  void tooLittleMemoryIsToldWithWhatToDo() throws Exception {
    ScoringPlan plan = largeJoin();
    EngineLimits tiny = new EngineLimits(12L << 20, 2, folder.resolve("spill"));
    assertThatThrownBy(() -> stage(plan, FakeScorer.weightedSum("v"), tiny))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining(ErrorCode.OUT_OF_MEMORY.label())
        .hasMessageContaining("Scoring of churn needs more than its memory of 12 MiB.")
        .hasMessageContaining("max_workers");
    assertThat(staging()).isEmptyDirectory();
  }

  @Test
  void progressIsReported() throws Exception {
    ConcurrentLinkedQueue<Double> shares = new ConcurrentLinkedQueue<>();
    FakeScorer slow =
        FakeScorer.ofNumber(
            "v",
            v -> {
              Thread.onSpinWait();
              return Math.sin(Math.exp(Math.sin(v)));
            });
    TableSnapshot events = large("events", 2_000_000);
    ScoringPlan plan = TestPlan.overRows(events, "id").numbers("v").take("id").predict().build();
    engine().stage(plan, slow, staging(), limits(), new RunControl(shares::add));
    assertThat(shares).isNotEmpty().allMatch(share -> share >= 0 && share <= 1);
  }

  @Test
  void aLostFileIsNamedWithItsTable() {
    TableSnapshot events = table("events").column("id", LONG).file(row(1L)).snapshot();
    events.files().forEach(file -> assertThat(Path.of(file.path()).toFile().delete()).isTrue());
    assertThatThrownBy(() -> join(TestPlan.overRows(events, "id").take("id")))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining(ErrorCode.TABLE_UNREADABLE.label())
        .hasMessageContaining("Table main.ml.events (version 1) cannot be read.");
  }

  @Test
  void aBadLineOfAKeyFileIsNamed() throws IOException {
    Path csv = folder.resolve("keys.csv");
    Files.writeString(csv, "id\n1\nx\n");
    List<Column> columns = List.of(Column.of("id", LONG));
    KeySource.File file = new KeySource.File(csv, KeySource.File.Format.CSV, columns);
    assertThatThrownBy(() -> join(TestPlan.over(file, "id").take("id")))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining(ErrorCode.VALUE_NOT_CONVERTIBLE.label())
        .hasMessageContaining("keys.csv holds 'x' in column 'id' of row 2, which is no bigint");
  }

  @Test
  void aColumnThatAKeyFileLacksIsNamed() throws IOException {
    Path csv = folder.resolve("keys.csv");
    Files.writeString(csv, "user_id,x\n1,2\n");
    KeySource.File file =
        new KeySource.File(csv, KeySource.File.Format.CSV, List.of(Column.of("userid", LONG)));
    assertThatThrownBy(() -> join(TestPlan.over(file, "userid").take("userid")))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining(ErrorCode.COLUMN_NOT_FOUND.label())
        .hasMessageContaining("keys.csv has no column 'userid'.")
        .hasMessageContaining("did you mean 'user_id'?");
  }

  @Test
  void functionsCannotReadFiles() {
    TableSnapshot events = table("events").column("id", LONG).file(row(1L)).snapshot();
    Compute reading =
        new Compute(
            "out",
            "main.fn.read",
            "x + (SELECT max(length(content)) FROM read_text('/etc/hostname'))",
            Map.of("x", "id"));
    assertThatThrownBy(() -> join(TestPlan.overRows(events, "id").step(reading).take("id")))
        .hasMessageContaining("Function main.fn.read");
  }

  @Test
  void modelsMayHaveManyInputs() {
    List<@Nullable Object> values = new ArrayList<>();
    String[] names = new String[500];
    var wide = table("wide");
    for (int i = 0; i < names.length; i++) {
      names[i] = "f" + i;
      wide.column(names[i], DOUBLE);
      values.add(1.0);
    }
    TableSnapshot table = wide.file(values).snapshot();
    assertThat(
            stage(
                    TestPlan.overRows(table).numbers(names).predict().build(),
                    FakeScorer.weightedSum(names))
                .rows())
        .containsExactly(row(500 * 501 / 2.0));
  }

  @Test
  void aDatabaseIsUsedAgainAfterAnotherModel() {
    TableSnapshot events =
        table("events").column("x", DOUBLE).column("y", DOUBLE).file(row(1.0, 2.0)).snapshot();
    for (int i = 0; i < 3; i++) {
      assertThat(
              stage(
                      TestPlan.overRows(events).numbers("x", "y").predict().build(),
                      FakeScorer.weightedSum("x", "y"))
                  .rows())
          .containsExactly(row(5.0));
      assertThat(
              stage(
                      TestPlan.overRows(events).numbers("y").predict().build(),
                      FakeScorer.weightedSum("y"))
                  .rows())
          .containsExactly(row(2.0));
    }
  }

  // Key files

  private void assertKeyFails(String text, ColumnType type, String message) throws IOException {
    Path csv = folder.resolve("keys.csv");
    Files.writeString(csv, "id,x\n,1\n" + text + ",2\n" + text + ",3\n");
    KeySource.File file =
        new KeySource.File(csv, KeySource.File.Format.CSV, List.of(Column.of("id", type)));
    assertThatThrownBy(() -> join(TestPlan.over(file, "id").take("id")))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining("keys.csv holds '" + text + "' in column 'id' of row 2, " + message);
    assertThat(staging()).isEmptyDirectory();
  }

  /** Field report 97. */
  @Test
  void keysInFilesAreNeverRoundedOrGuessed() throws IOException {
    assertKeyFails("1.5", LONG, "which is no bigint (2 rows in all).");
    assertKeyFails("40000", SHORT, "which is no smallint");
    assertKeyFails("1e3", INT, "which is no int");
    assertKeyFails("01/02/2024", DATE, "which is no date");
    assertKeyFails("2024-02-30", DATE, "which is no date");
    assertKeyFails("2024-02-03 10:00:00", DATE, "which is no date");
    assertKeyFails("1.239", new ColumnType.Decimal(10, 2), "which is no decimal(10,2)");
    assertKeyFails("noon", TIMESTAMP, "which is no timestamp");
  }

  @Test
  void keysInFilesAreReadInTheTypesOfThePlan() throws IOException {
    Path json = folder.resolve("keys.jsonl");
    Files.writeString(
        json,
        """
        {"l": 9007199254740993, "s": "007", "d": "2024-01-10", "n": 1.50, "f": "NaN"}
        {"l": "-7", "s": "é", "t": "2024-01-10T12:00:00.000001+02:00", "b": true, "f": 0.1}
        """);
    List<Column> columns =
        List.of(
            Column.of("l", LONG),
            Column.of("s", STRING),
            Column.of("d", DATE),
            Column.of("n", new ColumnType.Decimal(10, 2)),
            Column.of("t", TIMESTAMP),
            Column.of("b", BOOLEAN),
            Column.of("f", DOUBLE));
    KeySource.File lines = new KeySource.File(json, KeySource.File.Format.JSON_LINES, columns);
    assertThat(join(TestPlan.over(lines, "l").take("l", "s", "d", "n", "t", "b", "f")).rows())
        .containsExactlyInAnyOrder(
            row(
                9007199254740993L,
                "007",
                LocalDate.of(2024, 1, 10),
                new BigDecimal("1.50"),
                null,
                null,
                Double.NaN),
            row(-7L, "é", null, null, Instant.parse("2024-01-10T10:00:00.000001Z"), true, 0.1));
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

  // Shared work

  @Test
  void modelsOfTheSameKeysFindTheirMomentsOnce() throws IOException {
    TableSnapshot requests =
        table("requests")
            .column("id", LONG)
            .column("ts", DATE)
            .file(row(1L, LocalDate.of(2024, 1, 10)), row(2L, LocalDate.of(2024, 1, 10)))
            .snapshot();
    TableSnapshot history =
        table("history")
            .column("id", LONG)
            .column("ts", DATE)
            .column("v", DOUBLE)
            .column("w", STRING)
            .file(row(1L, LocalDate.of(2024, 1, 1), 0.1, "old"))
            .file(row(1L, LocalDate.of(2024, 1, 9), 0.2, "new"))
            .delete(0)
            .file(row(1L, LocalDate.of(2024, 1, 8), 0.3, "late"))
            .snapshot();
    Path spill = Files.createDirectories(folder.resolve("kept"));
    try (ScoringEngine sharing =
        DuckDbScoringEngine.open(tables, new EngineLimits(512L << 20, 2, spill))) {
      for (String feature : new String[] {"v", "w", "v"}) {
        TestPlan plan =
            TestPlan.overRows(requests, "id", "ts")
                .lookup(
                    history,
                    List.of("id"),
                    DuplicateKeys.FAIL,
                    new PointInTime("ts", "ts", null),
                    feature)
                .take("id", feature);
        var staged =
            sharing.stage(
                plan.build(),
                FakeScorer.weightedSum(),
                staging(),
                limits(),
                RunControl.unwatched());
        assertThat(staged.statistics().keys()).isEqualTo(2);
        assertThat(staged.statistics().lookups().get(0).matched()).isEqualTo(1);
        assertThat(join(plan).rows())
            .containsExactlyInAnyOrder(row(1L, feature.equals("v") ? 0.3 : "late"), row(2L, null));
        try (var kept = Files.walk(spill)) {
          assertThat(kept.filter(Files::isRegularFile)).hasSize(1);
        }
      }
    }
    assertThat(spill).isEmptyDirectory();
  }

  /** A catalog whose files are elsewhere. */
  private static final class FarTables extends MemoryTables {
    private final Map<String, TableSnapshot> here = new HashMap<>();
    private Runnable onTheWay = () -> {};

    /** The table as its log tells it, with files that no engine can open. */
    TableSnapshot away(TableSnapshot table) {
      here.put(table.location(), table);
      List<DataFile> files =
          table.files().stream()
              .map(
                  file ->
                      new DataFile(
                          "s3://away/" + Path.of(file.path()).getFileName(),
                          file.sizeBytes(),
                          file.rows(),
                          file.partitionValues(),
                          file.deleted()))
              .toList();
      return new TableSnapshot(
          table.name(),
          table.location(),
          table.tableId(),
          table.version(),
          table.columns(),
          table.partitionColumns(),
          table.properties(),
          table.comment(),
          files);
    }

    @Override
    public TableSnapshot materialize(TableSnapshot snapshot) {
      onTheWay.run();
      return java.util.Objects.requireNonNull(here.get(snapshot.location()));
    }
  }

  @Test
  void filesThatAreElsewhereAreBroughtHereBeforeRowsAreRead() {
    FarTables far = new FarTables();
    TableSnapshot keys =
        far.away(table("keys").column("id", LONG).file(row(1L), row(2L)).snapshot());
    TableSnapshot features =
        far.away(
            table("features").column("id", LONG).column("v", DOUBLE).file(row(1L, 0.5)).snapshot());
    try (ScoringEngine engine = DuckDbScoringEngine.open(far)) {
      ScoringPlan plan =
          TestPlan.overRows(keys, "id")
              .lookup(features, List.of("id"), "v")
              .take("id", "v")
              .build();
      StagedScores staged =
          engine.stage(plan, FakeScorer.weightedSum(), staging(), limits(), RunControl.unwatched());
      assertThat(staged.statistics().rows()).isEqualTo(2);
      assertThat(staged.statistics().lookups().get(0).matched()).isEqualTo(1);
    }
  }

  @Test
  void aCallThatIsCancelledWhileFilesAreOnTheirWayDoesNotWaitForThem() {
    FarTables far = new FarTables();
    TableSnapshot keys = far.away(table("keys").column("id", LONG).file(row(1L)).snapshot());
    RunControl control = RunControl.unwatched();
    far.onTheWay =
        () -> {
          control.cancel();
          try {
            Thread.sleep(600_000);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ScorebatchException.of(
                ErrorCode.TABLE_UNREADABLE, "The download was interrupted.", "", "");
          }
        };
    try (ScoringEngine engine = DuckDbScoringEngine.open(far)) {
      ScoringPlan plan = TestPlan.overRows(keys, "id").take("id").build();
      assertThatThrownBy(
              () -> engine.stage(plan, FakeScorer.weightedSum(), staging(), limits(), control))
          .isInstanceOf(ScorebatchException.class)
          .hasMessageContaining("Scoring of churn was stopped.");
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
      assertThat(staging()).isEmptyDirectory();
    }
  }
}
