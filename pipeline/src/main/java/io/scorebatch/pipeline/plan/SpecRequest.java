package io.scorebatch.pipeline.plan;

import static java.util.Objects.requireNonNull;

import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.pipeline.config.FeatureSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a feature spec is to be made of. Immutable.
 *
 * @param name of the model or the training set, for messages
 * @param features look-ups and functions, as a person says them
 * @param inputs the model's inputs, in its order; empty where there is no model: then all features
 *     are taken
 * @param namesKnown whether the model itself names its inputs
 * @param inputTypes type by input, where the model's signature tells it
 * @param tables snapshot by table name, as the look-ups write it; one that is missing is not
 *     complained of
 * @param clientVersion who writes the spec
 */
public record SpecRequest(
    String name,
    FeatureSet features,
    Optional<List<ModelInput>> inputs,
    boolean namesKnown,
    Map<String, ColumnType> inputTypes,
    Map<String, TableSnapshot> tables,
    String clientVersion) {
  public SpecRequest {
    requireNonNull(name, "name is null");
    requireNonNull(features, "features is null");
    inputs = inputs.map(List::copyOf);
    inputTypes = Map.copyOf(inputTypes);
    tables = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(tables));
  }
}
