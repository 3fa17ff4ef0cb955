package io.scorebatch.pipeline.run;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problems;
import io.scorebatch.api.error.Suggestions;
import io.scorebatch.api.run.ModelResult;
import io.scorebatch.api.run.ModelStatus;
import io.scorebatch.api.run.RunListener;
import io.scorebatch.api.run.RunResult;
import io.scorebatch.pipeline.config.ModelSpec;
import io.scorebatch.pipeline.config.PipelineSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs the models of a pipeline, several at once. One failing model never stops the others. A
 * runner runs one pipeline once; {@link #cancel} may come from any thread.
 */
public final class PipelineRunner {
  private static final List<String> DOMAIN_ORDER =
      List.of("COST", "SECURITY", "PERFORMANCE", "RELIABILITY", "QUALITY");
  private static final DateTimeFormatter RUN_ID =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final Rooms rooms;
  private final PipelineSpec pipeline;
  private final RunOptions options;
  private final RunListener listener;
  private final Path runsFolder;
  private final String programVersion;
  private final Set<RunControl> running = ConcurrentHashMap.newKeySet();
  private volatile boolean stopped;

  /**
   * @param runsFolder each run gets a folder in it
   * @param programVersion version of Scorebatch, for the tables' history
   */
  public PipelineRunner(
      Rooms rooms,
      PipelineSpec pipeline,
      RunOptions options,
      RunListener listener,
      Path runsFolder,
      String programVersion) {
    this.rooms = rooms;
    this.pipeline = pipeline;
    this.options = options;
    this.listener = listener;
    this.runsFolder = runsFolder;
    this.programVersion = programVersion;
  }

  /** Stops the models running and skips the others. */
  public void cancel() {
    stopped = true;
    running.forEach(RunControl::cancel);
  }

  /**
   * Runs the models selected.
   *
   * @throws io.scorebatch.api.error.ScorebatchException {@code PIPELINE_INVALID} where the
   *     selection names models or domains the pipeline has not; a failing model is a result, not an
   *     exception
   */
  public RunResult run() {
    List<ModelSpec> models =
        inDomainOrder(selected()).stream().map(options.scope()::applied).toList();
    long start = System.nanoTime();
    Instant startedAt = Instant.now().truncatedTo(ChronoUnit.MICROS);
    String runId =
        RUN_ID.format(startedAt)
            + String.format(Locale.ROOT, "-%06x", new SecureRandom().nextInt(1 << 24));
    Path folder = runsFolder.resolve(runId);
    listener.runStarted(runId, models.stream().map(ModelSpec::modelName).toList());
    RunContext context =
        new RunContext(pipeline, runId, startedAt, "Scorebatch/" + programVersion, options, folder);
    ModelRunner runner = new ModelRunner(rooms, context, listener);
    int workers = Math.min(options.maxWorkers(), models.size());
    EngineLimits limits =
        new EngineLimits(
            options.memoryBytes() / workers,
            Math.max(1, options.threads() / workers),
            folder.resolve("spill"));
    List<ModelResult> results = runAll(runner, models, limits, workers);
    RunResult result =
        new RunResult(
            runId,
            pipeline.name(),
            startedAt,
            Duration.ofNanos(System.nanoTime() - start),
            results,
            provenance(),
            folder);
    listener.runFinished(result);
    return result;
  }

  private List<ModelResult> runAll(
      ModelRunner runner, List<ModelSpec> models, EngineLimits limits, int workers) {
    ExecutorService pool = Executors.newFixedThreadPool(workers);
    try {
      List<Future<ModelResult>> futures = new ArrayList<>();
      for (ModelSpec model : models) {
        futures.add(pool.submit(() -> runOne(runner, model, limits)));
      }
      List<ModelResult> results = new ArrayList<>();
      for (Future<ModelResult> future : futures) {
        results.add(future.get());
      }
      return results;
    } catch (InterruptedException e) {
      cancel();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while models ran", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      pool.shutdown();
    }
  }

  private ModelResult runOne(ModelRunner runner, ModelSpec model, EngineLimits limits) {
    if (stopped) {
      ModelResult skipped = skipped(model);
      listener.modelFinished(skipped);
      return skipped;
    }
    listener.modelStarted(model.modelName());
    RunControl control = new RunControl(share -> listener.modelProgress(model.modelName(), share));
    running.add(control);
    try {
      if (stopped) {
        control.cancel();
      }
      ModelResult result = runner.run(model, limits, control, options.dryRun());
      if (options.failFast()
          && result.status() != ModelStatus.SUCCESS
          && result.status() != ModelStatus.SKIPPED) {
        stopped = true;
      }
      listener.modelFinished(result);
      return result;
    } finally {
      running.remove(control);
    }
  }

  private static ModelResult skipped(ModelSpec model) {
    return new ModelResult(
        model.modelName(),
        model.domain(),
        ModelStatus.SKIPPED,
        null,
        model.modelUri().orElse(model.modelName()),
        OptionalInt.empty(),
        null,
        model.write().table(),
        OptionalLong.empty(),
        0,
        Duration.ZERO,
        Map.of(),
        java.util.Optional.empty(),
        List.of(),
        List.of("not run: the run was stopped before"));
  }

  private List<ModelSpec> selected() {
    Problems problems = new Problems();
    List<String> names = pipeline.models().stream().map(ModelSpec::modelName).toList();
    for (String wanted : options.select()) {
      if (!names.contains(wanted)) {
        problems.add(
            ErrorCode.PIPELINE_INVALID,
            "The pipeline has no model '" + wanted + "'.",
            Suggestions.didYouMean(wanted, names),
            "select one of its " + names.size() + " models.");
      }
    }
    Set<String> domains =
        pipeline.models().stream().map(ModelSpec::domain).collect(Collectors.toSet());
    for (String wanted : options.domains()) {
      if (!domains.contains(wanted)) {
        problems.add(
            ErrorCode.PIPELINE_INVALID,
            "The pipeline has no domain '" + wanted + "'.",
            "",
            "choose among " + String.join(", ", domains.stream().sorted().toList()) + ".");
      }
    }
    problems.throwIfAny();
    List<ModelSpec> selected =
        pipeline.models().stream()
            .filter(m -> options.select().isEmpty() || options.select().contains(m.modelName()))
            .filter(m -> options.domains().isEmpty() || options.domains().contains(m.domain()))
            .toList();
    if (selected.isEmpty()) {
      problems.add(
          ErrorCode.PIPELINE_INVALID,
          "No model is both selected by name and in the domains chosen.",
          "",
          "choose models and domains that meet.");
      problems.throwIfAny();
    }
    return selected;
  }

  /** Known domains in their fixed order, then the others as the file has them. */
  static List<ModelSpec> inDomainOrder(List<ModelSpec> models) {
    Map<String, Integer> ranks = new LinkedHashMap<>();
    DOMAIN_ORDER.forEach(domain -> ranks.put(domain, ranks.size()));
    models.forEach(model -> ranks.putIfAbsent(model.domain(), ranks.size()));
    return models.stream()
        .sorted(Comparator.comparingInt(model -> ranks.getOrDefault(model.domain(), ranks.size())))
        .toList();
  }

  private Map<String, String> provenance() {
    Map<String, String> provenance = new LinkedHashMap<>();
    provenance.put("scorebatch", programVersion);
    provenance.put("engine", rooms.engine().description());
    provenance.put("registry", rooms.registry().description());
    provenance.put("tables", rooms.tables().description());
    options
        .scope()
        .asOf()
        .ifPresent(asOf -> provenance.put("feature tables as of", asOf.toString()));
    provenance.put("java", System.getProperty("java.runtime.version", "unknown"));
    provenance.put(
        "system", System.getProperty("os.name", "?") + " " + System.getProperty("os.arch", "?"));
    peakMemory().ifPresent(memory -> provenance.put("peak memory", memory));
    return provenance;
  }

  /** The most memory the program has held so far; where the system does not tell, nothing. */
  private static Optional<String> peakMemory() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .map(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024 + " MiB")
          .findFirst();
    } catch (IOException | UncheckedIOException | NumberFormatException e) {
      return Optional.empty();
    }
  }
}
