package io.scorebatch.client;

import io.scorebatch.api.engine.ScoringEngine;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.run.RunListener;
import io.scorebatch.api.run.RunResult;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.engine.duckdb.DuckDbScoringEngine;
import io.scorebatch.pipeline.config.ModelSpec;
import io.scorebatch.pipeline.config.PipelineFile;
import io.scorebatch.pipeline.config.PipelineSpec;
import io.scorebatch.pipeline.run.PipelineRunner;
import io.scorebatch.pipeline.run.Rooms;
import io.scorebatch.pipeline.run.RunOptions;
import io.scorebatch.pipeline.run.RunScope;
import io.scorebatch.registry.mlflow.MlflowRegistries;
import io.scorebatch.report.HtmlReport;
import io.scorebatch.report.OpenLineageJson;
import io.scorebatch.report.PastRuns;
import io.scorebatch.report.RecordedRun;
import io.scorebatch.report.RunDiff;
import io.scorebatch.report.RunResultsJson;
import io.scorebatch.table.delta.DeltaCatalogs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A pipeline file, ready to run. Immutable. */
public final class Pipeline {
  private final PipelineSpec spec;
  private final Connections connections;

  private Pipeline(PipelineSpec spec, Connections connections) {
    this.spec = spec;
    this.connections = connections;
  }

  /**
   * Reads a pipeline file. What the caller names explicitly comes before the file, the file before
   * the environment. Relative paths in the file start from its folder, others from the working
   * folder.
   *
   * @param file the pipeline file
   * @param explicit tables and registry named by the caller; empty ones come from the file. Python
   *     allowed here is allowed for every model; otherwise the file says for which
   * @param engine the engine named by the caller; null for the file's
   */
  public static Pipeline load(Path file, Connections explicit, @Nullable String engine) {
    PipelineSpec read = PipelineFile.read(file);
    PipelineSpec onEngine = engine == null ? read : read.withEngine(engine);
    PipelineSpec spec = explicit.python().allowed() ? onEngine.withPythonAllowed() : onEngine;
    boolean python = spec.models().stream().anyMatch(m -> m.python() == ModelSpec.Python.ALLOW);
    Connections environment = Connections.fromEnvironment();
    Connections connections =
        new Connections(
            explicit
                .tables()
                .map(where -> DeltaCatalogs.absolute(where, environment.folder()))
                .or(spec::tables)
                .or(environment::tables),
            explicit
                .registry()
                .map(uri -> MlflowRegistries.absolute(uri, environment.folder()))
                .or(spec::registry)
                .or(environment::registry),
            spec.catalog(),
            spec.schema(),
            spec.folder(),
            spec.memoryLimitBytes().orElse(explicit.memoryBytes()),
            explicit.threads(),
            explicit.python().orAllowed(python),
            explicit.certificates());
    return new Pipeline(spec, connections);
  }

  public PipelineSpec spec() {
    return spec;
  }

  /**
   * What to run and how. Immutable.
   *
   * @param select names of models; empty for all
   * @param domains domains, upper case; empty for all
   * @param maxWorkers models at once; empty for the file's number
   * @param memoryBytes engine memory; empty for the file's
   * @param failFast whether the first failure stops the models not yet started
   * @param dryRun whether models are only planned
   * @param scope which rows the run is about
   */
  public record Options(
      List<String> select,
      Set<String> domains,
      OptionalInt maxWorkers,
      OptionalLong memoryBytes,
      boolean failFast,
      boolean dryRun,
      RunScope scope) {
    /** Of the rows the file says. */
    public Options(
        List<String> select,
        Set<String> domains,
        OptionalInt maxWorkers,
        OptionalLong memoryBytes,
        boolean failFast,
        boolean dryRun) {
      this(select, domains, maxWorkers, memoryBytes, failFast, dryRun, RunScope.USUAL);
    }

    /** All models, as the file says. */
    public static Options all() {
      return new Options(
          List.of(), Set.of(), OptionalInt.empty(), OptionalLong.empty(), false, false);
    }
  }

  /** Runs the pipeline; see {@link #run(Options, RunListener, Consumer)}. */
  public RunResult run(Options options, RunListener listener) {
    return run(options, listener, cancel -> {});
  }

  /**
   * Runs the pipeline and writes {@code run_results.json} and {@code report.html} to the run's
   * folder, also where models failed.
   *
   * @param onStart receives what cancels the run, before it starts
   */
  public RunResult run(Options options, RunListener listener, Consumer<Runnable> onStart) {
    if (!spec.engine().equals("duckdb")) {
      throw ScorebatchException.of(
          ErrorCode.ENGINE_UNKNOWN,
          "Engine '" + spec.engine() + "' is not part of this program.",
          "",
          "set engine: duckdb.");
    }
    int threads = connections.threads();
    int workers = options.maxWorkers().orElse(spec.maxWorkers().orElse(Math.min(4, threads)));
    RunOptions runOptions =
        new RunOptions(
            options.select(),
            options.domains(),
            workers,
            options.memoryBytes().orElse(connections.memoryBytes()),
            threads,
            options.failFast(),
            options.dryRun(),
            options.scope());
    Rooms rooms = Wiring.rooms(connections);
    try {
      PipelineRunner runner =
          new PipelineRunner(rooms, spec, runOptions, listener, runsFolder(), Program.version());
      onStart.accept(runner::cancel);
      RunResult result = runner.run();
      write(result);
      return result;
    } finally {
      rooms.engine().close();
      rooms.tables().close();
      rooms.registry().close();
    }
  }

  /** What earlier runs of this pipeline took. */
  public PastRuns pastRuns() {
    return PastRuns.read(runsFolder());
  }

  /**
   * A finished run of this pipeline.
   *
   * @param wanted its id or the start of one; empty for the newest
   * @throws ScorebatchException {@code USAGE} where there is no such run
   */
  public RecordedRun recordedRun(String wanted) {
    return RecordedRun.find(runsFolder(), wanted);
  }

  /**
   * Two finished runs beside each other; predictions are compared key by key where both versions of
   * a table are still there.
   *
   * @param before id of a run or the start of one; empty for the newest
   * @param after the other
   */
  public RunDiff diff(String before, String after) {
    try (TableStore tables = Wiring.tables(connections);
        ScoringEngine engine = DuckDbScoringEngine.open(tables)) {
      return new RunComparison(tables, engine, spec, connections)
          .of(recordedRun(before), recordedRun(after));
    }
  }

  private Path runsFolder() {
    return spec.folder().resolve(".scorebatch").resolve("runs");
  }

  private void write(RunResult result) {
    try {
      Files.createDirectories(result.folder());
      Files.writeString(result.folder().resolve("run_results.json"), RunResultsJson.print(result));
      Files.writeString(result.folder().resolve("report.html"), HtmlReport.print(result));
      Files.writeString(
          result.folder().resolve("openlineage.json"),
          OpenLineageJson.print(
              result, table -> TableName.parse(table, spec.catalog(), spec.schema()).toString()));
    } catch (IOException e) {
      throw new UncheckedIOException("the run's results cannot be written", e);
    }
  }

  /** The registry and tables it uses, for messages. */
  public Connections connections() {
    return connections;
  }
}
