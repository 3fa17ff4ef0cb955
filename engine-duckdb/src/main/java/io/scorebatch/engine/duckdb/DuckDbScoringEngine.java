package io.scorebatch.engine.duckdb;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.Rewrite;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.ScoringEngine;
import io.scorebatch.api.engine.SqlEngine;
import io.scorebatch.api.engine.StagedRewrite;
import io.scorebatch.api.engine.StagedScores;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.RowHandling;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.plan.Selection;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Column;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Scores plans and answers queries with DuckDB, embedded. Each call has a database of its own in
 * memory, with its own memory limit and threads; what it spills goes to the limits' folder. Nothing
 * of DuckDB is loaded before the first call. Thread-safe.
 *
 * <p>A plan becomes one statement: the model is a function over column blocks, called from DuckDB's
 * threads while it reads, joins and writes. With one thread all of it runs on the caller's.
 *
 * <p>SQL of a user's (queries, key queries, functions) is checked to be one read-only statement and
 * runs in a database that can reach no files but those of the tables it names.
 */
public final class DuckDbScoringEngine implements ScoringEngine, SqlEngine {
  /** The driver this engine is built and tested for; its bindings are private and may change. */
  static final String DRIVER_VERSION = "2.0.0.1";

  private final TableStore tables;
  private final EngineLimits queryLimits;
  private final TableScans scans = new TableScans();
  private final KeyChecks checks = new KeyChecks(scans);
  private final Instances instances = new Instances();
  private final SharedMoments shared;

  private DuckDbScoringEngine(TableStore tables, EngineLimits queryLimits) {
    this.tables = tables;
    this.queryLimits = queryLimits;
    this.shared = new SharedMoments(queryLimits.spillFolder(), scans, checks);
  }

  /**
   * An engine whose queries may use half of the machine's memory and all its processors.
   *
   * @param tables where queries find their tables; stays open when the engine closes
   */
  public static DuckDbScoringEngine open(TableStore tables) {
    return open(
        tables,
        new EngineLimits(
            Machine.memoryBytes() / 2,
            Runtime.getRuntime().availableProcessors(),
            Path.of(System.getProperty("java.io.tmpdir"))));
  }

  /**
   * @param tables where queries find their tables; stays open when the engine closes
   * @param queryLimits what a query may use; plans bring their own limits
   */
  public static DuckDbScoringEngine open(TableStore tables, EngineLimits queryLimits) {
    return new DuckDbScoringEngine(tables, queryLimits);
  }

  @Override
  public StagedScores stage(
      ScoringPlan plan, Scorer scorer, Path folder, EngineLimits limits, RunControl control) {
    ScoringPlan here = broughtHere(plan, control);
    boolean confined = Staging.hasUserSql(here);
    Instance instance = instance(limits, confined ? instances::fresh : instances::borrow);
    Staging staging =
        new Staging(here, scorer, folder, limits, control, instance, scans, checks, shared);
    boolean done = false;
    try {
      StagedScores scores = staging.run(tables);
      done = true;
      return scores;
    } finally {
      if (done && !confined) {
        instances.giveBack(instance, limits);
      } else {
        instance.close();
      }
      if (!done) {
        staging.deleteFiles();
      }
    }
  }

  /** The plan with its tables' files on this machine; who is cancelled does not wait for them. */
  private ScoringPlan broughtHere(ScoringPlan plan, RunControl control) {
    Thread caller = Thread.currentThread();
    control.onCancel(caller::interrupt);
    try {
      RowHandling rows = plan.rows();
      List<Selection> selections =
          rows.selections().stream()
              .map(selection -> SelectionSql.with(selection, tables::materialize))
              .toList();
      return plan.withTables(tables::materialize)
          .withRows(
              new RowHandling(selections, rows.sample(), rows.onBadRow(), rows.profileInputs()));
    } catch (ScorebatchException e) {
      throw control.isCancelled() ? EngineFailures.interrupted(plan) : e;
    } finally {
      control.onCancel(() -> {});
      if (control.isCancelled()) {
        Thread.interrupted();
      }
    }
  }

  @Override
  public StagedRewrite rewrite(
      Rewrite rewrite, Path folder, EngineLimits limits, RunControl control) {
    TableSnapshot here = tables.materialize(rewrite.table());
    try (Instance instance = instance(limits, instances::fresh)) {
      Rewriting rewriting = new Rewriting(rewrite, here, folder, instance, scans, control);
      boolean done = false;
      try {
        StagedRewrite staged = rewriting.run(tables);
        if (control.isCancelled()) {
          throw EngineFailures.rewriteInterrupted(here);
        }
        done = true;
        return staged;
      } catch (SQLException e) {
        if (control.isCancelled()) {
          throw EngineFailures.rewriteInterrupted(here);
        }
        String doing = "Rewriting of table " + here.name();
        throw EngineFailures.isOutOfMemory(e)
            ? EngineFailures.outOfMemory(doing, limits, e)
            : EngineFailures.failed(doing, e);
      } finally {
        if (!done) {
          rewriting.deleteFiles();
        }
      }
    }
  }

  /** How a call gets its database. */
  @FunctionalInterface
  private interface Opening {
    Instance open(EngineLimits limits) throws SQLException;
  }

  private static Instance instance(EngineLimits limits, Opening opening) {
    try {
      Files.createDirectories(limits.spillFolder());
      return opening.open(limits);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw EngineFailures.failed("Opening a database", e);
    }
  }

  @Override
  public List<Column> describe(KeySource source) {
    if (source instanceof KeySource.TableRows rows) {
      return rows.columns();
    }
    try (Instance instance = instance(queryLimits, instances::fresh)) {
      return source instanceof KeySource.File file
          ? describe(instance, file)
          : describe(instance, (KeySource.Query) source);
    }
  }

  private static List<Column> describe(Instance instance, KeySource.File file) {
    try {
      return KeySources.describe(instance, KeySources.file(file, file.columns()));
    } catch (SQLException e) {
      throw EngineFailures.fileUnreadable(file, e);
    }
  }

  private List<Column> describe(Instance instance, KeySource.Query query) {
    try {
      UserSql parsed = UserSql.parse(instance, query.sql(), tables);
      open(instance, parsed);
      parsed.createKeyView(instance);
      return KeySources.describe(instance, KeySources.QUERY_VIEW);
    } catch (SQLException e) {
      throw EngineFailures.queryInvalid(query.sql(), EngineFailures.firstLine(e));
    }
  }

  @Override
  public @Nullable Object greatest(KeySource source, String column, @Nullable Object until) {
    try (Instance instance = instance(queryLimits, instances::fresh)) {
      if (source instanceof KeySource.TableRows rows) {
        TableSnapshot table = tables.materialize(rows.table());
        String scan = scans.select(instance, table, Map.of("v", column), false);
        return GreatestValue.of(instance, "(" + scan + ")", "v", until);
      }
      String sql = ((KeySource.Query) source).sql();
      try {
        UserSql parsed = UserSql.parse(instance, sql, tables);
        open(instance, parsed);
        parsed.createKeyView(instance);
        return GreatestValue.of(instance, KeySources.QUERY_VIEW, Sql.name(column), until);
      } catch (SQLException e) {
        throw EngineFailures.queryInvalid(sql, EngineFailures.firstLine(e));
      }
    } catch (SQLException e) {
      throw EngineFailures.failed("Reading the greatest '" + column + "'", e);
    }
  }

  @Override
  public void query(String sql, Rows receiver) {
    try (Instance instance = instance(queryLimits, instances::streaming)) {
      UserSql parsed = UserSql.parse(instance, sql, tables);
      open(instance, parsed);
      try {
        instance.query(parsed.sql(), rows -> ResultRows.send(rows, receiver));
      } catch (SQLException e) {
        throw reason(parsed, e);
      }
    } catch (SQLException e) {
      throw EngineFailures.isOutOfMemory(e)
          ? EngineFailures.outOfMemory("The query", queryLimits, e)
          : EngineFailures.queryInvalid(sql, EngineFailures.firstLine(e));
    }
  }

  /** Why a query failed: the driver forgets it once rows are on their way, so it is run again. */
  private SQLException reason(UserSql statement, SQLException e) {
    if (!EngineFailures.isUntold(e)) {
      return e;
    }
    try (Instance again = instance(queryLimits, instances::fresh)) {
      open(again, statement);
      return again.query("EXPLAIN ANALYZE " + statement.sql(), rows -> e);
    } catch (SQLException told) {
      return told;
    }
  }

  /** Lets a statement see its tables, and nothing else. */
  private void open(Instance instance, UserSql statement) throws SQLException {
    instance.execute(EvidenceSql.MACRO);
    List<String> files = new ArrayList<>();
    statement.tables().values().forEach(table -> files.addAll(TableScans.paths(table)));
    instance.confine(files, List.of());
    statement.createViews(instance, scans);
  }

  @Override
  public void read(List<StagedFile> files, Rows receiver) {
    if (files.isEmpty()) {
      return;
    }
    List<String> paths = files.stream().map(file -> file.file().toString()).toList();
    try (Instance instance = instance(queryLimits, instances::streaming)) {
      instance.query(
          "SELECT * FROM read_parquet(" + Sql.files(paths) + ", hive_partitioning = false)",
          rows -> ResultRows.send(rows, receiver));
    } catch (SQLException e) {
      throw EngineFailures.failed("Reading staged files", e);
    }
  }

  @Override
  public String description() {
    return "DuckDB " + DRIVER_VERSION;
  }

  @Override
  public void close() {
    instances.close();
    shared.close();
  }
}
