package io.scorebatch.pipeline.run;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ErrorKind;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OnDemandFunction;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.api.run.ModelResult;
import io.scorebatch.api.run.ModelStatus;
import io.scorebatch.api.run.RunListener;
import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.api.table.AsOf;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.pipeline.config.Fallback;
import io.scorebatch.pipeline.config.ModelSpec;
import io.scorebatch.pipeline.config.ModelSpec.Scoring;
import io.scorebatch.pipeline.config.ModelSpec.Source;
import io.scorebatch.pipeline.config.PipelineSpec;
import io.scorebatch.pipeline.config.WriteMode;
import io.scorebatch.pipeline.plan.PlanRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
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
  private final PipelineSpec pipeline;
  private final String runId;
  private final Instant startedAt;
  private final String engineInfo;
  private final Optional<AsOf> asOf;
  private final RunListener listener;
  private final ScoringJob job;
  private final Map<String, OnDemandFunction> functions;

  ModelRunner(
      Rooms rooms,
      PipelineSpec pipeline,
      String runId,
      Instant startedAt,
      String engineInfo,
      Optional<AsOf> asOf,
      RunListener listener) {
    this.rooms = rooms;
    this.pipeline = pipeline;
    this.runId = runId;
    this.startedAt = startedAt;
    this.engineInfo = engineInfo;
    this.asOf = asOf;
    this.listener = listener;
    this.job = new ScoringJob(rooms, asOf);
    this.functions = FunctionClasses.load(pipeline.javaFunctions());
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
      ResolvedModel resolved = resolve(spec);
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
        return planned(spec, progress, start);
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

  private ResolvedModel resolve(ModelSpec spec) {
    if (spec.modelUri().isPresent()) {
      return rooms.registry().resolve(spec.modelUri().get());
    }
    String full = "models:/" + qualifiedName(spec) + "/latest";
    if (spec.modelName().contains(".")) {
      return rooms.registry().resolve(full);
    }
    try {
      return rooms.registry().resolve(full);
    } catch (ScorebatchException e) {
      if (e.problem().code() != ErrorCode.MODEL_NOT_FOUND) {
        throw e;
      }
      try {
        return rooms.registry().resolve("models:/" + spec.modelName() + "/latest");
      } catch (ScorebatchException second) {
        if (second.problem().code() != ErrorCode.MODEL_NOT_FOUND) {
          throw second;
        }
        throw e;
      }
    }
  }

  private String qualifiedName(ModelSpec spec) {
    return spec.modelName().contains(".")
        ? spec.modelName()
        : pipeline.catalog() + "." + pipeline.schema() + "." + spec.modelName();
  }

  private ModelResult planned(ModelSpec spec, Progress progress, long start) {
    ModelPackage model = java.util.Objects.requireNonNull(progress.model);
    boolean manual = spec.scoring() == Scoring.MANUAL;
    ScoringJob.Prepared prepared = job.prepare(request(spec, progress, model, manual), manual);
    prepared.scorer().close();
    listener.modelPlanned(prepared.planned().plan());
    progress.method = method(manual);
    progress.notes.addAll(prepared.planned().notes());
    progress.notes.add(
        "would read "
            + (prepared.tablesRead().isEmpty() ? "the source" : prepared.tablesRead().toString())
            + " in "
            + prepared.planned().plan().steps().size()
            + " look-ups and functions");
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
    TableName target = table(spec.write().table());
    boolean manual = spec.scoring() == Scoring.MANUAL;
    ScoringJob.Scored scored;
    try {
      progress.method = method(manual);
      scored =
          job.score(
              request(spec, progress, model, manual),
              manual,
              job.table(target, mode(spec)),
              limits,
              control);
    } catch (ScorebatchException e) {
      if (manual
          || !spec.onFailure().has(Fallback.Method.MANUAL)
          || e.problem().code().kind() == ErrorKind.INTERRUPTED) {
        throw e;
      }
      progress.problems.addAll(e.problems());
      progress.notes.add("score_batch failed, so the fallback 'manual' was used");
      progress.method = method(true);
      scored =
          job.score(
              request(spec, progress, model, true),
              true,
              job.table(target, mode(spec)),
              limits,
              control);
    }
    progress.notes.addAll(scored.notes());
    long version = commit(spec, resolved, model, target, scored, progress);
    return result(spec, ModelStatus.SUCCESS, progress, start, scored, OptionalLong.of(version));
  }

  private long commit(
      ModelSpec spec,
      ResolvedModel resolved,
      ModelPackage model,
      TableName target,
      ScoringJob.Scored scored,
      Progress progress) {
    BatchOrigin origin =
        new BatchOrigin(
            runId,
            pipeline.name(),
            resolved,
            model.digest(),
            String.valueOf(progress.method),
            spec.prediction().type(),
            spec.keys().idColumns());
    TableCommit.TransactionId once =
        new TableCommit.TransactionId(
            "scorebatch:" + pipeline.name() + ":" + spec.modelName(),
            startedAt.getEpochSecond() * 1_000_000L + startedAt.getNano() / 1_000);
    return job.commit(scored, target, mode(spec), origin, Optional.of(once), engineInfo);
  }

  private static TableCommit.Mode mode(ModelSpec spec) {
    boolean plain =
        spec.write().mode() == WriteMode.OVERWRITE || spec.write().mode() == WriteMode.APPEND;
    if (!plain || spec.incremental().isPresent() || spec.sample().size().isPresent()) {
      throw ScorebatchException.of(
          ErrorCode.PIPELINE_INVALID,
          "Model '" + spec.modelName() + "' asks for a part of its rows, or to write a part.",
          "This version scores and writes all of them.",
          "set mode: overwrite or mode: append.");
    }
    return TableCommit.Mode.valueOf(spec.write().mode().name());
  }

  private static String method(boolean manual) {
    return manual ? "manual" : "score_batch";
  }

  private TableName table(String name) {
    return TableName.parse(name, pipeline.catalog(), pipeline.schema());
  }

  private PlanRequest request(
      ModelSpec spec, Progress progress, ModelPackage model, boolean manual) {
    OptionalInt version =
        progress.resolved == null ? OptionalInt.empty() : progress.resolved.version();
    return new PlanRequest(
        spec.modelName(),
        version,
        model,
        table(spec.write().table()),
        keys(spec, progress, model, manual),
        spec.keys().idColumns(),
        spec.keys().passthrough(),
        spec.keys().featureColumns(),
        spec.prediction().type(),
        spec.prediction().outputKind(),
        spec.prediction().alias(),
        spec.prediction().threshold(),
        spec.lookups().duplicates(),
        pipeline.functions(),
        startedAt,
        functions,
        spec.gates().features(),
        spec.lookups().evidence() && !manual);
  }

  private KeySource keys(ModelSpec spec, Progress progress, ModelPackage model, boolean manual) {
    Set<String> wanted = new LinkedHashSet<>(spec.keys().idColumns());
    wanted.addAll(spec.keys().passthrough());
    if (spec.keys().source().isPresent() && spec.keys().source().get() instanceof Source.Sql sql) {
      notAsOf(spec, progress, manual, "query");
      KeySource.Query undescribed = new KeySource.Query(sql.query(), List.of());
      return new KeySource.Query(sql.query(), rooms.engine().describe(undescribed));
    }
    if (spec.keys().source().isPresent()
        && spec.keys().source().get() instanceof Source.File file) {
      notAsOf(spec, progress, manual, "file");
      return job.keys(file.path(), file.format(), model);
    }
    boolean fromSource = spec.keys().source().isPresent();
    String name =
        fromSource
            ? ((Source.Table) spec.keys().source().get()).name()
            : spec.keys().featureTable().orElseThrow();
    boolean features = manual || !fromSource;
    TableSnapshot table = features ? job.featureSnapshot(table(name)) : job.snapshot(table(name));
    if (manual) {
      wanted.addAll(spec.keys().featureColumns());
      model.model().inputs().forEach(input -> wanted.add(input.name()));
    } else {
      model
          .featureSpec()
          .ifPresent(s -> s.requested().stream().map(SpecColumn::name).forEach(wanted::add));
    }
    List<Column> columns = new ArrayList<>();
    for (Column column : table.schema().columns()) {
      if (wanted.contains(column.name())) {
        columns.add(column);
      }
    }
    return new KeySource.TableRows(table, columns, !manual && !fromSource);
  }

  /** Keys of a query or file are those of now, whatever tables are read as of; features may not. */
  private void notAsOf(ModelSpec spec, Progress progress, boolean manual, String source) {
    if (asOf.isEmpty()) {
      return;
    }
    if (manual) {
      throw ScorebatchException.of(
          ErrorCode.PIPELINE_INVALID,
          "Model '" + spec.modelName() + "' takes its features from a " + source + ".",
          "It is read as it is now, not as of " + asOf.get() + ".",
          "take them from a table, or leave the model out of the run.");
    }
    progress.notes.add("the keys are those of now: a " + source + " is not read as of a moment");
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
