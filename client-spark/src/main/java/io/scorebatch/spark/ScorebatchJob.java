package io.scorebatch.spark;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.run.ModelStatus;
import io.scorebatch.api.run.RunResult;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.artifact.ArtifactReader;
import io.scorebatch.engine.spark.ClusterScorers;
import io.scorebatch.engine.spark.SparkScoringEngine;
import io.scorebatch.kernel.NativeScorerFactory;
import io.scorebatch.pipeline.config.PipelineFile;
import io.scorebatch.pipeline.config.PipelineSpec;
import io.scorebatch.pipeline.run.PipelineRunner;
import io.scorebatch.pipeline.run.Rooms;
import io.scorebatch.pipeline.run.RunOptions;
import io.scorebatch.report.ConsoleReport;
import io.scorebatch.report.HtmlReport;
import io.scorebatch.report.ProgressPrinter;
import io.scorebatch.report.RunResultsJson;
import io.scorebatch.table.delta.DirectoryCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;

/**
 * The main class for {@code spark-submit}: runs a pipeline on the session's cluster.
 *
 * <p>Options: {@code -f FILE}, {@code --tables DIR}, {@code --registry URI}, {@code --select A,B},
 * {@code --domain X,Y}, {@code --max-workers N}, {@code --dry-run}, {@code --fail-fast}, {@code
 * --allow-partial}. The job fails, with the summary as its message, where a model failed.
 */
public final class ScorebatchJob {
  private static final Set<String> FLAGS = Set.of("--dry-run", "--fail-fast", "--allow-partial");
  private static final Set<String> OPTIONS =
      Set.of("-f", "--tables", "--registry", "--select", "--domain", "--max-workers");

  private ScorebatchJob() {}

  /**
   * @throws ScorebatchException where options or pipeline are wrong
   * @throws IllegalStateException where a model failed
   */
  public static void main(String[] arguments) {
    Map<String, String> options = options(arguments);
    SparkSession spark = SparkSession.builder().appName("scorebatch").getOrCreate();
    RunResult result = run(spark, options);
    System.out.print(ConsoleReport.print(result));
    long failed =
        result.models().stream()
            .filter(m -> m.status() != ModelStatus.SUCCESS)
            .filter(m -> !(options.containsKey("--dry-run") && m.status() == ModelStatus.SKIPPED))
            .count();
    boolean partial = failed < result.models().size() && options.containsKey("--allow-partial");
    if (failed > 0 && !partial) {
      throw new IllegalStateException(
          failed + " of " + result.models().size() + " models failed; see " + result.folder());
    }
  }

  static Map<String, String> options(String... arguments) {
    Map<String, String> options = new TreeMap<>();
    for (int i = 0; i < arguments.length; i++) {
      String name = arguments[i].equals("--file") ? "-f" : arguments[i];
      if (FLAGS.contains(name)) {
        options.put(name, "");
      } else if (OPTIONS.contains(name) && i + 1 < arguments.length) {
        options.put(name, arguments[++i]);
      } else {
        throw ScorebatchException.of(
            ErrorCode.USAGE,
            "'" + name + "' is no option, or lacks its value.",
            "",
            "options are " + String.join(", ", OPTIONS) + ", " + String.join(", ", FLAGS) + ".");
      }
    }
    return options;
  }

  static RunResult run(SparkSession spark, Map<String, String> options) {
    PipelineSpec spec = PipelineFile.read(Path.of(options.getOrDefault("-f", "pipeline.yaml")));
    String tablesAt = options.getOrDefault("--tables", spec.tables().orElse("warehouse"));
    String registryAt = options.getOrDefault("--registry", spec.registry().orElse(""));
    int workers =
        Integer.parseInt(options.getOrDefault("--max-workers", "" + spec.maxWorkers().orElse(4)));
    Path runs = spec.folder().resolve(".scorebatch").resolve("runs");
    try (TableStore tables = DirectoryCatalog.open(spec.folder().resolve(tablesAt).normalize());
        ModelRegistry registry = ModelFunctions.open(spec.folder(), registryAt);
        SparkScoringEngine engine = SparkScoringEngine.on(spark, tables)) {
      PipelineRunner runner =
          new PipelineRunner(
              new Rooms(
                  registry,
                  new ArtifactReader(),
                  ClusterScorers.of(List.of(NativeScorerFactory.class)),
                  tables,
                  engine,
                  digest -> Optional.empty(),
                  (resolved, model, rows) -> {
                    throw noRecordings();
                  },
                  DirectoryCatalog::open),
              spec,
              new RunOptions(
                  list(options, "--select"),
                  upper(list(options, "--domain")),
                  workers,
                  Runtime.getRuntime().maxMemory(),
                  // Threads are the cluster's; more than one, as one would promise one file.
                  2 * workers,
                  options.containsKey("--fail-fast"),
                  options.containsKey("--dry-run")),
              new ProgressPrinter(System.out),
              runs,
              version());
      Thread stop = new Thread(runner::cancel, "scorebatch-stop");
      Runtime.getRuntime().addShutdownHook(stop);
      RunResult result = runner.run();
      removeHook(stop);
      write(result);
      return result;
    }
  }

  private static void removeHook(Thread stop) {
    try {
      Runtime.getRuntime().removeShutdownHook(stop);
    } catch (IllegalStateException e) {
      // The JVM is going down already: the hook has stopped the run.
      return;
    }
  }

  private static List<String> list(Map<String, String> options, String name) {
    String value = options.get(name);
    return value == null ? List.of() : List.of(value.split(",", -1));
  }

  private static Set<String> upper(List<String> names) {
    Set<String> upper = new HashSet<>();
    names.forEach(name -> upper.add(name.toUpperCase(Locale.ROOT)));
    return upper;
  }

  private static String version() {
    String version = ScorebatchJob.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  private static void write(RunResult result) {
    try {
      Files.createDirectories(result.folder());
      Files.writeString(result.folder().resolve("run_results.json"), RunResultsJson.print(result));
      Files.writeString(result.folder().resolve("report.html"), HtmlReport.print(result));
    } catch (IOException e) {
      throw new UncheckedIOException("the run's results cannot be written", e);
    }
  }

  private static ScorebatchException noRecordings() {
    return ScorebatchException.of(
        ErrorCode.PIPELINE_INVALID,
        "Golden rows cannot be compared in a job on a cluster.",
        "",
        "take golden_rows out of the gates, or run the pipeline on DuckDB.");
  }
}
