package io.scorebatch.pipeline.plan;

import static io.scorebatch.pipeline.plan.Planner.quoted;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problems;
import io.scorebatch.api.plan.InputBinding;
import io.scorebatch.api.plan.InputBinding.Conversion;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.spec.FeatureSpec;
import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.api.spec.SpecColumn.Looked;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.pipeline.config.FeatureLookup;
import io.scorebatch.pipeline.config.FeatureSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Plans the join of a training set: the one that scoring does later, without a model. Pure: it
 * reads nothing.
 */
public final class TrainingPlanner {
  private final TrainingRequest request;
  private final Problems problems;
  private final Map<String, Column> rows = new LinkedHashMap<>();

  private TrainingPlanner(TrainingRequest request, Problems problems) {
    this.request = request;
    this.problems = problems;
    request.rows().columns().forEach(column -> rows.put(column.name(), column));
  }

  /**
   * Plans a training set. Its columns: those of the rows, then the features, then the labels;
   * excluded ones are left out.
   *
   * @param problems what is known to be wrong; gets all that is found
   * @throws io.scorebatch.api.error.ScorebatchException with every problem
   */
  public static PlannedScoring plan(TrainingRequest request, Problems problems) {
    return new TrainingPlanner(request, problems).plan();
  }

  /** The rows of a file, keys in the types of the tables they are matched with. */
  public static KeySource.File typed(
      KeySource.File file, FeatureSet features, Map<String, TableSnapshot> tables) {
    Map<String, ColumnType> keys = new HashMap<>();
    for (FeatureLookup lookup : features.lookups()) {
      TableSnapshot table = tables.get(lookup.table());
      if (table != null) {
        TableKeys.types(table, lookup.keys(), lookup.timestampKey()).forEach(keys::putIfAbsent);
      }
    }
    features.request().forEach((name, type) -> type.ifPresent(t -> keys.put(name, t)));
    return FileKeys.typed(file, keys);
  }

  private PlannedScoring plan() {
    checkLabels();
    SpecBuilder.Built built = SpecBuilder.build(spec(), problems);
    checkRows(built.spec());
    problems.throwIfAny();
    FeatureSpec spec = built.spec();
    Map<String, ColumnType> known = new LinkedHashMap<>();
    rows.forEach((name, column) -> known.put(name, column.type()));
    Map<String, TableSnapshot> byName = new HashMap<>();
    request.tables().values().forEach(table -> byName.put(table.name().toString(), table));
    // What these steps have to tell, the builder has told.
    FeatureSteps steps =
        new FeatureSteps(
            new FeatureSteps.Asked(
                name(), request.functions(), request.javaFunctions(), request.duplicates()),
            spec,
            byName,
            known,
            problems,
            new ArrayList<>());
    steps.resolve();
    List<OutputColumn> outputs = outputs(spec, byName, known);
    problems.throwIfAny();
    return new PlannedScoring(
        new ScoringPlan(
            name(),
            request.target(),
            request.rows(),
            keys(),
            steps.steps(),
            defaults(spec, known),
            List.of(),
            outputs),
        built.notes());
  }

  private String name() {
    return request.target().table();
  }

  private void checkLabels() {
    List<String> labels = request.features().labels();
    List<String> missing = labels.stream().filter(label -> !rows.containsKey(label)).toList();
    if (!missing.isEmpty()) {
      problems.add(
          ErrorCode.COLUMN_NOT_FOUND,
          "The rows of training set '" + name() + "' have no label " + quoted(missing) + ".",
          "They have " + quoted(rows.keySet()) + ".",
          "name the label's column, or bring it with the rows.");
    }
    List<String> both = labels.stream().filter(request.features().exclude()::contains).toList();
    if (!both.isEmpty()) {
      problems.add(
          ErrorCode.FEATURE_SPEC_INVALID,
          "Label " + quoted(both) + " of training set '" + name() + "' is excluded too.",
          "Nothing would be left to learn.",
          "take it out of the excluded columns.");
    }
  }

  /** All the rows bring counts as requested, so that no look-up gives it a second time. */
  private SpecRequest spec() {
    FeatureSet features = request.features();
    Map<String, Optional<ColumnType>> brought = new LinkedHashMap<>();
    rows.forEach(
        (name, column) -> {
          if (!features.labels().contains(name)) {
            brought.put(name, Optional.of(column.type()));
          }
        });
    return new SpecRequest(
        name(),
        new FeatureSet(
            features.lookups(),
            features.functions(),
            brought,
            features.labels(),
            features.exclude()),
        Optional.empty(),
        true,
        Map.of(),
        request.tables(),
        "");
  }

  private void checkRows(FeatureSpec spec) {
    Set<String> wanted = new LinkedHashSet<>(request.features().request().keySet());
    spec.requested().forEach(column -> wanted.add(column.name()));
    wanted.removeAll(rows.keySet());
    if (!wanted.isEmpty()) {
      problems.add(
          ErrorCode.COLUMN_NOT_FOUND,
          "The rows of training set '" + name() + "' lack " + quoted(wanted) + ".",
          "They have " + quoted(rows.keySet()) + "; names are compared exactly.",
          "bring these columns with the rows.");
    }
  }

  /** The columns that identify a row: those some look-up is done by. */
  private List<String> keys() {
    Set<String> keys = new LinkedHashSet<>();
    for (FeatureLookup lookup : request.features().lookups()) {
      keys.addAll(lookup.keys());
      lookup.timestamp().ifPresent(keys::add);
    }
    keys.retainAll(rows.keySet());
    return List.copyOf(keys);
  }

  private List<OutputColumn> outputs(
      FeatureSpec spec, Map<String, TableSnapshot> tables, Map<String, ColumnType> known) {
    Set<String> excluded = new HashSet<>(request.features().exclude());
    List<String> labels = request.features().labels();
    List<OutputColumn> outputs = new ArrayList<>();
    rows.forEach(
        (name, column) -> {
          if (!excluded.contains(name) && !labels.contains(name)) {
            outputs.add(output(name, column.type(), column.comment()));
          }
        });
    for (SpecColumn column : spec.columns()) {
      ColumnType type = known.get(column.name());
      if (column.include() && type != null && !rows.containsKey(column.name())) {
        String comment = null;
        TableSnapshot table = column instanceof Looked l ? tables.get(l.table()) : null;
        if (column instanceof Looked looked && table != null) {
          comment = table.schema().find(looked.feature()).map(Column::comment).orElse(null);
        }
        outputs.add(output(column.name(), type, comment));
      }
    }
    for (String label : labels) {
      Column column = rows.get(label);
      if (column != null) {
        outputs.add(output(label, column.type(), column.comment()));
      }
    }
    Set<String> names = new HashSet<>();
    for (OutputColumn output : outputs) {
      if (!names.add(output.column().name().toLowerCase(Locale.ROOT))) {
        problems.add(
            ErrorCode.COLUMN_AMBIGUOUS,
            "Training set '"
                + name()
                + "' would have two columns '"
                + output.column().name()
                + "'.",
            "Names are compared ignoring case.",
            "rename one (rename_outputs), or exclude it.");
      }
    }
    return outputs;
  }

  private static OutputColumn output(String name, ColumnType type, @Nullable String comment) {
    return new OutputColumn(
        new Column(name, type, true, comment), new OutputValue.FromColumn(name));
  }

  /** Defaults come with the inputs of a model; here the features themselves are what is asked. */
  private static List<InputBinding> defaults(FeatureSpec spec, Map<String, ColumnType> known) {
    List<InputBinding> bindings = new ArrayList<>();
    for (SpecColumn column : spec.columns()) {
      ColumnType type = known.get(column.name());
      if (column instanceof Looked looked && looked.defaultValue() != null && type != null) {
        bindings.add(
            new InputBinding(
                looked.name(),
                looked.name(),
                type,
                type == ColumnType.Primitive.STRING ? Conversion.TEXT : Conversion.NUMBER,
                looked.defaultValue()));
      }
    }
    return bindings;
  }
}
