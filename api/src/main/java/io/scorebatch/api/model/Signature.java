package io.scorebatch.api.model;

import io.scorebatch.api.type.ColumnType;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An MLflow model signature. Immutable.
 *
 * @param inputs empty where the signature has no inputs (feature-store raw models)
 * @param outputs empty where the signature has no outputs
 * @param params names of inference parameters, in order
 */
public record Signature(List<Field> inputs, List<Field> outputs, List<String> params) {
  public Signature {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    params = List.copyOf(params);
  }

  /**
   * A column or tensor of a signature.
   *
   * @param name null where the schema is unnamed
   * @param type the column type; for tensors the element type. Empty where we know no such type
   * @param typeText the type as the file has it
   * @param required whether the column must be present
   * @param tensorShape the shape of a tensor, -1 for the batch; null for a column
   */
  public record Field(
      @Nullable String name,
      Optional<ColumnType> type,
      String typeText,
      boolean required,
      @Nullable List<Long> tensorShape) {}
}
