package io.scorebatch.api.spec;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a model says about the features it needs: a classic {@code feature_spec.yaml}. Immutable.
 *
 * @param columns all columns in file order; the model sees those with {@code include}, in this
 *     order
 * @param tables the feature tables by name as resolved (three parts)
 * @param functions full names of the on-demand functions, lower case
 * @param serializationVersion the file's own version; 1 where the file has none
 * @param clientVersion the client that wrote the file; null where the file does not say
 * @param workspaceId the workspace the file was written in; null where the file does not say
 */
public record FeatureSpec(
    List<SpecColumn> columns,
    Map<String, FeatureTable> tables,
    List<String> functions,
    int serializationVersion,
    @Nullable String clientVersion,
    @Nullable String workspaceId) {
  public FeatureSpec {
    columns = List.copyOf(columns);
    tables = Map.copyOf(tables);
    functions = List.copyOf(functions);
  }

  /** The columns the model is called with, in order. */
  public List<SpecColumn> modelInputs() {
    return columns.stream().filter(SpecColumn::include).toList();
  }

  /** Columns the caller must bring: every {@code training_data} column, included or not. */
  public List<SpecColumn.Requested> requested() {
    return columns.stream()
        .filter(SpecColumn.Requested.class::isInstance)
        .map(SpecColumn.Requested.class::cast)
        .toList();
  }

  /**
   * The same spec with one look-back for every look-up that has a point in time.
   *
   * @param seconds how old a feature may be, inclusive; 0 for features of the very moment only
   */
  public FeatureSpec withLookback(double seconds) {
    Map<String, FeatureTable> limited = new HashMap<>(tables);
    for (SpecColumn column : columns) {
      if (column instanceof SpecColumn.Looked looked && looked.timestampLookupKey() != null) {
        FeatureTable declared = tables.get(looked.table());
        String id = declared == null ? null : declared.tableId();
        limited.put(looked.table(), new FeatureTable(looked.table(), id, seconds));
      }
    }
    return new FeatureSpec(
        columns, limited, functions, serializationVersion, clientVersion, workspaceId);
  }

  public Optional<SpecColumn> find(String name) {
    return columns.stream().filter(c -> c.name().equals(name)).findFirst();
  }
}
