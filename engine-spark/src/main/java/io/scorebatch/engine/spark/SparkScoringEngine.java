package io.scorebatch.engine.spark;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.ScoringEngine;
import io.scorebatch.api.engine.SqlEngine;
import io.scorebatch.api.engine.StagedScores;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Column;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Scores plans and answers queries on a Spark cluster. Thread-safe.
 *
 * <p>A plan becomes one DataFrame; the model is a function over blocks of rows, made once in each
 * executor (see {@link ClusterScorers}). Tables are read from the very files their snapshots list,
 * so the rows are those of any other engine. The driver sees counts and bounds of files, never
 * rows. Memory and threads of a call are the cluster's own settings; of its {@link EngineLimits}
 * only a single thread is obeyed, as it promises a single file.
 *
 * <p>Staging folders and key files must lie where driver and executors reach them under one path. A
 * task that fails, and an executor that is lost, are tried again by Spark; the files of an attempt
 * that did not count are deleted.
 *
 * <p>SQL of a user's is checked to be one read-only query, and sees no tables but the catalog's. It
 * is in Spark's dialect, in ANSI mode, its session in UTC.
 */
public final class SparkScoringEngine implements ScoringEngine, SqlEngine {
  private final org.apache.spark.sql.classic.SparkSession session;
  private final JoinedRows.Sources sources;
  private final TableStore tables;

  private SparkScoringEngine(org.apache.spark.sql.classic.SparkSession session, TableStore tables) {
    this.session = session;
    this.tables = tables;
    TableScans scans = new TableScans(session);
    this.sources =
        new JoinedRows.Sources(scans, new KeyChecks(scans), new KeyRows(session, tables, scans));
  }

  /**
   * An engine on a running session.
   *
   * @param spark the session; it is left as it is, and stays open when the engine closes
   * @param tables where queries find their tables; stays open when the engine closes
   */
  public static SparkScoringEngine on(SparkSession spark, TableStore tables) {
    var own = ((org.apache.spark.sql.classic.SparkSession) spark).newSession();
    own.conf().set("spark.sql.session.timeZone", "UTC");
    own.conf().set("spark.sql.ansi.enabled", "true");
    own.conf().set("spark.sql.datetime.java8API.enabled", "true");
    own.conf().set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS");
    own.conf().set("spark.sql.parquet.fieldId.read.enabled", "true");
    return new SparkScoringEngine(own, tables);
  }

  /** The columns of a DataFrame; what has no counterpart among our types is text. */
  public static List<Column> columns(Dataset<Row> rows) {
    return SparkTypes.columns(rows.schema());
  }

  @Override
  public StagedScores stage(
      ScoringPlan plan, Scorer scorer, Path folder, EngineLimits limits, RunControl control) {
    return new Staging(plan, scorer, folder, limits, control, session, sources).run();
  }

  /**
   * Scores rows the caller brings. Nothing is scored before an action asks for rows; only what must
   * be known of the feature tables' keys is read at once, as {@link #stage} does.
   *
   * @param plan what to do; its key source says which columns of the rows to take
   * @param scorer made by {@link ClusterScorers}, unless the master is local; must stay open as
   *     long as the result is used
   * @param rows the keys, and whatever else the plan takes of them
   * @return the plan's output columns, in the session of the rows. Actions fail as Spark fails,
   *     with our exception as a cause
   */
  public Dataset<Row> score(ScoringPlan plan, Scorer scorer, Dataset<Row> rows) {
    JoinedRows joined = JoinedRows.of(plan, sources, rows);
    ModelArguments arguments = new ModelArguments(plan, joined);
    Dataset<Row> ready = arguments.rows(List.of());
    ScorerRecipe recipe =
        ModelArguments.scores(plan) ? ClusterScorers.recipe(scorer) : new ScorerRecipe.OfNothing();
    SparkContext context = session.sparkContext();
    ScoringTask task =
        new ScoringTask(
            JavaSparkContext.fromSparkContext(context).broadcast(recipe),
            ModelArguments.bindings(plan),
            plan.outputs(),
            arguments.flags().size(),
            arguments.ranges().size());
    String modelName = plan.modelName();
    DeferredRows scored =
        new DeferredRows(
            context,
            () ->
                InternalRows.of(ready)
                    .toJavaRDD()
                    .mapPartitions(part -> task.scoreFor(modelName, part))
                    .rdd());
    return InternalRows.frame(
        (org.apache.spark.sql.classic.SparkSession) rows.sparkSession(),
        scored,
        SparkTypes.of(plan.outputSchema()));
  }

  @Override
  public List<Column> describe(KeySource source) {
    return sources.keys().describe(source);
  }

  @Override
  public void query(String sql, Rows receiver) {
    try {
      ResultRows.send(UserSql.rows(session, sql, tables, sources.scans()), receiver);
    } catch (Exception e) {
      if (e instanceof org.apache.spark.SparkThrowable) {
        throw SparkFailures.queryInvalid(sql, SparkFailures.firstLine(e));
      }
      throw e;
    }
  }

  @Override
  public void read(List<StagedFile> files, Rows receiver) {
    if (files.isEmpty()) {
      return;
    }
    String[] paths =
        files.stream()
            .map(file -> SnapshotFiles.path(file.file().toAbsolutePath().toString()).toString())
            .toArray(String[]::new);
    ResultRows.send(KeyRows.reader(session).parquet(paths), receiver);
  }

  @Override
  public String description() {
    return "Spark " + session.version();
  }

  @Override
  public void close() {}
}
