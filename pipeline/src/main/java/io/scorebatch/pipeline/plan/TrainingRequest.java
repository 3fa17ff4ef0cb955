package io.scorebatch.pipeline.plan;

import static java.util.Objects.requireNonNull;

import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OnDemandFunction;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.pipeline.config.FeatureSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A training set to plan: rows with labels and the features to join to them. Immutable.
 *
 * @param target the table or file it becomes, also its name in messages
 * @param rows keys, moments, labels and whatever else the model learns from
 * @param features look-ups, functions, labels, excluded columns
 * @param tables snapshot by table name, as the look-ups write it
 * @param functions SQL expression by full name of an on-demand function, lower case
 * @param javaFunctions the same in Java
 * @param duplicates what to do with keys a feature table holds twice
 */
public record TrainingRequest(
    TableName target,
    KeySource rows,
    FeatureSet features,
    Map<String, TableSnapshot> tables,
    Map<String, String> functions,
    Map<String, OnDemandFunction> javaFunctions,
    DuplicateKeys duplicates) {
  public TrainingRequest {
    requireNonNull(target, "target is null");
    requireNonNull(rows, "rows is null");
    requireNonNull(features, "features is null");
    tables = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(tables));
    functions = Map.copyOf(functions);
    javaFunctions = Map.copyOf(javaFunctions);
  }
}
