package io.scorebatch.client;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.ScoreStatistics;
import io.scorebatch.api.engine.ScoreStatistics.LookupStatistics;
import io.scorebatch.api.engine.SqlEngine;
import io.scorebatch.api.engine.StagedScores;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problems;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OnDemandFunction;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.AsOf;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.StagingArea;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.pipeline.config.FeatureSet;
import io.scorebatch.pipeline.plan.PlannedScoring;
import io.scorebatch.pipeline.plan.TrainingPlanner;
import io.scorebatch.pipeline.plan.TrainingRequest;
import io.scorebatch.pipeline.run.NoScores;
import io.scorebatch.pipeline.run.Rooms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Rows with labels, and the features to join to them by the join that scoring does. Nothing is read
 * until a result is asked for. Immutable; the setters give a new one.
 *
 * <p>Every row of the source is kept once, a table's duplicates too. Columns: those of the rows,
 * then features, then labels; excluded ones are left out.
 */
public final class TrainingSet {
  private final Rooms rooms;
  private final Connections connections;
  private final Keys rows;
  private final FeatureSet features;
  private final Map<String, String> functions;
  private final Map<String, OnDemandFunction> javaFunctions;
  private final DuplicateKeys duplicates;
  private final Optional<AsOf> asOf;

  TrainingSet(Rooms rooms, Connections connections, Keys rows, FeatureSet features) {
    this(
        rooms,
        connections,
        rows,
        features,
        Map.of(),
        Map.of(),
        DuplicateKeys.FAIL,
        Optional.empty());
  }

  private TrainingSet(
      Rooms rooms,
      Connections connections,
      Keys rows,
      FeatureSet features,
      Map<String, String> functions,
      Map<String, OnDemandFunction> javaFunctions,
      DuplicateKeys duplicates,
      Optional<AsOf> asOf) {
    this.rooms = rooms;
    this.connections = connections;
    this.rows = rows;
    this.features = features;
    this.functions = Map.copyOf(functions);
    this.javaFunctions = Map.copyOf(javaFunctions);
    this.duplicates = duplicates;
    this.asOf = asOf;
  }

  /** SQL expression by full name of each function the features need. */
  public TrainingSet functions(Map<String, String> sqlByName) {
    return new TrainingSet(
        rooms, connections, rows, features, lower(sqlByName), javaFunctions, duplicates, asOf);
  }

  /** The same in Java. */
  public TrainingSet javaFunctions(Map<String, OnDemandFunction> byName) {
    return new TrainingSet(
        rooms, connections, rows, features, functions, lower(byName), duplicates, asOf);
  }

  private static <T> Map<String, T> lower(Map<String, T> byName) {
    Map<String, T> lower = new LinkedHashMap<>();
    byName.forEach((name, body) -> lower.put(name.toLowerCase(Locale.ROOT), body));
    return lower;
  }

  /** What to do where a feature table holds a key twice; refused if unset. */
  public TrainingSet onDuplicateKey(DuplicateKeys rule) {
    return new TrainingSet(
        rooms, connections, rows, features, functions, javaFunctions, rule, asOf);
  }

  /**
   * Reads feature tables as of a moment or version, so that what was written to them later is not
   * known; the rows are those of now.
   */
  public TrainingSet asOf(AsOf moment) {
    return new TrainingSet(
        rooms,
        connections,
        rows,
        features,
        functions,
        javaFunctions,
        duplicates,
        Optional.of(moment));
  }

  /**
   * What a training set holds.
   *
   * @param statistics counts over its rows
   * @param tablesRead version by name of each feature table
   * @param notes what the user should know
   */
  public record Joined(
      ScoreStatistics statistics, Map<String, Long> tablesRead, List<String> notes) {
    public Joined {
      tablesRead = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(tablesRead));
      notes = List.copyOf(notes);
    }

    public long rows() {
      return statistics.rows();
    }
  }

  /**
   * Replaces a table with the training set, in one version.
   *
   * @throws ScorebatchException with the table as it was
   */
  public Joined saveAsTable(String table) {
    TableName target = TableName.parse(table, connections.catalog(), connections.schema());
    try (Scratch scratch = Scratch.folder()) {
      Planned planned = plan(target, scratch.path());
      List<String> names =
          rooms
              .tables()
              .checkWritable(target, planned.plan.outputSchema(), TableCommit.Mode.OVERWRITE)
              .names();
      return save(target, planned, planned.plan.withOutputNames(names), scratch.path());
    }
  }

  private Joined save(TableName target, Planned planned, ScoringPlan plan, Path scratch) {
    try (StagingArea staging = rooms.tables().openStaging(target)) {
      StagedScores staged = stage(plan, staging.folder(), connections.threads(), scratch);
      try {
        refuseNoMatch(staged.statistics(), target);
        rooms
            .tables()
            .commit(
                new TableCommit(
                    target,
                    plan.outputSchema(),
                    TableCommit.Mode.OVERWRITE,
                    staged.files(),
                    "Training set: rows with labels, features joined as of each row's moment.",
                    Map.of("scorebatch.tables_read", new TreeMap<>(planned.tablesRead).toString()),
                    Optional.empty(),
                    "Scorebatch/" + Program.version()));
      } catch (ScorebatchException e) {
        if (e.problem().code() != ErrorCode.COMMIT_STATE_UNKNOWN) {
          discard(staged.files());
        }
        throw e;
      }
      return joined(planned, staged);
    }
  }

  /**
   * Writes the training set to a {@code .parquet} file, replacing it.
   *
   * @throws ScorebatchException with the file as it was
   */
  public Joined saveAsFile(Path file) {
    if (!String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".parquet")) {
      throw ScorebatchException.of(
          ErrorCode.USAGE,
          "'" + file + "' has no ending that tells a format.",
          "",
          "end it with .parquet, or name a table.");
    }
    Path absolute = file.toAbsolutePath();
    try (Scratch scratch = new Scratch(ScoreBatch.scratchBeside(absolute))) {
      TableName name = new TableName("local", "files", "training_set");
      Planned planned = plan(name, scratch.path());
      StagedScores staged = stage(planned.plan, scratch.path(), 1, scratch.path());
      refuseNoMatch(staged.statistics(), name);
      // With one thread there is one file.
      Files.move(staged.files().get(0).file(), absolute, StandardCopyOption.REPLACE_EXISTING);
      return joined(planned, staged);
    } catch (IOException e) {
      throw ScoreBatch.unwritable(absolute, e);
    }
  }

  /** Hands every row to the receiver, in no particular order. */
  public Joined forEachRow(SqlEngine.Rows receiver) {
    try (Scratch scratch = Scratch.folder()) {
      TableName name = new TableName("local", "files", "training_set");
      Planned planned = plan(name, scratch.path());
      StagedScores staged =
          stage(planned.plan, scratch.path(), connections.threads(), scratch.path());
      refuseNoMatch(staged.statistics(), name);
      rooms.engine().read(staged.files(), receiver);
      return joined(planned, staged);
    }
  }

  private record Planned(ScoringPlan plan, Map<String, Long> tablesRead, List<String> notes) {}

  private Planned plan(TableName target, Path scratch) {
    Problems problems = new Problems();
    Map<String, TableSnapshot> tables =
        LogModel.snapshots(features, this::snapshot, connections, problems);
    PlannedScoring planned =
        TrainingPlanner.plan(
            new TrainingRequest(
                target,
                source(tables, scratch),
                features,
                tables,
                functions,
                javaFunctions,
                duplicates),
            problems);
    Map<String, Long> versions = new LinkedHashMap<>();
    tables.values().forEach(table -> versions.put(table.name().toString(), table.version()));
    return new Planned(planned.plan(), versions, planned.notes());
  }

  private TableSnapshot snapshot(TableName table) {
    return asOf.map(moment -> moment.snapshot(rooms.tables(), table))
        .orElseGet(() -> rooms.tables().snapshot(table));
  }

  private KeySource source(Map<String, TableSnapshot> tables, Path scratch) {
    if (rows instanceof Keys.Query query) {
      KeySource.Query bare = new KeySource.Query(query.sql(), List.of());
      return new KeySource.Query(query.sql(), rooms.engine().describe(bare));
    }
    if (rows instanceof Keys.Rows own) {
      return RowFile.write(scratch.resolve("rows.jsonl"), own.schema(), own.rows());
    }
    if (rows instanceof Keys.File file && ArrowKeys.isArrow(file.path())) {
      return ArrowKeys.read(file.path(), scratch.resolve("rows.jsonl"));
    }
    if (rows instanceof Keys.File file) {
      KeySource.File bare =
          new KeySource.File(file.path(), ScoreBatch.format(file.path()), List.of());
      return TrainingPlanner.typed(
          new KeySource.File(file.path(), bare.format(), rooms.engine().describe(bare)),
          features,
          tables);
    }
    TableSnapshot table =
        rooms
            .tables()
            .snapshot(
                TableName.parse(
                    ((Keys.Table) rows).name(), connections.catalog(), connections.schema()));
    return new KeySource.TableRows(table, table.schema().columns(), false);
  }

  private StagedScores stage(ScoringPlan plan, Path folder, int threads, Path scratch) {
    EngineLimits limits =
        new EngineLimits(connections.memoryBytes(), threads, scratch.resolve("spill"));
    return rooms.engine().stage(plan, new NoScores(), folder, limits, RunControl.unwatched());
  }

  private static void refuseNoMatch(ScoreStatistics statistics, TableName name) {
    Problems problems = new Problems();
    for (LookupStatistics lookup : statistics.lookups()) {
      if (lookup.matched() == 0 && lookup.missing() > 0) {
        problems.add(
            ErrorCode.NO_MATCH,
            "None of "
                + lookup.missing()
                + " rows of training set '"
                + name.table()
                + "' is in table "
                + lookup.table()
                + " (version "
                + lookup.tableVersion()
                + ").",
            "A model would learn from missing features.",
            "check that rows and table hold the same entities, in the same spelling.");
      }
    }
    problems.throwIfAny();
  }

  private static void discard(List<StagedFile> files) {
    for (StagedFile file : files) {
      try {
        Files.deleteIfExists(file.file());
      } catch (IOException e) {
        throw ScoreBatch.unwritable(file.file(), e);
      }
    }
  }

  private static Joined joined(Planned planned, StagedScores staged) {
    List<String> notes = new ArrayList<>(planned.notes);
    notes.addAll(staged.statistics().notes());
    return new Joined(staged.statistics(), planned.tablesRead, notes);
  }
}
