package io.scorebatch.cli;

import io.scorebatch.api.table.AsOf;
import io.scorebatch.client.Connections;
import io.scorebatch.client.FeatureEngineeringClient;
import io.scorebatch.client.TrainingSet;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "training-set",
    description = "Joins features to rows with labels, as they were at each row's moment.",
    mixinStandardHelpOptions = true)
final class TrainingSetCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Mixin private FeatureOptions features = new FeatureOptions();

  @Option(
      names = "--labels",
      required = true,
      paramLabel = "TABLE|FILE|SQL",
      description = "Rows with keys and labels: a table, a file, or a SELECT query.")
  private String labels = "";

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FILE.parquet|TABLE",
      description = "Where the joined rows go.")
  private String to = "";

  @Option(
      names = "--function",
      paramLabel = "NAME=SQL",
      description = "Body of a function that --spec names; may be repeated.")
  private @Nullable Map<String, String> functions;

  @Option(
      names = "--as-of",
      paramLabel = "TIMESTAMP|VERSION",
      description =
          "Read feature tables as they were at a moment (UTC unless it says more), or at a"
              + " version.")
  private @Nullable String asOf;

  @Override
  public Integer call() {
    // The registry a model will go to need not exist yet.
    Connections all = common.connections();
    Connections tables = all.withoutStores().withTables(all.tables().orElse(null));
    try (FeatureEngineeringClient client = FeatureEngineeringClient.connect(tables)) {
      TrainingSet set =
          client.createTrainingSet(ScoreCommand.parseKeys(labels), features.features());
      if (functions != null) {
        set = set.functions(functions);
      }
      if (asOf != null) {
        set = set.asOf(AsOf.parse(asOf));
      }
      TrainingSet.Joined joined =
          ScoreCommand.isFile(to) ? set.saveAsFile(Path.of(to)) : set.saveAsTable(to);
      System.out.printf(Locale.ROOT, "%,d rows in %s%n", joined.rows(), to);
      joined
          .statistics()
          .lookups()
          .forEach(
              lookup ->
                  System.out.printf(
                      Locale.ROOT,
                      "  %s version %d: %,d found, %,d missing%n",
                      lookup.table(),
                      lookup.tableVersion(),
                      lookup.matched(),
                      lookup.missing()));
      joined.notes().forEach(note -> System.out.println("note: " + note));
      return ExitCode.SUCCESS;
    }
  }
}
