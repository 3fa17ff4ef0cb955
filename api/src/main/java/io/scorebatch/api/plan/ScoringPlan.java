package io.scorebatch.api.plan;

import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.type.Schema;
import java.util.List;

/**
 * All that is decided before a row is read: where rows come from, what is joined, what feeds the
 * model, what comes out. The same plan means the same rows on every engine. Immutable.
 *
 * @param modelName for messages
 * @param target the prediction table
 * @param keys where the rows come from; the row count out equals the row count in
 * @param keyColumns the columns that identify a row
 * @param steps look-ups and functions, in order
 * @param inputs what feeds the model, in the model's order
 * @param kinds the output kinds the scorer is made for, in order
 * @param outputs the prediction table's columns, in order
 */
public record ScoringPlan(
    String modelName,
    TableName target,
    KeySource keys,
    List<String> keyColumns,
    List<PlanStep> steps,
    List<InputBinding> inputs,
    List<OutputKind> kinds,
    List<OutputColumn> outputs) {
  public ScoringPlan {
    keyColumns = List.copyOf(keyColumns);
    steps = List.copyOf(steps);
    inputs = List.copyOf(inputs);
    kinds = List.copyOf(kinds);
    outputs = List.copyOf(outputs);
  }

  public Schema outputSchema() {
    return new Schema(outputs.stream().map(OutputColumn::column).toList());
  }
}
