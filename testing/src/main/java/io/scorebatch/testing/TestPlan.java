package io.scorebatch.testing;

import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.plan.InputBinding;
import io.scorebatch.api.plan.InputBinding.Conversion;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.PlanStep;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.plan.PlanStep.Lookup;
import io.scorebatch.api.plan.PlanStep.Lookup.Feature;
import io.scorebatch.api.plan.PlanStep.Lookup.KeyPair;
import io.scorebatch.api.plan.PlanStep.Lookup.PointInTime;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes a plan down in few words. */
public final class TestPlan {
  private final KeySource keys;
  private final List<String> keyColumns;
  private final Map<String, ColumnType> types = new HashMap<>();
  private final List<PlanStep> steps = new ArrayList<>();
  private final List<InputBinding> inputs = new ArrayList<>();
  private final List<OutputColumn> outputs = new ArrayList<>();

  private TestPlan(KeySource keys, List<String> keyColumns) {
    this.keys = keys;
    this.keyColumns = keyColumns;
    keys.columns().forEach(c -> types.put(c.name(), c.type()));
  }

  /** A plan over keys from anywhere. */
  public static TestPlan over(KeySource keys, String... keyColumns) {
    return new TestPlan(keys, List.of(keyColumns));
  }

  /** A plan over every row of a table, all columns taken. */
  public static TestPlan overRows(TableSnapshot table, String... keyColumns) {
    return over(new KeySource.TableRows(table, table.schema().columns(), false), keyColumns);
  }

  /** A plan over the distinct keys of a table. */
  public static TestPlan overKeys(TableSnapshot table, String... keyColumns) {
    List<Column> columns =
        Stream.of(keyColumns).map(k -> table.schema().find(k).orElseThrow()).toList();
    return over(new KeySource.TableRows(table, columns, true), keyColumns);
  }

  /** Looks features up by keys of the same names; duplicates fail. */
  public TestPlan lookup(TableSnapshot table, List<String> on, String... features) {
    return lookup(table, on, DuplicateKeys.FAIL, null, features);
  }

  /** Looks features up by keys of the same names. */
  public TestPlan lookup(
      TableSnapshot table,
      List<String> on,
      DuplicateKeys duplicates,
      @Nullable PointInTime moment,
      String... features) {
    return step(
        new Lookup(
            table,
            on.stream().map(k -> new KeyPair(k, k)).toList(),
            moment,
            Stream.of(features).map(f -> new Feature(f, f)).toList(),
            duplicates));
  }

  public TestPlan step(PlanStep step) {
    if (step instanceof Lookup lookup) {
      lookup
          .features()
          .forEach(
              f ->
                  types.put(
                      f.output(), lookup.table().schema().find(f.column()).orElseThrow().type()));
    }
    steps.add(step);
    return this;
  }

  /** Feeds numbers to the model inputs of the same names. */
  public TestPlan numbers(String... columns) {
    for (String column : columns) {
      input(column, column, Conversion.NUMBER, null);
    }
    return this;
  }

  public TestPlan input(
      String input, String column, Conversion conversion, @Nullable String defaultValue) {
    inputs.add(new InputBinding(input, column, typeOf(column), conversion, defaultValue));
    return this;
  }

  /** Columns of the joined rows, under their own names. */
  public TestPlan take(String... columns) {
    for (String column : columns) {
      output(column, typeOf(column), new OutputValue.FromColumn(column));
    }
    return this;
  }

  /** The first score as {@code prediction}. */
  public TestPlan predict() {
    return output("prediction", ColumnType.Primitive.DOUBLE, new OutputValue.Score(0));
  }

  public TestPlan output(String name, ColumnType type, OutputValue value) {
    outputs.add(new OutputColumn(Column.of(name, type), value));
    return this;
  }

  public ScoringPlan build() {
    return new ScoringPlan(
        "churn",
        new TableName("main", "ml", "predictions"),
        keys,
        keyColumns,
        steps,
        inputs,
        List.of(OutputKind.PREDICT),
        outputs);
  }

  private ColumnType typeOf(String column) {
    return types.getOrDefault(column, ColumnType.Primitive.DOUBLE);
  }
}
