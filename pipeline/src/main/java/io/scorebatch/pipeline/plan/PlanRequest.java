package io.scorebatch.pipeline.plan;

import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.table.TableName;
import io.scorebatch.pipeline.config.ModelType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is asked for, before it is planned. Immutable.
 *
 * @param modelName {@code model_name} of the predictions
 * @param version {@code model_version} of the predictions; NULL in the table where empty
 * @param model the model as read
 * @param target the prediction table
 * @param keys where the rows come from
 * @param keyColumns the columns that identify a row
 * @param passthrough further columns of the rows to keep
 * @param featureColumns for manual scoring: the model's inputs by position of its own names; empty
 *     for the names themselves
 * @param type what the predictions are
 * @param outputKind what to ask the model for, where not the type's own choice
 * @param predictionAlias a further column with the prediction
 * @param threshold probability above which {@code predicted_class} is 1
 * @param duplicates what to do with keys a feature table holds twice
 * @param functions SQL expression by full name of an on-demand function, lower case
 * @param scoredAt {@code scored_at} of the predictions
 */
public record PlanRequest(
    String modelName,
    OptionalInt version,
    ModelPackage model,
    TableName target,
    KeySource keys,
    List<String> keyColumns,
    List<String> passthrough,
    List<String> featureColumns,
    ModelType type,
    Optional<OutputKind> outputKind,
    Optional<String> predictionAlias,
    double threshold,
    DuplicateKeys duplicates,
    Map<String, String> functions,
    Instant scoredAt) {
  public PlanRequest {
    keyColumns = List.copyOf(keyColumns);
    passthrough = List.copyOf(passthrough);
    featureColumns = List.copyOf(featureColumns);
    functions = Map.copyOf(functions);
  }
}
