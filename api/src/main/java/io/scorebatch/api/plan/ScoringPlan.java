package io.scorebatch.api.plan;

import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

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

  /** The same plan with each of its tables replaced by what a function gives for it. */
  public ScoringPlan withTables(UnaryOperator<TableSnapshot> replacement) {
    KeySource newKeys =
        keys instanceof KeySource.TableRows rows
            ? new KeySource.TableRows(
                replacement.apply(rows.table()), rows.columns(), rows.distinct())
            : keys;
    List<PlanStep> newSteps = new ArrayList<>();
    for (PlanStep step : steps) {
      newSteps.add(
          step instanceof PlanStep.Lookup lookup
              ? lookup.withTable(replacement.apply(lookup.table()))
              : step);
    }
    return new ScoringPlan(
        modelName, target, newKeys, keyColumns, newSteps, inputs, kinds, outputs);
  }

  /** The same plan with its output columns spelled in another way, in the same order. */
  public ScoringPlan withOutputNames(List<String> names) {
    if (names.size() != outputs.size()) {
      throw new IllegalArgumentException(
          outputs.size() + " output columns, " + names.size() + " names");
    }
    List<OutputColumn> renamed = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      Column column = outputs.get(i).column();
      renamed.add(
          new OutputColumn(
              new Column(names.get(i), column.type(), column.nullable(), column.comment()),
              outputs.get(i).value()));
    }
    return new ScoringPlan(modelName, target, keys, keyColumns, steps, inputs, kinds, renamed);
  }
}
