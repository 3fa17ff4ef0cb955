package io.scorebatch.spark;

import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.pipeline.config.ModelType;
import java.util.Map;
import java.util.Optional;

/**
 * What to make of a model's answers. Immutable.
 *
 * @param type what the predictions are, which decides their columns
 * @param outputKind what to ask the model for, where not the type's own choice
 * @param duplicates what to do with keys a feature table holds twice
 * @param functions SQL expression by full name of an on-demand function, lower case
 */
public record BatchOptions(
    ModelType type,
    Optional<OutputKind> outputKind,
    DuplicateKeys duplicates,
    Map<String, String> functions) {
  public BatchOptions {
    functions = Map.copyOf(functions);
  }

  /** What the model's own {@code predict} returns; duplicate keys are refused. */
  public static BatchOptions raw() {
    return of(ModelType.RAW);
  }

  /** The columns of a type; duplicate keys are refused. */
  public static BatchOptions of(ModelType type) {
    return new BatchOptions(type, Optional.empty(), DuplicateKeys.FAIL, Map.of());
  }

  public BatchOptions withOutputKind(OutputKind kind) {
    return new BatchOptions(type, Optional.of(kind), duplicates, functions);
  }

  public BatchOptions withDuplicates(DuplicateKeys choice) {
    return new BatchOptions(type, outputKind, choice, functions);
  }

  public BatchOptions withFunctions(Map<String, String> expressions) {
    return new BatchOptions(type, outputKind, duplicates, expressions);
  }
}
