package io.scorebatch.cli;

import io.scorebatch.client.Pipeline;
import io.scorebatch.report.RunDiff;
import io.scorebatch.report.RunDiffPrinter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "diff",
    description =
        "Two past runs beside each other: statuses, versions, rows, gates, and predictions key by"
            + " key.",
    mixinStandardHelpOptions = true)
final class DiffCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Parameters(index = "0", paramLabel = "RUN1", description = "Id of a run, or the start of one.")
  private String before = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "RUN2",
      defaultValue = "",
      description = "Another run (default: the newest).")
  private String after = "";

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      defaultValue = "pipeline.yaml",
      description = "Pipeline file (default: ${DEFAULT-VALUE}).")
  private Path file = Path.of("pipeline.yaml");

  @Override
  public Integer call() {
    RunDiff diff = Pipeline.load(file, common.explicit(), null).diff(before, after);
    System.out.print(
        common.format() == CommonOptions.Format.JSON
            ? RunDiffPrinter.json(diff)
            : RunDiffPrinter.print(diff));
    return ExitCode.SUCCESS;
  }
}
