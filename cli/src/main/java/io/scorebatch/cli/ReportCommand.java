package io.scorebatch.cli;

import io.scorebatch.client.Pipeline;
import io.scorebatch.report.RecordedRun;
import io.scorebatch.report.RunSummary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "report",
    description =
        "A past run: its models, what gates said, what failed, and where its HTML report is.",
    mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Parameters(
      arity = "0..1",
      paramLabel = "RUN",
      defaultValue = "",
      description = "Id of a run, or the start of one (default: the newest).")
  private String run = "";

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      defaultValue = "pipeline.yaml",
      description = "Pipeline file (default: ${DEFAULT-VALUE}).")
  private Path file = Path.of("pipeline.yaml");

  @Override
  public Integer call() {
    RecordedRun found = Pipeline.load(file, common.explicit(), null).recordedRun(run);
    if (common.format() == CommonOptions.Format.JSON) {
      System.out.print(results(found));
    } else {
      System.out.print(RunSummary.print(found));
    }
    return ExitCode.SUCCESS;
  }

  private static String results(RecordedRun run) {
    try {
      return Files.readString(run.folder().resolve(RecordedRun.FILE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
