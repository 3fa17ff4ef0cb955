package io.scorebatch.engine.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.date_format;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.scorebatch.api.engine.LookupEvidence;
import io.scorebatch.api.plan.InputBinding;
import io.scorebatch.api.plan.InputBinding.Conversion;
import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.PlanStep;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.engine.spark.JoinedRows.Cell;
import io.scorebatch.engine.spark.JoinedRows.Matched;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
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
                    || o.value() instanceof OutputValue.Evidence
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

  /** True or false for each row: four for each look-up, in the order of {@link LookupEvidence}. */
  List<Column> flags() {
    List<Column> flags = new ArrayList<>();
    for (Matched matched : joined.lookups()) {
      flags.add(matched.found());
      flags.add(
          matched.found().and(anyFeature(matched, (cell, feature) -> col(cell.alias()).isNull())));
      flags.add(anyFeature(matched, this::isDefaulted));
      flags.add(matched.stale());
    }
    return flags;
  }

  /** Numbers whose least and greatest are asked for: time and age of each look-up's row. */
  List<Column> ranges() {
    List<Column> ranges = new ArrayList<>();
    for (Matched matched : joined.lookups()) {
      Column none = lit(null).cast(DataTypes.LongType);
      ranges.add(matched.time().orElse(none));
      ranges.add(matched.age().orElse(none));
    }
    return ranges;
  }

  private Column anyFeature(Matched matched, BiFunction<Cell, String, Column> condition) {
    Column any = lit(false);
    for (String feature : matched.lookup().adds()) {
      any = any.or(condition.apply(joined.cell(feature), feature));
    }
    return any;
  }

  private Column isDefaulted(Cell cell, String feature) {
    boolean hasDefault =
        plan.inputs().stream()
            .anyMatch(i -> i.defaultValue() != null && joined.cell(i.column()).equals(cell));
    return hasDefault ? Defaults.isMissing(col(cell.alias()), cell.type()) : lit(false);
  }

  /** The four flags of each look-up as bits, in the plan's order. */
  private Column evidence() {
    Column evidence = lit(0L);
    List<Column> flags = flags();
    int place = 0;
    for (PlanStep step : plan.steps()) {
      int at = joined.place(step);
      if (at < 0) {
        continue;
      }
      for (int bit = 0; bit < LookupEvidence.BITS && place < LookupEvidence.LOOKUPS; bit++) {
        long value = 1L << (place * LookupEvidence.BITS + bit);
        Column flag = flags.get(at * LookupEvidence.BITS + bit);
        evidence = evidence.bitwiseOR(when(flag, lit(value)).otherwise(lit(0L)));
      }
      place++;
    }
    return evidence;
  }

  /** Arguments, flags, ranges and columns to pass on; then the columns asked for. */
  Dataset<Row> rows(List<String> more) {
    List<Column> columns = new ArrayList<>();
    for (InputBinding binding : bindings(plan)) {
      columns.add(argument(binding).as("_a" + columns.size()));
    }
    flags().forEach(flag -> columns.add(flag.as("_f" + columns.size())));
    ranges().forEach(range -> columns.add(range.as("_r" + columns.size())));
    for (OutputColumn output : plan.outputs()) {
      if (output.value() instanceof OutputValue.FromColumn from) {
        Cell cell = joined.cell(from.name());
        columns.add(
            withDefault(cell, from.name())
                .cast(SparkTypes.of(output.column().type()))
                .as("_o" + columns.size()));
      } else if (output.value() instanceof OutputValue.Evidence) {
        columns.add(
            evidence().cast(SparkTypes.of(output.column().type())).as("_o" + columns.size()));
      }
    }
    more.forEach(alias -> columns.add(col(alias)));
    return joined.rows().select(columns.toArray(Column[]::new));
  }

  private Column argument(InputBinding binding) {
    Cell cell = joined.cell(binding.column());
    Column value = withDefault(cell, binding.column());
    if (binding.conversion() == Conversion.TEXT && cell.type() == Primitive.TIMESTAMP) {
      // A plain cast leaves the session's time zone out.
      return date_format(value, "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX");
    }
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
