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
 * @param rows which rows are scored, and what becomes of bad ones
 * @param partitionColumns output columns the table is partitioned by; none of floats, arrays, maps
 *     or structs
 * @param quarantine columns of the rows a model cannot take, where they are to be kept: keys,
 *     {@link OutputValue.BadReason}, {@link OutputValue.BadValues}, constants; empty for no
 *     quarantine
 */
public record ScoringPlan(
    String modelName,
    TableName target,
    KeySource keys,
    List<String> keyColumns,
    List<PlanStep> steps,
    List<InputBinding> inputs,
    List<OutputKind> kinds,
    List<OutputColumn> outputs,
    RowHandling rows,
    List<String> partitionColumns,
    List<OutputColumn> quarantine) {
  public ScoringPlan {
    keyColumns = List.copyOf(keyColumns);
    steps = List.copyOf(steps);
    inputs = List.copyOf(inputs);
    kinds = List.copyOf(kinds);
    outputs = List.copyOf(outputs);
    partitionColumns = List.copyOf(partitionColumns);
    quarantine = List.copyOf(quarantine);
  }

  /** A plan that scores every row, for a table without partitions. */
  public ScoringPlan(
      String modelName,
      TableName target,
      KeySource keys,
      List<String> keyColumns,
      List<PlanStep> steps,
      List<InputBinding> inputs,
      List<OutputKind> kinds,
      List<OutputColumn> outputs) {
    this(
        modelName,
        target,
        keys,
        keyColumns,
        steps,
        inputs,
        kinds,
        outputs,
        RowHandling.EVERY_ROW,
        List.of(),
        List.of());
  }

  public Schema outputSchema() {
    return new Schema(outputs.stream().map(OutputColumn::column).toList());
  }

  /**
   * The same plan with each table that features or keys come from replaced by what a function gives
   * for it. Tables of selections stay.
   */
  public ScoringPlan withTables(UnaryOperator<TableSnapshot> replacement) {
    KeySource newKeys =
        keys instanceof KeySource.TableRows from
            ? new KeySource.TableRows(
                replacement.apply(from.table()), from.columns(), from.distinct())
            : keys;
    List<PlanStep> newSteps = new ArrayList<>();
    for (PlanStep step : steps) {
      newSteps.add(
          step instanceof PlanStep.Lookup lookup
              ? lookup.withTable(replacement.apply(lookup.table()))
              : step);
    }
    return with(newKeys, newSteps, outputs, rows, partitionColumns, quarantine);
  }

  /** The same plan with its output columns spelled in another way, in the same order. */
  public ScoringPlan withOutputNames(List<String> names) {
    if (names.size() != outputs.size()) {
      throw new IllegalArgumentException(
          outputs.size() + " output columns, " + names.size() + " names");
    }
    List<OutputColumn> renamed = new ArrayList<>();
    List<String> partitions = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      Column column = outputs.get(i).column();
      renamed.add(
          new OutputColumn(
              new Column(names.get(i), column.type(), column.nullable(), column.comment()),
              outputs.get(i).value()));
      if (partitionColumns.contains(column.name())) {
        partitions.add(names.get(i));
      }
    }
    return with(keys, steps, renamed, rows, partitions, quarantine);
  }

  /** The same plan for other rows. */
  public ScoringPlan withRows(RowHandling handling) {
    return with(keys, steps, outputs, handling, partitionColumns, quarantine);
  }

  /** The same plan for a table partitioned by some of its columns. */
  public ScoringPlan partitionedBy(List<String> columns) {
    return with(keys, steps, outputs, rows, columns, quarantine);
  }

  /** The same plan keeping the rows a model cannot take. */
  public ScoringPlan withQuarantine(List<OutputColumn> columns) {
    return with(keys, steps, outputs, rows, partitionColumns, columns);
  }

  private ScoringPlan with(
      KeySource newKeys,
      List<PlanStep> newSteps,
      List<OutputColumn> newOutputs,
      RowHandling newRows,
      List<String> newPartitionColumns,
      List<OutputColumn> newQuarantine) {
    return new ScoringPlan(
        modelName,
        target,
        newKeys,
        keyColumns,
        newSteps,
        inputs,
        kinds,
        newOutputs,
        newRows,
        newPartitionColumns,
        newQuarantine);
  }
}
