package io.scorebatch.engine.duckdb;

import static io.scorebatch.api.type.ColumnType.Primitive.DOUBLE;
import static io.scorebatch.api.type.ColumnType.Primitive.LONG;
import static io.scorebatch.api.type.ColumnType.Primitive.STRING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.ScoringEngine;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.PlanStep.Compute;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.DataFile;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Column;
import io.scorebatch.testing.FakeScorer;
import io.scorebatch.testing.ParquetWriter;
import io.scorebatch.testing.ScoringEngineContractTest;
import io.scorebatch.testing.TestPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
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
        .hasMessageContaining(ErrorCode.FILE_UNREADABLE.label())
        .hasMessageContaining("keys.csv cannot be read as CSV.")
        .hasMessageContaining("Line: 3")
        .hasMessageContaining("x");
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
}
