package io.scorebatch.pipeline.run;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.pipeline.config.Drift;
import io.scorebatch.pipeline.config.Drift.Baseline;
import io.scorebatch.pipeline.config.Gates;
import io.scorebatch.pipeline.config.Gates.Golden;
import io.scorebatch.pipeline.config.ModelSpec;
import io.scorebatch.pipeline.config.Severity;
import io.scorebatch.pipeline.config.WriteMode;
import io.scorebatch.pipeline.gate.BatchGates;
import io.scorebatch.pipeline.gate.BatchGates.Baselines;
import io.scorebatch.pipeline.gate.BatchProfile;
import io.scorebatch.pipeline.gate.GoldenRows;
import io.scorebatch.pipeline.gate.ProfileJson;
import io.scorebatch.pipeline.gate.Verdicts;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Holds the batches of a run against their gates, between scoring and publishing. Thread-safe. */
final class BatchAudit {
  private final Rooms rooms;
  private final RunContext run;
  private final History history;

  BatchAudit(Rooms rooms, RunContext run) {
    this.rooms = rooms;
    this.run = run;
    this.history = new History(run.runsFolder());
  }

  /** Whether the numbers that go into a model are to be counted. */
  static boolean profilesInputs(ModelSpec spec) {
    return spec.gates().featureDrift().isPresent()
        || spec.gates().constantPrediction() != Severity.OFF;
  }

  /**
   * What a model's batch is compared with.
   *
   * @param before the prediction table as it is; empty where there is none
   * @throws ScorebatchException {@code BASELINE_UNREADABLE} where a baseline the pipeline names is
   *     not there
   */
  Baselines baselines(ModelSpec spec, Optional<TableSnapshot> before) {
    Optional<BatchProfile> inTable =
        before
            .flatMap(table -> Optional.ofNullable(table.properties().get(BatchProfile.PROPERTY)))
            .flatMap(ProfileJson::parse)
            .filter(profile -> profile.modelName().equals(spec.modelName()));
    // Most commits that only add rows set no property: it is of an older batch.
    boolean stale = inTable.isEmpty() || spec.write().mode() == WriteMode.APPEND;
    Optional<BatchProfile> previous =
        stale ? history.last(run.pipeline().name(), spec.modelName()).or(() -> inTable) : inTable;
    Gates gates = spec.gates();
    return new Baselines(
        previous,
        gates.predictionDrift().flatMap(drift -> baseline(spec, drift, previous)),
        gates.featureDrift().flatMap(drift -> baseline(spec, drift, previous)));
  }

  private Optional<BatchProfile> baseline(
      ModelSpec spec, Drift drift, Optional<BatchProfile> previous) {
    if (drift.baseline() instanceof Baseline.File file) {
      return Optional.of(inFile(spec, file.path()));
    }
    if (drift.baseline() instanceof Baseline.TableVersion version) {
      return Optional.of(inTable(spec, version));
    }
    return previous;
  }

  private BatchProfile inFile(ModelSpec spec, String path) {
    return History.inFile(resolve(spec, path), spec.modelName())
        .orElseThrow(
            () ->
                unreadable(
                    spec,
                    "The file '" + path + "'",
                    "name the run_results.json of a run that committed the model."));
  }

  private BatchProfile inTable(ModelSpec spec, Baseline.TableVersion version) {
    TableName table = run.table(version.table());
    TableSnapshot snapshot = rooms.tables().snapshot(table, version.version());
    return Optional.ofNullable(snapshot.properties().get(BatchProfile.PROPERTY))
        .flatMap(ProfileJson::parse)
        .orElseThrow(
            () ->
                unreadable(
                    spec,
                    "Version " + version.version() + " of table " + table,
                    "name a version that a run overwrote or merged with this release."));
  }

  private static ScorebatchException unreadable(ModelSpec spec, String what, String fix) {
    return ScorebatchException.of(
        ErrorCode.BASELINE_UNREADABLE,
        what + " holds no profile of model '" + spec.modelName() + "'.",
        "The pipeline compares its batches with it.",
        fix);
  }

  private Path resolve(ModelSpec spec, String path) {
    try {
      return run.pipeline().folder().resolve(path);
    } catch (InvalidPathException e) {
      throw unreadable(spec, "The file '" + path + "'", "name a file.");
    }
  }

  /** Scores the golden rows of a model, where it has some, before anything else is scored. */
  void goldenRows(ModelSpec spec, ResolvedModel resolved, ModelPackage model, Verdicts verdicts) {
    if (spec.gates().goldenRows().isEmpty()) {
      return;
    }
    Golden golden = spec.gates().goldenRows().get();
    Recordings.Compared compared =
        rooms.recordings().compare(resolved, model, resolve(spec, golden.file()));
    GoldenRows.check(
        spec.modelName(),
        golden,
        compared.rows(),
        compared.verdict() != Certificates.Verdict.DIFFERENT,
        compared.worst(),
        verdicts);
  }

  /** Asks every gate of a batch. */
  void check(ModelSpec spec, ScoringJob.Scored scored, Baselines baselines, Verdicts verdicts) {
    BatchGates.check(scored.batch(), spec.gates(), spec.badRows(), baselines, verdicts);
  }
}
