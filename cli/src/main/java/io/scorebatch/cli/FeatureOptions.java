package io.scorebatch.cli;

import io.scorebatch.api.type.ColumnType;
import io.scorebatch.pipeline.config.FeatureLookup;
import io.scorebatch.pipeline.config.FeatureSet;
import io.scorebatch.pipeline.config.FeatureSetFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which features, as log-model and training-set are told. */
final class FeatureOptions {
  @Option(
      names = "--lookup",
      paramLabel = "TABLE:KEYS[@TIMESTAMP_KEY][:FEATURES][+lookback=1d]",
      description =
          "Features of a table, all that are no keys unless some are listed; may be repeated.")
  private List<String> lookups = new ArrayList<>();

  @Option(
      names = "--spec",
      paramLabel = "FILE.yaml",
      description =
          "More look-ups, with renames and default values; functions; request columns; label.")
  private @Nullable Path spec;

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      split = ",",
      description = "What the model was trained to predict: never a feature.")
  private List<String> labels = new ArrayList<>();

  @Option(
      names = "--exclude",
      paramLabel = "COLUMN",
      split = ",",
      description = "Columns the model does not see.")
  private List<String> exclude = new ArrayList<>();

  @Option(
      names = "--request",
      paramLabel = "COLUMN[:TYPE]",
      split = ",",
      description = "Columns the caller brings beside the keys, for example amount:double.")
  private List<String> request = new ArrayList<>();

  FeatureSet features() {
    FeatureSet file = spec == null ? FeatureSet.of() : FeatureSetFile.read(spec);
    Map<String, Optional<ColumnType>> columns = new LinkedHashMap<>();
    for (String column : request) {
      String[] parts = column.split(":", 2);
      columns.put(
          parts[0],
          parts.length == 1
              ? Optional.empty()
              : Optional.of(
                  ColumnType.parse(parts[1])
                      .orElseThrow(
                          () ->
                              Usage.wrong(
                                  "--request",
                                  column,
                                  "write COLUMN:TYPE with bigint, double, string, timestamp …"))));
    }
    return new FeatureSet(
            lookups.stream().map(FeatureLookup::parse).toList(),
            List.of(),
            columns,
            labels,
            exclude)
        .with(file);
  }
}
