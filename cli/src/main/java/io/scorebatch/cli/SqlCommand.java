package io.scorebatch.cli;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.client.FeatureEngineeringClient;
import io.scorebatch.report.RowPrinter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "sql",
    description = "Read-only SQL over every table of the catalog by its three-part name.",
    mixinStandardHelpOptions = true)
final class SqlCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Parameters(arity = "0..1", paramLabel = "QUERY", description = "The query.")
  private @Nullable String query;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "File with the query.")
  private @Nullable Path file;

  @Override
  public Integer call() {
    String text = text();
    try (FeatureEngineeringClient client = FeatureEngineeringClient.connect(common.connections());
        RowPrinter printer = common.printer()) {
      client.sql(text, printer);
    }
    return ExitCode.SUCCESS;
  }

  private String text() {
    String given = query;
    Path from = file;
    if (given != null && from == null) {
      return given;
    }
    if (given == null && from != null) {
      try {
        return Files.readString(from);
      } catch (IOException e) {
        throw ScorebatchException.of(
            ErrorCode.FILE_UNREADABLE,
            "The query file '" + from + "' cannot be read: " + e + ".",
            "",
            "name a file with one query.");
      }
    }
    throw ScorebatchException.of(
        ErrorCode.USAGE,
        given == null ? "No query is given." : "Both a query and a file are given.",
        "",
        "give a query in quotes, or -f FILE.");
  }
}
