package io.scorebatch.cli;

import io.scorebatch.client.Connections;
import io.scorebatch.report.CsvRowPrinter;
import io.scorebatch.report.JsonRowPrinter;
import io.scorebatch.report.RowPrinter;
import io.scorebatch.report.TableRowPrinter;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that several commands share. */
final class CommonOptions {
  /** How rows are printed. */
  enum Format {
    TABLE,
    CSV,
    JSON
  }

  @Option(
      names = "--tables",
      paramLabel = "DIR",
      description =
          "Folder that holds <catalog>/<schema>/<table> (environment: SCOREBATCH_TABLES).")
  private @Nullable String tables;

  @Option(
      names = "--registry",
      paramLabel = "URI",
      description =
          "MLflow store or server (environment: MLFLOW_REGISTRY_URI, MLFLOW_TRACKING_URI).")
  private @Nullable String registry;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "How rows are printed: table, csv or json (default: ${DEFAULT-VALUE}).")
  private Format format = Format.TABLE;

  /** What the command line says, with the environment behind it. */
  Connections connections() {
    return Connections.fromEnvironment().withTables(tables).withRegistry(registry);
  }

  /** Only what the command line says about tables and models. */
  Connections explicit() {
    return Connections.fromEnvironment().withoutStores().withTables(tables).withRegistry(registry);
  }

  Format format() {
    return format;
  }

  RowPrinter printer() {
    PrintStream out =
        new PrintStream(
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16),
            false,
            StandardCharsets.UTF_8);
    return switch (format) {
      case TABLE -> new TableRowPrinter(out);
      case CSV -> new CsvRowPrinter(out);
      case JSON -> new JsonRowPrinter(out);
    };
  }
}
