package io.scorebatch.pipeline.run;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.ScoreStatistics;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ErrorKind;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.api.run.Attempt;
import io.scorebatch.api.run.ModelResult;
import io.scorebatch.api.run.ModelStatus;
import io.scorebatch.api.run.RunListener;
import io.scorebatch.api.table.TableName;
import io.scorebatch.pipeline.config.Fallback;
import io.scorebatch.pipeline.config.ModelSpec;
import io.scorebatch.pipeline.config.ModelSpec.Scoring;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
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
  private final Subjects subjects;
  private final ModelScoring scoring;

  ModelRunner(Rooms rooms, RunContext run, RunListener listener) {
    this.rooms = rooms;
    this.run = run;
    this.listener = listener;
    this.subjects = new Subjects(rooms, run);
    this.scoring = new ModelScoring(rooms, run);
  }

  /** Runs a model; every failure becomes a result. */
  ModelResult run(ModelSpec spec, EngineLimits limits, RunControl control, boolean dryRun) {
    long start = System.nanoTime();
    Progress progress = new Progress();
    try {
      return explained(
          spec,
          () ->
              dryRun
                  ? planned(subjects.find(spec, progress), progress, start)
                  : scored(spec, limits, control, progress, start));
    } catch (ScorebatchException e) {
      progress.problems.addAll(e.problems());
      boolean notFound = NOT_FOUND.contains(e.problem().code());
      boolean interrupted = e.problem().code().kind() == ErrorKind.INTERRUPTED;
      ModelStatus status =
          notFound ? ModelStatus.NOT_FOUND : interrupted ? ModelStatus.SKIPPED : ModelStatus.FAILED;
      return result(spec, status, progress, start, null, OptionalLong.empty());
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
      ModelSpec spec, EngineLimits limits, RunControl control, Progress progress, long start) {
    Once once = Once.of(run, spec, rooms.tables());
    if (once.done().isPresent()) {
      progress.notes.add(once.done().get());
      return result(spec, ModelStatus.SUCCESS, progress, start, null, OptionalLong.empty());
    }
    for (int attempt = 1; ; attempt++) {
      try (ModelScoring.Ready ready = score(spec, once, limits, control, progress)) {
        Outcome outcome =
            scoring.publish(spec, ready, origin(spec, ready, progress), limits, control);
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
        progress.profile = ready.profile();
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

  /** Scores by the pipeline's own way, else by the fallbacks that stand in for what went wrong. */
  private ModelScoring.Ready score(
      ModelSpec spec, Once once, EngineLimits limits, RunControl control, Progress progress) {
    boolean manual = spec.scoring() == Scoring.MANUAL;
    List<Problem> problems = new ArrayList<>();
    ScorebatchException first;
    try {
      return tried(
          spec,
          method(manual),
          spec.onFailure().timeout(),
          progress,
          control,
          inner ->
              scoring.score(subjects.find(spec, progress), once, manual, progress, limits, inner));
    } catch (ScorebatchException e) {
      first = e;
      problems.addAll(e.problems());
    }
    String failed = method(manual);
    for (Fallback fallback : spec.onFailure().fallbacks()) {
      if (!fallback.covers().contains(first.problem().code().kind())) {
        continue;
      }
      String method = fallback.method().name().toLowerCase(Locale.ROOT);
      try {
        ModelScoring.Ready ready =
            tried(
                spec,
                method,
                fallback.asksAModel() ? spec.onFailure().timeout() : Optional.empty(),
                progress,
                control,
                inner -> within(fallback, fallBack(spec, once, fallback, progress, limits, inner)));
        progress.problems.addAll(problems);
        progress.notes.add(failed + " failed, so the fallback '" + method + "' was used");
        ready.subject().ifPresent(subject -> used(subject, progress));
        return ready;
      } catch (ScorebatchException e) {
        if (e.problem().code().kind() == ErrorKind.INTERRUPTED) {
          throw e;
        }
        problems.addAll(e.problems());
        failed += " and " + method;
      }
    }
    throw problems.equals(first.problems()) ? first : new ScorebatchException(problems, first);
  }

  private static void used(Subject subject, Progress progress) {
    progress.resolved = subject.resolved();
    progress.model = subject.model();
  }

  private ModelScoring.Ready fallBack(
      ModelSpec spec,
      Once once,
      Fallback fallback,
      Progress progress,
      EngineLimits limits,
      RunControl control) {
    return switch (fallback.method()) {
      case PREVIOUS_VERSION ->
          scoring.score(
              subjects.previous(spec, Optional.ofNullable(progress.resolved)),
              once,
              spec.scoring() == Scoring.MANUAL,
              progress,
              limits,
              control);
      case MANUAL -> {
        Subject subject = subjects.find(spec, progress);
        yield scoring.score(
            new Subject(spec, subject.resolved(), subject.model(), "manual"),
            once,
            true,
            progress,
            limits,
            control);
      }
      case LAST_GOOD, CONSTANT ->
          scoring.standIn(
              spec, once, fallback, Optional.ofNullable(progress.model), progress, limits, control);
    };
  }

  /** Refuses a fallback that leaves more rows without a prediction than its budget allows. */
  private static ModelScoring.Ready within(Fallback fallback, ModelScoring.Ready ready) {
    double missing = ready.scored().map(batch -> missing(fallback, batch)).orElse(0.0);
    if (missing <= fallback.maxMissing()) {
      return ready;
    }
    ready.scored().ifPresent(ScoringJob.Scored::discard);
    ready.close();
    String method = fallback.method().name().toLowerCase(Locale.ROOT);
    throw ScorebatchException.of(
        ErrorCode.FALLBACK_NOT_POSSIBLE,
        String.format(
            Locale.ROOT,
            "The fallback '%s' leaves %.2f %% of the rows without a prediction; wanted at most"
                + " %.2f %%.",
            method,
            missing * 100,
            fallback.maxMissing() * 100),
        "",
        "raise its max_missing, or add another fallback.");
  }

  private static double missing(Fallback fallback, ScoringJob.Scored batch) {
    ScoreStatistics statistics = batch.scores().statistics();
    long rows = Math.max(1, statistics.rows());
    // Where a constant fills what the table does not hold, no prediction is missing afterwards.
    long missing =
        fallback.method() == Fallback.Method.LAST_GOOD
            ? statistics.lookups().get(0).missing()
            : statistics.nullPredictions();
    return (double) missing / rows;
  }

  /** One way of scoring: within its time, tried again after faults that may pass, and recorded. */
  private ModelScoring.Ready tried(
      ModelSpec spec,
      String method,
      Optional<Duration> timeout,
      Progress progress,
      RunControl control,
      Function<RunControl, ModelScoring.Ready> way) {
    progress.method = method;
    long start = System.nanoTime();
    Retries retries = new Retries(spec.onFailure().retries());
    try {
      return TimeLimit.within(
          timeout,
          spec.modelName(),
          control,
          inner ->
              retries.call(
                  spec.modelName(),
                  inner,
                  () -> explained(spec, () -> way.apply(inner)),
                  failure -> {
                    attempted(progress, method, start, failure);
                    progress.notes.add("tried again after: " + failure.problem().what());
                  }));
    } catch (ScorebatchException e) {
      attempted(progress, method, start, e);
      throw e;
    }
  }

  private static void attempted(
      Progress progress, String method, long start, ScorebatchException failure) {
    progress.attempts.add(
        new Attempt(method, Duration.ofNanos(System.nanoTime() - start), failure.problems()));
  }

  /** Work whose unexpected failures have words, too. */
  private static <T> T explained(ModelSpec spec, Supplier<T> work) {
    try {
      return work.get();
    } catch (ScorebatchException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      LOG.error("model {} failed unexpectedly", spec.modelName(), e);
      boolean memory = e instanceof OutOfMemoryError;
      throw new ScorebatchException(
          new Problem(
              memory ? ErrorCode.OUT_OF_MEMORY : ErrorCode.INTERNAL,
              "Model '" + spec.modelName() + "' failed: " + e + ".",
              "",
              memory
                  ? "give the Java heap more memory, or run fewer workers."
                  : "please report this with the log: it is a defect."),
          e);
    }
  }

  private BatchOrigin origin(ModelSpec spec, ModelScoring.Ready ready, Progress progress) {
    return new BatchOrigin(
        run.runId(),
        run.pipeline().name(),
        ready.subject().map(Subject::resolved).orElseGet(() -> unknown(spec)),
        ready.subject().map(subject -> subject.model().digest()).orElse(""),
        String.valueOf(progress.method),
        spec.prediction().type(),
        spec.keys().idColumns());
  }

  /** Stands for a model that was not asked. */
  private static ResolvedModel unknown(ModelSpec spec) {
    return new ResolvedModel(
        spec.modelUri().orElse(spec.modelName()),
        spec.modelName(),
        OptionalInt.empty(),
        Path.of(""),
        "",
        null,
        null);
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
        progress.notes,
        progress.audit());
  }
}
