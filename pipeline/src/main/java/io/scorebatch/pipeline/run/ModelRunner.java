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

  private final Rooms rooms;
  private final RunContext run;
  private final RunListener listener;
  private final ScoringJob job;
  private final ModelFinder finder;
  private final ModelRequests requests;

  ModelRunner(Rooms rooms, RunContext run, RunListener listener) {
    this.rooms = rooms;
    this.run = run;
    this.listener = listener;
    this.job = new ScoringJob(rooms, run.options().asOf());
    this.finder = new ModelFinder(rooms.registry(), run.pipeline());
    this.requests = new ModelRequests(rooms, run, job);
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
      if (dryRun) {
        return planned(spec, resolved, model, progress, start);
      }
      return scored(spec, resolved, model, limits, control, progress, start);
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

  private ModelResult planned(
      ModelSpec spec, ResolvedModel resolved, ModelPackage model, Progress progress, long start) {
    boolean manual = spec.scoring() == Scoring.MANUAL;
    try (ScoringJob.Prepared prepared =
        job.prepare(requests.request(spec, resolved, model, manual, progress.notes), manual)) {
      listener.modelPlanned(prepared.planned().plan());
      progress.method = method(manual);
      progress.notes.addAll(prepared.planned().notes());
      Map<String, Long> read = PinnedTables.versions(prepared.tablesRead());
      progress.notes.add(
          "would read "
              + (read.isEmpty() ? "the source" : read.toString())
              + " in "
              + prepared.planned().plan().steps().size()
              + " look-ups and functions");
    }
    return result(spec, ModelStatus.SKIPPED, progress, start, null, OptionalLong.empty());
  }

  private ModelResult scored(
      ModelSpec spec,
      ResolvedModel resolved,
      ModelPackage model,
      EngineLimits limits,
      RunControl control,
      Progress progress,
      long start) {
    refuseParts(spec);
    Once once = Once.of(run, spec);
    Optional<String> done = once.done(rooms.tables(), run);
    if (done.isPresent()) {
      progress.notes.add(done.get());
      return result(spec, ModelStatus.SUCCESS, progress, start, null, OptionalLong.empty());
    }
    try (Publication publication =
        new Publication(
            rooms,
            once.target(),
            spec.write(),
            Optional.empty(),
            false,
            Optional.of(once.id()),
            run.engineInfo())) {
      ScoringJob.Scored scored =
          score(spec, resolved, model, publication, limits, control, progress);
      progress.notes.addAll(scored.notes());
      long version =
          publication
              .publish(
                  scored,
                  origin(spec, resolved, model, progress),
                  Map.of(),
                  table -> true,
                  limits,
                  control)
              .orElseThrow();
      return result(spec, ModelStatus.SUCCESS, progress, start, scored, OptionalLong.of(version));
    }
  }

  private ScoringJob.Scored score(
      ModelSpec spec,
      ResolvedModel resolved,
      ModelPackage model,
      Publication publication,
      EngineLimits limits,
      RunControl control,
      Progress progress) {
    boolean manual = spec.scoring() == Scoring.MANUAL;
    try {
      return score(spec, resolved, model, manual, publication, limits, control, progress);
    } catch (ScorebatchException e) {
      if (manual
          || !spec.onFailure().has(Fallback.Method.MANUAL)
          || e.problem().code().kind() == ErrorKind.INTERRUPTED) {
        throw e;
      }
      progress.problems.addAll(e.problems());
      progress.notes.add("score_batch failed, so the fallback 'manual' was used");
      return score(spec, resolved, model, true, publication, limits, control, progress);
    }
  }

  private ScoringJob.Scored score(
      ModelSpec spec,
      ResolvedModel resolved,
      ModelPackage model,
      boolean manual,
      Publication publication,
      EngineLimits limits,
      RunControl control,
      Progress progress) {
    progress.method = method(manual);
    try (ScoringJob.Prepared prepared =
        job.prepare(requests.request(spec, resolved, model, manual, progress.notes), manual)) {
      return job.score(prepared, publication, limits, control);
    }
  }

  private BatchOrigin origin(
      ModelSpec spec, ResolvedModel resolved, ModelPackage model, Progress progress) {
    return new BatchOrigin(
        run.runId(),
        run.pipeline().name(),
        resolved,
        model.digest(),
        String.valueOf(progress.method),
        spec.prediction().type(),
        spec.keys().idColumns());
  }

  private static void refuseParts(ModelSpec spec) {
    if (spec.incremental().isPresent() || spec.sample().size().isPresent()) {
      throw ScorebatchException.of(
          ErrorCode.PIPELINE_INVALID,
          "Model '" + spec.modelName() + "' asks for a part of its rows.",
          "This version scores all of them.",
          "leave out incremental, max_rows and sample.");
    }
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
