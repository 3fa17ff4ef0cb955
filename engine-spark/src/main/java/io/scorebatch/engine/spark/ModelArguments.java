package io.scorebatch.engine.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.scorebatch.api.plan.InputBinding;
import io.scorebatch.api.plan.InputBinding.Conversion;
import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.engine.spark.JoinedRows.Cell;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;

/** From joined rows to the rows a {@link ScoringTask} reads. */
final class ModelArguments {
  private final ScoringPlan plan;
  private final JoinedRows joined;

  ModelArguments(ScoringPlan plan, JoinedRows joined) {
    this.plan = plan;
    this.joined = joined;
  }

  /** Whether any output needs the model. */
  static boolean scores(ScoringPlan plan) {
    return plan.outputs().stream()
        .anyMatch(
            o ->
                !(o.value() instanceof OutputValue.FromColumn
                    || o.value() instanceof OutputValue.Constant));
  }

  /** Whether an input's numbers come as text. */
  static boolean isParsed(InputBinding binding) {
    return binding.columnType() == Primitive.STRING && binding.conversion() != Conversion.TEXT;
  }

  /** The bindings of the scorer's inputs; none where no output needs them. */
  static List<InputBinding> bindings(ScoringPlan plan) {
    return scores(plan) ? plan.inputs() : List.of();
  }

  List<String> flags() {
    return joined.lookups().stream().flatMap(l -> l.flag().stream()).toList();
  }

  /** Arguments, flags and columns to pass on; then the columns asked for. */
  Dataset<Row> rows(List<String> more) {
    List<Column> columns = new ArrayList<>();
    for (InputBinding binding : bindings(plan)) {
      columns.add(argument(binding).as("_a" + columns.size()));
    }
    flags().forEach(flag -> columns.add(col(flag)));
    for (OutputColumn output : plan.outputs()) {
      if (output.value() instanceof OutputValue.FromColumn from) {
        Cell cell = joined.cell(from.name());
        columns.add(
            withDefault(cell, from.name())
                .cast(SparkTypes.of(output.column().type()))
                .as("_o" + columns.size()));
      }
    }
    more.forEach(alias -> columns.add(col(alias)));
    return joined.rows().select(columns.toArray(Column[]::new));
  }

  private Column argument(InputBinding binding) {
    Cell cell = joined.cell(binding.column());
    Column value = withDefault(cell, binding.column());
    if (binding.conversion() == Conversion.TEXT || isParsed(binding)) {
      return value.cast(DataTypes.StringType);
    }
    return isNumber(cell.type())
        ? value.cast(DataTypes.DoubleType)
        : lit(null).cast(DataTypes.DoubleType);
  }

  private static boolean isNumber(ColumnType type) {
    return type.isNumeric() || type == Primitive.BOOLEAN;
  }

  /** A column with the default value some input gives it. */
  Column withDefault(Cell cell, String column) {
    return plan.inputs().stream()
        .filter(i -> i.defaultValue() != null && joined.cell(i.column()).equals(cell))
        .findFirst()
        .map(
            i ->
                Defaults.apply(
                    col(cell.alias()), column, cell.type(), String.valueOf(i.defaultValue())))
        .orElse(col(cell.alias()));
  }
}
