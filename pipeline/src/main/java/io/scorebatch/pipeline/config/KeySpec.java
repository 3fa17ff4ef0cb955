package io.scorebatch.pipeline.config;

import io.scorebatch.pipeline.config.ModelSpec.Source;
import java.util.List;
import java.util.Optional;

/**
 * Where the rows to score come from. Immutable.
 *
 * @param featureTable table whose distinct {@code id_columns} are the keys; empty where {@code
 *     source} gives them
 * @param source rows for manual scoring, or keys from elsewhere
 * @param idColumns the columns that identify a row
 * @param passthrough columns of the keys kept in the prediction table
 * @param featureColumns columns the model is called with, for manual scoring; empty for the model's
 *     own input names
 */
public record KeySpec(
    Optional<String> featureTable,
    Optional<Source> source,
    List<String> idColumns,
    List<String> passthrough,
    List<String> featureColumns) {
  public KeySpec {
    idColumns = List.copyOf(idColumns);
    passthrough = List.copyOf(passthrough);
    featureColumns = List.copyOf(featureColumns);
  }
}
