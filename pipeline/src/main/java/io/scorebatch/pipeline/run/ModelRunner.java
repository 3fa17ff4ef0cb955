package io.scorebatch.pipeline.run;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ErrorKind;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.api.run.ModelResult;
import io.scorebatch.api.run.ModelStatus;
import io.scorebatch.api.run.RunListener;
import io.scorebatch.api.table.TableName;
import io.scorebatch.pipeline.config.Fallback;
import io.scorebatch.pipeline.config.ModelSpec;
import io.scorebatch.pipeline.config.ModelSpec.Scoring;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs one model of a pipeline from its URI to its committed table. Thread-safe. */
final class ModelRunner {
  private static final Logger LOG = LoggerFactory.getLogger(ModelRunner.class);
  private static final Set<ErrorCode> NOT_FOUND =
      Set.of(
          ErrorCode.MODEL_NOT_FOUND,
          ErrorCode.MODEL_VERSION_NOT_FOUND,
          ErrorCode.MODEL_ALIAS_NOT_FOUND);

  /** How often rows are chosen where other runs of the model come between. */
  private static final int CHOICES = 3;

  private final Rooms rooms;
  private final RunContext run;
  private final RunListener listener;
  private final ModelFinder finder;
  private final ModelScoring scoring;

  ModelRunner(Rooms rooms, RunContext run, RunListener listener) {
    this.rooms = rooms;
    this.run = run;
    this.listener = listener;
    this.finder = new ModelFinder(rooms.registry(), run.pipeline());
    this.scoring = new ModelScoring(rooms, run);
  }

  /** What became known while a model ran. One thread. */
  private static final class Progress {
    @Nullable ResolvedModel resolved;
    @Nullable ModelPackage model;
    @Nullable String method;
    final List<Problem> problems = new ArrayList<>();
    final List<String> notes = new ArrayList<>();
  }

  /** Runs a model; every failure becomes a result. */
  ModelResult run(ModelSpec spec, EngineLimits limits, RunControl control, boolean dryRun) {
    long start = System.nanoTime();
    Progress progress = new Progress();
    try {
      ResolvedModel resolved = finder.find(spec);
      progress.resolved = resolved;
      ModelPackage read = rooms.reader().read(resolved.folder());
      ModelPackage model =
          spec.lookups()
              .lookback()
              .map(window -> ScoringJob.withLookback(read, window))
              .orElse(read);
      progress.model = model;
      Trust.require(spec, resolved, model, rooms.certificates());
      Subject subject = new Subject(spec, resolved, model);
      return dryRun
          ? planned(subject, progress, start)
          : scored(subject, limits, control, progress, start);
    } catch (ScorebatchException e) {
      progress.problems.addAll(e.problems());
      boolean notFound = NOT_FOUND.contains(e.problem().code());
      boolean interrupted = e.problem().code().kind() == ErrorKind.INTERRUPTED;
      ModelStatus status =
          notFound ? ModelStatus.NOT_FOUND : interrupted ? ModelStatus.SKIPPED : ModelStatus.FAILED;
      return result(spec, status, progress, start, null, OptionalLong.empty());
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      LOG.error("model {} failed unexpectedly", spec.modelName(), e);
      boolean memory = e instanceof OutOfMemoryError;
      progress.problems.add(
          new Problem(
              memory ? ErrorCode.OUT_OF_MEMORY : ErrorCode.INTERNAL,
              "Model '" + spec.modelName() + "' failed: " + e + ".",
              "",
              memory
                  ? "give the Java heap more memory, or run fewer workers."
                  : "please report this with the log: it is a defect."));
      return result(spec, ModelStatus.FAILED, progress, start, null, OptionalLong.empty());
    }
  }

  private ModelResult planned(Subject subject, Progress progress, long start) {
    boolean manual = subject.spec().scoring() == Scoring.MANUAL;
    try (ModelScoring.Planned planned = scoring.plan(subject, manual)) {
      listener.modelPlanned(planned.plan());
      progress.method = method(manual);
      progress.notes.addAll(planned.notes());
      progress.notes.addAll(planned.prepared().planned().notes());
      Map<String, Long> read = PinnedTables.versions(planned.prepared().tablesRead());
      progress.notes.add(
          "would read "
              + (read.isEmpty() ? "the source" : read.toString())
              + " in "
              + planned.plan().steps().size()
              + " look-ups and functions");
    }
    return result(subject.spec(), ModelStatus.SKIPPED, progress, start, null, OptionalLong.empty());
  }

  private ModelResult scored(
      Subject subject, EngineLimits limits, RunControl control, Progress progress, long start) {
    ModelSpec spec = subject.spec();
    Once once = Once.of(run, spec, rooms.tables());
    if (once.done().isPresent()) {
      progress.notes.add(once.done().get());
      return result(spec, ModelStatus.SUCCESS, progress, start, null, OptionalLong.empty());
    }
    for (int attempt = 1; ; attempt++) {
      try (ModelScoring.Ready ready = score(subject, once, limits, control, progress)) {
        Outcome outcome =
            scoring.publish(subject, ready, origin(subject, progress), limits, control);
        if (outcome instanceof Outcome.Overtaken) {
          if (attempt == CHOICES) {
            throw overtaken(once.target());
          }
          progress.notes.add("another run of the model committed first: rows were chosen anew");
          continue;
        }
        progress.notes.addAll(ready.notes());
        if (outcome instanceof Outcome.Superseded) {
          progress.notes.add("a run that started later has committed: nothing was written");
          return result(spec, ModelStatus.SUCCESS, progress, start, null, OptionalLong.empty());
        }
        OptionalLong version =
            outcome instanceof Outcome.Committed committed
                ? OptionalLong.of(committed.version())
                : OptionalLong.empty();
        return result(
            spec, ModelStatus.SUCCESS, progress, start, ready.scored().orElse(null), version);
      }
    }
  }

  private static ScorebatchException overtaken(TableName target) {
    return ScorebatchException.of(
        ErrorCode.COMMIT_CONFLICT,
        "Other runs of the model committed to table "
            + target
            + " while this one scored, "
            + CHOICES
            + " times.",
        "Which rows are new changed each time.",
        "let one run of the pipeline end before the next starts.");
  }

  private ModelScoring.Ready score(
      Subject subject, Once once, EngineLimits limits, RunControl control, Progress progress) {
    boolean manual = subject.spec().scoring() == Scoring.MANUAL;
    try {
      progress.method = method(manual);
      return scoring.score(subject, once, manual, limits, control);
    } catch (ScorebatchException e) {
      if (manual
          || !subject.spec().onFailure().has(Fallback.Method.MANUAL)
          || e.problem().code().kind() == ErrorKind.INTERRUPTED) {
        throw e;
      }
      progress.problems.addAll(e.problems());
      progress.notes.add("score_batch failed, so the fallback 'manual' was used");
      progress.method = method(true);
      return scoring.score(subject, once, true, limits, control);
    }
  }

  private BatchOrigin origin(Subject subject, Progress progress) {
    return new BatchOrigin(
        run.runId(),
        run.pipeline().name(),
        subject.resolved(),
        subject.model().digest(),
        String.valueOf(progress.method),
        subject.spec().prediction().type(),
        subject.spec().keys().idColumns());
  }

  private static String method(boolean manual) {
    return manual ? "manual" : "score_batch";
  }

  private static ModelResult result(
      ModelSpec spec,
      ModelStatus status,
      Progress progress,
      long startNanos,
      ScoringJob.@Nullable Scored scored,
      OptionalLong tableVersion) {
    ResolvedModel resolved = progress.resolved;
    ModelPackage model = progress.model;
    return new ModelResult(
        spec.modelName(),
        spec.domain(),
        status,
        progress.method,
        resolved == null ? spec.modelUri().orElse(spec.modelName()) : resolved.uri(),
        resolved == null ? OptionalInt.empty() : resolved.version(),
        model == null ? null : model.digest(),
        spec.write().table(),
        tableVersion,
        scored == null ? 0 : scored.scores().statistics().rows(),
        Duration.ofNanos(System.nanoTime() - startNanos),
        scored == null ? Map.of() : scored.tablesRead(),
        scored == null ? Optional.empty() : Optional.of(scored.scores().statistics()),
        progress.problems,
        progress.notes);
  }
}
