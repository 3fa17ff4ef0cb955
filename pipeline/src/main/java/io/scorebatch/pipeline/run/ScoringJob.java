package io.scorebatch.pipeline.run;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.ScoreStatistics.LookupStatistics;
import io.scorebatch.api.engine.StagedScores;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problems;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.PlanStep;
import io.scorebatch.api.plan.RowHandling.OnBadRow;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.api.table.AsOf;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.pipeline.config.BadRows;
import io.scorebatch.pipeline.config.Gates;
import io.scorebatch.pipeline.gate.Batch;
import io.scorebatch.pipeline.gate.BatchGates;
import io.scorebatch.pipeline.gate.BatchGates.Baselines;
import io.scorebatch.pipeline.gate.Verdicts;
import io.scorebatch.pipeline.plan.FileKeys;
import io.scorebatch.pipeline.plan.PlanRequest;
import io.scorebatch.pipeline.plan.PlannedScoring;
import io.scorebatch.pipeline.plan.Planner;
import io.scorebatch.pipeline.plan.PredictionColumns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One model over one set of keys, from request to checked files that no table holds yet: the middle
 * of {@code score_batch}, shared by pipelines and single calls. Thread-safe; discard the scored
 * batch or publish it.
 */
public final class ScoringJob {
  private final Rooms rooms;
  private final PinnedTables pinned;

  /** On the newest versions of all tables. */
  public ScoringJob(Rooms rooms) {
    this(rooms, Optional.empty());
  }

  /**
   * @param asOf which version of the feature tables is read; empty for the newest
   */
  public ScoringJob(Rooms rooms, Optional<AsOf> asOf) {
    this.rooms = rooms;
    this.pinned = new PinnedTables(rooms.tables(), asOf);
  }

  /**
   * A batch that was scored and checked.
   *
   * @param plan how it was scored
   * @param scores files and counts
   * @param notes what the user should know
   * @param tablesRead version by table name
   */
  public record Scored(
      ScoringPlan plan, StagedScores scores, List<String> notes, Map<String, Long> tablesRead) {
    /** The batch as gates see it. */
    Batch batch() {
      Map<String, List<String>> interchangeable = new LinkedHashMap<>();
      for (LookupStatistics lookup : scores.statistics().lookups()) {
        interchangeable.put(lookup.table(), interchangeable(plan, lookup.table()));
      }
      return new Batch(
          plan.modelName(),
          scores.statistics(),
          !multiplies(plan),
          plan.rows().onBadRow() == OnBadRow.SKIP,
          predictsLabels(plan),
          plan.rows()
              .sample()
              .map(
                  sample ->
                      scores.statistics().selected()
                          + " of "
                          + scores.statistics().keys()
                          + " keys"),
          interchangeable);
    }

    /** The same with more for the user to know, before what there is. */
    Scored noted(List<String> more) {
      List<String> all = new ArrayList<>(more);
      all.addAll(notes);
      return new Scored(plan, scores, all, tablesRead);
    }

    /** Removes the files: for a batch that is not to be committed. */
    public void discard() {
      delete(scores.files());
    }
  }

  static void delete(List<StagedFile> files) {
    for (StagedFile file : files) {
      try {
        Files.deleteIfExists(file.file());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Where scored files go. */
  public interface Destination {
    /**
     * The plan as it is to be carried out for this place.
     *
     * @throws ScorebatchException with all that keeps its rows from going there
     */
    ScoringPlan fit(ScoringPlan plan);

    /** The folder; asked for once all else is known to be right. */
    Path folder();
  }

  /** Files that stay files. */
  public record FolderDestination(Path folder) implements Destination {
    @Override
    public ScoringPlan fit(ScoringPlan plan) {
      return plan;
    }
  }

  /**
   * A plan with the scorer it was made for; closing it closes the scorer.
   *
   * @param request what was asked for
   * @param planned the plan
   * @param scorer the model
   * @param tablesRead snapshot of each table that rows come from, without those of queries
   */
  public record Prepared(
      PlanRequest request, PlannedScoring planned, Scorer scorer, List<TableSnapshot> tablesRead)
      implements AutoCloseable {
    public Prepared {
      tablesRead = List.copyOf(tablesRead);
    }

    /** The same with another plan. */
    Prepared withPlan(ScoringPlan plan) {
      PlannedScoring other = new PlannedScoring(plan, planned.notes());
      return new Prepared(request, other, scorer, tablesRead);
    }

    @Override
    public void close() {
      scorer.close();
    }
  }

  /** The newest snapshot of a table, the same for the life of this job. */
  public TableSnapshot snapshot(TableName name) {
    return pinned.newest(name);
  }

  /** The snapshot of a table that features come from, the same for the life of this job. */
  public TableSnapshot featureSnapshot(TableName name) {
    return pinned.features(name);
  }

  /**
   * The rows of a key file, each column in the type of what it is matched with.
   *
   * @param model the model they are for
   * @throws ScorebatchException {@code FILE_UNREADABLE}
   */
  public KeySource.File keys(Path file, KeySource.File.Format format, ModelPackage model) {
    List<Column> found = rooms.engine().describe(new KeySource.File(file, format, List.of()));
    return FileKeys.typed(
        new KeySource.File(file, format, found), model, this::featureTableIfThere);
  }

  /** A table that is not there is told when the model is planned. */
  private Optional<TableSnapshot> featureTableIfThere(String name) {
    try {
      return Optional.of(pinned.features(TableName.parse(name, "main", "default")));
    } catch (ScorebatchException e) {
      return Optional.empty();
    }
  }

  /** A model whose look-ups take features up to an age, whatever it was logged with. */
  public static ModelPackage withLookback(ModelPackage model, Duration window) {
    double seconds = window.toNanos() / 1e9;
    return model
        .featureSpec()
        .map(spec -> model.withFeatureSpec(spec.withLookback(seconds)))
        .orElse(model);
  }

  /**
   * Plans a request: all that can be known before a row is read.
   *
   * @param request what is asked for
   * @param manual whether the rows bring the features
   * @throws ScorebatchException with every problem found
   */
  public Prepared prepare(PlanRequest request, boolean manual) {
    List<OutputKind> kinds =
        PredictionColumns.kinds(
            request.modelName(), request.type(), request.outputKind(), request.model());
    Scorer scorer = rooms.scorers().create(request.model().model(), kinds);
    try {
      Map<String, TableSnapshot> tables = new LinkedHashMap<>();
      PlannedScoring planned;
      if (manual) {
        planned = Planner.planManual(request, scorer.outputs());
      } else {
        Problems problems = new Problems();
        tables = featureTables(request.model(), problems);
        planned = planWith(request, scorer, tables, problems);
      }
      List<TableSnapshot> read = new ArrayList<>();
      if (request.keys() instanceof KeySource.TableRows rows) {
        read.add(rows.table());
      }
      read.addAll(tables.values());
      return new Prepared(request, planned, scorer, read);
    } catch (RuntimeException e) {
      scorer.close();
      throw e;
    }
  }

  private static PlannedScoring planWith(
      PlanRequest request, Scorer scorer, Map<String, TableSnapshot> tables, Problems problems) {
    try {
      PlannedScoring planned = Planner.plan(request, scorer.outputs(), tables);
      problems.throwIfAny();
      return planned;
    } catch (ScorebatchException e) {
      if (!problems.isEmpty() && !e.problems().equals(problems.found())) {
        problems.addAll(e);
        throw new ScorebatchException(problems.found(), e);
      }
      throw e;
    }
  }

  private Map<String, TableSnapshot> featureTables(ModelPackage model, Problems problems) {
    Map<String, TableSnapshot> tables = new LinkedHashMap<>();
    Set<String> names =
        model.featureSpec().stream()
            .flatMap(spec -> spec.columns().stream())
            .filter(SpecColumn.Looked.class::isInstance)
            .map(column -> ((SpecColumn.Looked) column).table())
            .collect(Collectors.toCollection(java.util.LinkedHashSet::new));
    for (String name : names) {
      try {
        tables.put(name, pinned.features(TableName.parse(name, "main", "default")));
      } catch (ScorebatchException e) {
        problems.addAll(e);
      }
    }
    return tables;
  }

  /**
   * Scores, and checks what must hold of every batch.
   *
   * @param destination where the files go
   * @throws ScorebatchException with nothing left behind
   */
  public Scored score(
      Prepared prepared, Destination destination, EngineLimits limits, RunControl control) {
    Scored scored = stage(prepared, destination, limits, control);
    Verdicts verdicts = new Verdicts();
    BatchGates.check(scored.batch(), Gates.NONE, BadRows.FAIL, Baselines.NONE, verdicts);
    if (!verdicts.failures().isEmpty()) {
      scored.discard();
      verdicts.throwIfFailed();
    }
    return scored.noted(verdicts.warnings());
  }

  /** Scores; what the rows are like is for the caller to judge. */
  Scored stage(
      Prepared prepared, Destination destination, EngineLimits limits, RunControl control) {
    List<String> notes = new ArrayList<>(prepared.request().model().notes());
    notes.addAll(prepared.planned().notes());
    return stage(
            prepared.planned().plan(),
            prepared.scorer(),
            prepared.tablesRead(),
            destination,
            limits,
            control)
        .noted(notes);
  }

  /**
   * Carries out a plan.
   *
   * @param tablesRead snapshot of each table that rows come from
   */
  Scored stage(
      ScoringPlan asked,
      Scorer scorer,
      List<TableSnapshot> tablesRead,
      Destination destination,
      EngineLimits limits,
      RunControl control) {
    boolean every = asked.rows().selections().isEmpty();
    if (every) {
      refuseEmptyTable(asked);
    }
    ScoringPlan plan = destination.fit(asked);
    StagedScores scores =
        rooms.engine().stage(plan, scorer, destination.folder(), limits, stopping(scorer, control));
    List<String> notes = new ArrayList<>(scores.statistics().notes());
    notes.addAll(scorer.notes());
    Scored scored = new Scored(plan, scores, notes, PinnedTables.versions(tablesRead));
    if (every && scores.statistics().keys() == 0) {
      scored.discard();
      throw noRows(plan.modelName(), "The key source gave no row.");
    }
    return scored;
  }

  /** Cancelled with the call, and stops what a foreign runtime is at before the engine waits. */
  private static RunControl stopping(Scorer scorer, RunControl control) {
    RunControl inner = new RunControl(control::report);
    control.onCancel(
        () -> {
          inner.cancel();
          scorer.cancel();
        });
    return inner;
  }

  private static void refuseEmptyTable(ScoringPlan plan) {
    if (plan.keys() instanceof KeySource.TableRows rows
        && rows.table().rows().isPresent()
        && rows.table().rows().getAsLong() == 0) {
      throw noRows(plan.modelName(), "Table " + rows.table().name() + " is empty.");
    }
  }

  static ScorebatchException noRows(String modelName, String why) {
    return ScorebatchException.of(
        ErrorCode.NO_ROWS,
        "Model '" + modelName + "' has no rows to score.",
        why,
        "fill the table the keys come from, or take the model out of the run.");
  }

  private static boolean multiplies(ScoringPlan plan) {
    return plan.steps().stream()
        .anyMatch(
            step ->
                step instanceof PlanStep.Lookup lookup
                    && lookup.duplicates() == PlanStep.DuplicateKeys.MULTIPLY);
  }

  private static boolean predictsLabels(ScoringPlan plan) {
    return plan.outputs().stream()
        .anyMatch(
            output ->
                output.column().name().equals("prediction")
                    && output.value() instanceof OutputValue.Label);
  }

  /** Keys of a table that are of one type, so that nobody sees where they change places. */
  private static List<String> interchangeable(ScoringPlan plan, String table) {
    for (PlanStep step : plan.steps()) {
      if (step instanceof PlanStep.Lookup lookup
          && lookup.table().name().toString().equals(table)) {
        Map<String, List<String>> byType = new LinkedHashMap<>();
        for (PlanStep.Lookup.KeyPair pair : lookup.keys()) {
          ColumnType type = lookup.table().schema().find(pair.table()).orElseThrow().type();
          byType
              .computeIfAbsent(
                  type.isInteger() ? "whole number" : type.sparkName(), t -> new ArrayList<>())
              .add(pair.table());
        }
        Optional<List<String>> several =
            byType.values().stream().filter(names -> names.size() > 1).findFirst();
        if (several.isPresent()) {
          return several.get();
        }
      }
    }
    return List.of();
  }
}
