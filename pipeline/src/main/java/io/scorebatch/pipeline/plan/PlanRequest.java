package io.scorebatch.pipeline.plan;

import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OnDemandFunction;
import io.scorebatch.api.plan.OutputColumn;
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
 * @param javaFunctions on-demand functions in Java by full name, lower case
 * @param featureEvidence whether the predictions get a column that tells what each look-up found
 * @param further columns of the predictions beside those of model and keys
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
    Instant scoredAt,
    Map<String, OnDemandFunction> javaFunctions,
    boolean featureEvidence,
    List<OutputColumn> further) {
  public PlanRequest {
    keyColumns = List.copyOf(keyColumns);
    passthrough = List.copyOf(passthrough);
    featureColumns = List.copyOf(featureColumns);
    further = List.copyOf(further);
    functions = Map.copyOf(functions);
    javaFunctions = Map.copyOf(javaFunctions);
  }

  /** A request without functions in Java, evidence and further columns. */
  public PlanRequest(
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
    this(
        modelName,
        version,
        model,
        target,
        keys,
        keyColumns,
        passthrough,
        featureColumns,
        type,
        outputKind,
        predictionAlias,
        threshold,
        duplicates,
        functions,
        scoredAt,
        Map.of(),
        false,
        List.of());
  }

  public PlanRequest withJavaFunctions(Map<String, OnDemandFunction> bodies) {
    return with(bodies, featureEvidence);
  }

  public PlanRequest withFeatureEvidence(boolean wanted) {
    return with(javaFunctions, wanted);
  }

  private PlanRequest with(
      Map<String, OnDemandFunction> newJavaFunctions, boolean newFeatureEvidence) {
    return new PlanRequest(
        modelName,
        version,
        model,
        target,
        keys,
        keyColumns,
        passthrough,
        featureColumns,
        type,
        outputKind,
        predictionAlias,
        threshold,
        duplicates,
        functions,
        scoredAt,
        newJavaFunctions,
        newFeatureEvidence,
        further);
  }
}
