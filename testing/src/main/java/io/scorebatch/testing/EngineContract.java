package io.scorebatch.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.ScoreStatistics;
import io.scorebatch.api.engine.ScoreStatistics.LookupStatistics;
import io.scorebatch.api.engine.ScoringEngine;
import io.scorebatch.api.engine.SqlEngine;
import io.scorebatch.api.engine.StagedScores;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.DataFile;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.StoredColumn;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Column;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What the contract suites of engines have in common: an engine, tables, plans staged and read. */
abstract class EngineContract {
  @TempDir protected Path folder;

  protected final MemoryTables tables = new MemoryTables();
  private ScoringEngine engine = new Unopened();

  /** The engine under test, over these tables. */
  protected abstract ScoringEngine open(TableStore store);

  protected abstract ParquetWriter writer();

  @BeforeEach
  void openEngine() throws IOException {
    Files.createDirectories(staging());
    engine = open(tables);
  }

  @AfterEach
  void closeEngine() {
    engine.close();
  }

  /** What a plan gave. */
  protected record Scored(
      List<String> columns,
      List<List<@Nullable Object>> rows,
      ScoreStatistics statistics,
      List<StagedFile> files,
      List<StagedFile> quarantined) {}

  protected final ScoringEngine engine() {
    return engine;
  }

  protected final Path staging() {
    return folder.resolve("staging");
  }

  protected EngineLimits limits() {
    return new EngineLimits(512L << 20, 2, folder.resolve("spill"));
  }

  protected final Scored stage(ScoringPlan plan, Scorer scorer) {
    return stage(plan, scorer, limits());
  }

  protected final Scored stage(ScoringPlan plan, Scorer scorer, EngineLimits limits) {
    StagedScores staged = engine.stage(plan, scorer, staging(), limits, RunControl.unwatched());
    List<String> columns = new ArrayList<>();
    List<List<@Nullable Object>> rows = read(staged.files(), columns);
    return new Scored(columns, rows, staged.statistics(), staged.files(), staged.quarantined());
  }

  /** The rows of staged files. */
  protected final List<List<@Nullable Object>> read(List<StagedFile> files) {
    return read(files, new ArrayList<>());
  }

  private List<List<@Nullable Object>> read(List<StagedFile> files, List<String> columns) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    engine.read(
        files,
        new SqlEngine.Rows() {
          @Override
          public void columns(List<Column> found) {
            found.forEach(c -> columns.add(c.name()));
          }

          @Override
          public void row(List<@Nullable Object> values) {
            rows.add(new ArrayList<>(values));
          }
        });
    return rows;
  }

  /** Stages a plan without a model. */
  protected final Scored join(TestPlan plan) {
    return stage(plan.build(), FakeScorer.weightedSum());
  }

  /** Matched and missing rows of each look-up, without what only some engines tell. */
  protected static List<LookupStatistics> counts(Scored scored) {
    return scored.statistics().lookups().stream()
        .map(l -> new LookupStatistics(l.table(), l.tableVersion(), l.matched(), l.missing()))
        .toList();
  }

  protected final TestTable table(String name) {
    return TestTable.in(folder, writer(), name);
  }

  protected static List<@Nullable Object> row(@Nullable Object... values) {
    return Arrays.asList(values.clone());
  }

  /** Staged files as a table that was committed with them. */
  protected final TableSnapshot committed(String name, ScoringPlan plan, List<StagedFile> files) {
    return new TableSnapshot(
        new TableName("main", "ml", name),
        folder.toString(),
        "id-of-" + name,
        1,
        plan.outputSchema().columns().stream()
            .map(c -> new StoredColumn(c, c.name(), OptionalInt.empty()))
            .toList(),
        plan.partitionColumns(),
        Map.of(),
        null,
        files.stream()
            .map(
                file ->
                    new DataFile(
                        file.file().toString(),
                        file.sizeBytes(),
                        OptionalLong.of(file.rows()),
                        file.partitionValues(),
                        Optional.empty()))
            .toList());
  }

  /** All rows of a table. */
  protected final List<List<@Nullable Object>> rowsOf(TableSnapshot table) {
    return join(TestPlan.overRows(table).take(table.schema().names().toArray(new String[0])))
        .rows();
  }

  protected final ScorebatchException failureOf(ScoringPlan plan, Scorer scorer) {
    try {
      stage(plan, scorer);
    } catch (ScorebatchException e) {
      return e;
    }
    throw new AssertionError("the plan did not fail");
  }

  protected final void assertFails(
      ScoringPlan plan, Scorer scorer, ErrorCode code, String... parts) {
    ScorebatchException failure = failureOf(plan, scorer);
    assertThat(failure).hasMessageContainingAll(parts);
    assertThat(failure.problem().code()).isEqualTo(code);
    assertThat(staging()).isEmptyDirectory();
  }

  /** Stands in until a test opens its engine. */
  private static final class Unopened implements ScoringEngine {
    @Override
    public StagedScores stage(
        ScoringPlan plan, Scorer scorer, Path folder, EngineLimits limits, RunControl control) {
      throw new IllegalStateException("not open");
    }

    @Override
    public List<Column> describe(KeySource source) {
      throw new IllegalStateException("not open");
    }

    @Override
    public void read(List<StagedFile> files, SqlEngine.Rows receiver) {
      throw new IllegalStateException("not open");
    }

    @Override
    public String description() {
      return "not open";
    }

    @Override
    public void close() {}
  }
}
