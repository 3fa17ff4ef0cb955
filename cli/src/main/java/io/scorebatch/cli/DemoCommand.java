package io.scorebatch.cli;

import io.scorebatch.api.run.RunResult;
import io.scorebatch.client.Connections;
import io.scorebatch.client.FeatureEngineeringClient;
import io.scorebatch.client.Pipeline;
import io.scorebatch.examples.healthmonitor.HealthMonitor;
import io.scorebatch.report.ConsoleReport;
import io.scorebatch.report.ProgressPrinter;
import io.scorebatch.report.TableRowPrinter;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "demo",
    description = "Writes the reference workload to a folder and runs it: 25 models, 5 tables.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "demo",
      description = "The folder (default: ./${DEFAULT-VALUE}).")
  private Path folder = Path.of("demo");

  @Option(
      names = "--small",
      description =
          "Only tables of up to 20,000 rows and the models of the domains COST and QUALITY: a few"
              + " seconds.")
  private boolean small;

  @Override
  public Integer call() {
    Path file =
        small
            ? HealthMonitor.writeSmall(folder, System.out::println)
            : HealthMonitor.write(folder, System.out::println);
    System.out.println();
    Connections none = Connections.fromEnvironment().withoutStores();
    Pipeline pipeline = Pipeline.load(file, none, null);
    RunResult result =
        Interrupts.run(stop -> pipeline.run(options(), new ProgressPrinter(System.out), stop));
    System.out.println();
    System.out.print(ConsoleReport.print(result));
    int code = ExitCode.of(result, false, false);
    if (code == ExitCode.SUCCESS) {
      ask(pipeline, file.resolveSibling("queries"));
    }
    return code;
  }

  private Pipeline.Options options() {
    Set<String> domains = small ? Set.of("COST", "QUALITY") : Set.of();
    return new Pipeline.Options(
        List.of(), domains, OptionalInt.empty(), OptionalLong.empty(), false, false);
  }

  private void ask(Pipeline pipeline, Path queries) {
    try (FeatureEngineeringClient client =
        FeatureEngineeringClient.connect(pipeline.connections())) {
      for (String name : small ? HealthMonitor.COST_QUERIES : HealthMonitor.QUERIES) {
        String query = Files.readString(queries.resolve(name));
        System.out.println();
        System.out.println(query.lines().findFirst().orElse("").replaceFirst("^--\\s*", ""));
        System.out.flush();
        PrintStream out = System.out; // the printer flushes it and leaves it open
        try (TableRowPrinter printer = new TableRowPrinter(out)) {
          client.sql(query, printer);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
