package io.scorebatch.cli;

import io.scorebatch.api.run.RunListener;
import io.scorebatch.api.run.RunResult;
import io.scorebatch.api.table.AsOf;
import io.scorebatch.client.Pipeline;
import io.scorebatch.pipeline.run.RunScope;
import io.scorebatch.report.ConsoleReport;
import io.scorebatch.report.JsonEventPrinter;
import io.scorebatch.report.PlanReport;
import io.scorebatch.report.ProgressPrinter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "run",
    description = "Scores a pipeline: every model from its keys to its prediction table.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  /** How progress is told. */
  enum LogFormat {
    TEXT,
    JSON
  }

  @Mixin private CommonOptions common = new CommonOptions();

  @Mixin private PythonOptions python = new PythonOptions();

  @Mixin private CertificateOptions certificates = new CertificateOptions();

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      defaultValue = "pipeline.yaml",
      description = "Pipeline file (default: ${DEFAULT-VALUE}).")
  private Path file = Path.of("pipeline.yaml");

  @Option(names = "--select", paramLabel = "MODEL", split = ",", description = "Only these models.")
  private List<String> select = new ArrayList<>();

  @Option(
      names = "--domain",
      paramLabel = "DOMAIN",
      split = ",",
      description = "Only these domains.")
  private List<String> domains = new ArrayList<>();

  @Option(
      names = "--engine",
      paramLabel = "ENGINE",
      description = "duckdb (default: as the pipeline says).")
  private @Nullable String engine;

  @Option(
      names = "--max-workers",
      paramLabel = "N",
      description = "Models scored at once (default: as the pipeline says).")
  private @Nullable Integer maxWorkers;

  @Option(
      names = "--memory-limit",
      paramLabel = "SIZE",
      description = "Engine memory for all workers, such as 2GB (default: as the pipeline says).")
  private @Nullable String memoryLimit;

  @Option(names = "--dry-run", description = "Plan every model, score nothing.")
  private boolean dryRun;

  @Option(
      names = "--as-of",
      paramLabel = "TIMESTAMP|VERSION",
      description =
          "Read feature tables as they were at a moment (UTC unless it says more), or at a"
              + " version.")
  private @Nullable String asOf;

  @Option(names = "--fail-fast", description = "After the first failure start no further model.")
  private boolean failFast;

  @Option(names = "--allow-partial", description = "Exit with 0 where only some models failed.")
  private boolean allowPartial;

  @Option(names = "--quiet", description = "Print the summary only.")
  private boolean quiet;

  @Option(names = "--no-progress", description = "Print no line per model.")
  private boolean noProgress;

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text or json: one event a line on standard output.")
  private LogFormat logFormat = LogFormat.TEXT;

  @Override
  public Integer call() {
    Pipeline pipeline =
        Pipeline.load(file, certificates.apply(python.apply(common.explicit())), engine);
    RunListener listener =
        logFormat == LogFormat.JSON
            ? new JsonEventPrinter(System.out)
            : quiet || noProgress ? RunListener.SILENT : new ProgressPrinter(System.out);
    PlanCollector plans = new PlanCollector(listener);
    RunResult result = Interrupts.run(stop -> pipeline.run(options(), plans, stop));
    if (logFormat == LogFormat.TEXT) {
      if (!quiet && !noProgress) {
        System.out.println();
      }
      if (dryRun) {
        System.out.println(PlanReport.print(plans.inOrderOf(result), pipeline.pastRuns()));
      }
      System.out.print(ConsoleReport.print(result));
    }
    return ExitCode.of(result, allowPartial, dryRun);
  }

  private Pipeline.Options options() {
    Set<String> upper = new LinkedHashSet<>();
    domains.forEach(domain -> upper.add(domain.toUpperCase(Locale.ROOT)));
    return new Pipeline.Options(
        select,
        upper,
        maxWorkers == null
            ? OptionalInt.empty()
            : OptionalInt.of(Usage.positive("--max-workers", maxWorkers)),
        memoryLimit == null
            ? OptionalLong.empty()
            : OptionalLong.of(Usage.size("--memory-limit", memoryLimit)),
        failFast,
        dryRun,
        RunScope.USUAL.asOf(Optional.ofNullable(asOf).map(AsOf::parse)));
  }
}
