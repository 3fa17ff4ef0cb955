package io.scorebatch.pipeline.plan;

import static io.scorebatch.pipeline.plan.Planner.quoted;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problems;
import io.scorebatch.api.error.Suggestions;
import io.scorebatch.api.plan.OnDemandFunction;
import io.scorebatch.api.plan.PlanStep;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.plan.PlanStep.Lookup;
import io.scorebatch.api.plan.PlanStep.Lookup.KeyPair;
import io.scorebatch.api.plan.PlanStep.Lookup.PointInTime;
import io.scorebatch.api.spec.FeatureSpec;
import io.scorebatch.api.spec.FeatureTable;
import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.api.spec.SpecColumn.Computed;
import io.scorebatch.api.spec.SpecColumn.Looked;
import io.scorebatch.api.spec.SpecColumn.Requested;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns the columns of a feature spec into look-ups and functions in an order in which each finds
 * its inputs. Features of one table, key and point in time share a look-up. One thread at a time.
 */
final class FeatureSteps {
  private final Asked request;
  private final FeatureSpec spec;
  private final Map<String, TableSnapshot> tables;
  private final Map<String, ColumnType> known;
  private final Problems problems;
  private final List<String> notes;
  private final Map<LookupGroup, List<Lookup.Feature>> groups = new LinkedHashMap<>();
  private final List<Object> order = new ArrayList<>();
  private final Map<String, List<String>> missingFeatures = new LinkedHashMap<>();
  private final Set<LookupGroup> checked = new HashSet<>();
  private final Map<LookupGroup, Lookup> heads = new LinkedHashMap<>();
  private final Map<LookupGroup, List<String>> overridden = new LinkedHashMap<>();

  /** What look-ups must have in common to be one. */
  private record LookupGroup(String table, List<String> keys, @Nullable String timestamp) {
    static LookupGroup of(Looked looked) {
      return new LookupGroup(looked.table(), looked.lookupKey(), looked.timestampLookupKey());
    }
  }

  /**
   * What the caller says beside the spec.
   *
   * @param modelName for messages
   * @param functions SQL expression by full name of an on-demand function, lower case
   * @param javaFunctions the same in Java
   * @param duplicates what to do with keys a feature table holds twice
   */
  record Asked(
      String modelName,
      Map<String, String> functions,
      Map<String, OnDemandFunction> javaFunctions,
      DuplicateKeys duplicates) {
    static Asked of(PlanRequest request) {
      return new Asked(
          request.modelName(), request.functions(), request.javaFunctions(), request.duplicates());
    }
  }

  FeatureSteps(
      Asked request,
      FeatureSpec spec,
      Map<String, TableSnapshot> tables,
      Map<String, ColumnType> known,
      Problems problems,
      List<String> notes) {
    this.request = request;
    this.spec = spec;
    this.tables = tables;
    this.known = known;
    this.problems = problems;
    this.notes = notes;
  }

  /** Works out the steps; adds the columns they bring to the known ones. */
  void resolve() {
    checkRequested();
    Set<String> brought = Set.copyOf(known.keySet());
    List<SpecColumn> pending = new ArrayList<>();
    for (SpecColumn column : inOrder()) {
      if (column instanceof Requested) {
        continue;
      }
      if (brought.contains(column.name())) {
        notes.add("feature '" + column.name() + "' is taken from the keys, not looked up");
        if (column instanceof Looked looked) {
          overridden
              .computeIfAbsent(LookupGroup.of(looked), group -> new ArrayList<>())
              .add(column.name());
        }
      } else {
        pending.add(column);
      }
    }
    boolean progress = true;
    while (progress && !pending.isEmpty()) {
      progress = pending.removeIf(this::place);
    }
    for (SpecColumn column : pending) {
      List<String> unknown =
          dependencies(column).stream().filter(d -> !known.containsKey(d)).toList();
      problems.add(
          ErrorCode.COLUMN_NOT_FOUND,
          "Feature '"
              + column.name()
              + "' of model '"
              + request.modelName()
              + "' needs "
              + quoted(unknown)
              + ", which nobody gives.",
          "The keys have " + quoted(brought) + ".",
          "bring these columns with the keys.");
    }
    missingFeatures.forEach(
        (table, names) -> {
          Set<String> columns = new java.util.LinkedHashSet<>(table(table).schema().names());
          StringBuilder near = new StringBuilder();
          for (String name : names) {
            String suggestion = Suggestions.didYouMean(name, columns);
            if (!suggestion.isEmpty()) {
              near.append(" '").append(name).append("': ").append(suggestion);
            }
          }
          problems.add(
              ErrorCode.COLUMN_NOT_FOUND,
              "Table "
                  + table
                  + " lacks "
                  + quoted(names)
                  + ", which model '"
                  + request.modelName()
                  + "' looks up.",
              near.toString().strip(),
              "add the columns to the table, or log the model again without these features.");
        });
  }

  List<PlanStep> steps() {
    List<PlanStep> steps = new ArrayList<>();
    for (Object entry : order) {
      if (entry instanceof LookupGroup group) {
        Lookup head = heads.get(group);
        if (head != null) {
          steps.add(
              new Lookup(
                  head.table(),
                  head.keys(),
                  head.timestamp(),
                  groups.getOrDefault(group, List.of()),
                  head.duplicates(),
                  overridden.getOrDefault(group, List.of())));
        }
      } else {
        steps.add((PlanStep) entry);
      }
    }
    return steps;
  }

  private void checkRequested() {
    List<String> missing =
        spec.requested().stream()
            .map(Requested::name)
            .filter(name -> !known.containsKey(name))
            .toList();
    if (!missing.isEmpty()) {
      problems.add(
          ErrorCode.COLUMN_NOT_FOUND,
          "Model '" + request.modelName() + "' wants " + quoted(missing) + " with the keys.",
          "The keys have " + quoted(known.keySet()) + "; names are compared exactly.",
          "bring these columns (id_columns, or a source that selects them).");
    }
  }

  /** By topological number where every column has one, else as the file has them. */
  private List<SpecColumn> inOrder() {
    boolean numbered = spec.columns().stream().allMatch(c -> c.topologicalOrdering().isPresent());
    if (!numbered) {
      return spec.columns();
    }
    return spec.columns().stream()
        .sorted(Comparator.comparingInt(c -> c.topologicalOrdering().orElse(0)))
        .toList();
  }

  private static List<String> dependencies(SpecColumn column) {
    if (column instanceof Looked looked) {
      List<String> all = new ArrayList<>(looked.lookupKey());
      if (looked.timestampLookupKey() != null) {
        all.add(looked.timestampLookupKey());
      }
      return all;
    }
    if (column instanceof Computed computed) {
      return List.copyOf(computed.bindings().values());
    }
    return List.of();
  }

  /** Places a column whose inputs are known; false where they are not known yet. */
  private boolean place(SpecColumn column) {
    if (!dependencies(column).stream().allMatch(known::containsKey)) {
      return false;
    }
    if (column instanceof Looked looked) {
      placeLookup(looked);
    } else if (column instanceof Computed computed) {
      placeFunction(computed);
    }
    return true;
  }

  private void placeFunction(Computed computed) {
    OnDemandFunction body = request.javaFunctions().get(computed.function());
    if (body != null) {
      placeJavaFunction(computed, body);
      return;
    }
    String sql = request.functions().get(computed.function());
    if (sql == null) {
      problems.add(
          ErrorCode.FUNCTION_NOT_REGISTERED,
          "Feature '"
              + computed.name()
              + "' of model '"
              + request.modelName()
              + "' is computed by function '"
              + computed.function()
              + "'.",
          "The model file holds its name only, not its body.",
          "add functions: {"
              + computed.function()
              + ": \"<SQL expression over "
              + String.join(", ", computed.bindings().keySet())
              + ">\"} to the pipeline, or {java: <class>}.");
    } else {
      order.add(
          new PlanStep.Compute(computed.name(), computed.function(), sql, computed.bindings()));
    }
    ColumnType type = computed.dataType();
    known.put(computed.name(), type == null ? Primitive.DOUBLE : type);
  }

  private void placeJavaFunction(Computed computed, OnDemandFunction body) {
    String who = "Function '" + computed.function() + "' (class " + body.getClass().getName() + ")";
    Map<String, String> unused = new LinkedHashMap<>();
    computed.bindings().forEach((name, column) -> unused.put(lower(name), column));
    Map<String, String> bindings = new LinkedHashMap<>();
    for (Column parameter : body.parameters().columns()) {
      String column = unused.remove(lower(parameter.name()));
      if (column == null) {
        problems.add(
            ErrorCode.COLUMN_NOT_FOUND,
            who + " has a parameter '" + parameter.name() + "' that nothing is bound to.",
            "Model '"
                + request.modelName()
                + "' binds "
                + quoted(computed.bindings().keySet())
                + ".",
            "give the class the parameters that the model was logged with.");
        continue;
      }
      ColumnType type = known.getOrDefault(column, parameter.type());
      if (!takes(parameter.type(), type)) {
        problems.add(
            ErrorCode.FEATURE_TYPE_MISMATCH,
            who
                + " takes parameter '"
                + parameter.name()
                + "' as "
                + parameter.type().sparkName()
                + ", column '"
                + column
                + "' of model '"
                + request.modelName()
                + "' is "
                + type.sparkName()
                + ".",
            "Arguments are widened, never narrowed or read from text.",
            "declare the parameter as " + type.sparkName() + ", or cast the column in its table.");
      }
      bindings.put(parameter.name(), column);
    }
    if (!unused.isEmpty()) {
      problems.add(
          ErrorCode.COLUMN_NOT_FOUND,
          who + " has no parameter " + quoted(unused.keySet()) + ".",
          "Model '"
              + request.modelName()
              + "' binds them; the class has "
              + quoted(body.parameters().names())
              + ".",
          "give the class the parameters that the model was logged with.");
    }
    order.add(new PlanStep.Call(computed.name(), computed.function(), body, bindings));
    known.put(computed.name(), body.result());
  }

  private static String lower(String name) {
    return name.toLowerCase(java.util.Locale.ROOT);
  }

  /** Whether a parameter holds every value of a column: the same type, or a wider one. */
  private static boolean takes(ColumnType parameter, ColumnType column) {
    List<ColumnType> whole =
        List.of(Primitive.BYTE, Primitive.SHORT, Primitive.INT, Primitive.LONG);
    if (parameter.isInteger() && column.isInteger()) {
      return whole.indexOf(column) <= whole.indexOf(parameter);
    }
    if (parameter == Primitive.DOUBLE) {
      return column == Primitive.FLOAT
          || column == Primitive.DOUBLE
          || (column.isInteger() && column != Primitive.LONG);
    }
    if (parameter instanceof ColumnType.Decimal wide && column instanceof ColumnType.Decimal own) {
      return own.scale() <= wide.scale()
          && own.precision() - own.scale() <= wide.precision() - wide.scale();
    }
    return parameter.equals(column);
  }

  private void placeLookup(Looked looked) {
    TableSnapshot table = tables.get(looked.table());
    if (table == null) {
      known.put(looked.name(), Primitive.DOUBLE); // the missing table is told by who looked for it
      return;
    }
    LookupGroup group = LookupGroup.of(looked);
    if (checked.add(group)) {
      startLookup(group, table);
    }
    Optional<Column> column = table.schema().find(looked.feature());
    if (column.isEmpty()) {
      missingFeatures
          .computeIfAbsent(looked.table(), name -> new ArrayList<>())
          .add(looked.feature());
      known.put(looked.name(), Primitive.DOUBLE);
      return;
    }
    groups
        .computeIfAbsent(group, g -> new ArrayList<>())
        .add(new Lookup.Feature(column.get().name(), looked.name()));
    known.put(looked.name(), column.get().type());
  }

  private void startLookup(LookupGroup group, TableSnapshot table) {
    FeatureTable declared = spec.tables().get(group.table());
    if (declared != null
        && declared.tableId() != null
        && !declared.tableId().equals(table.tableId())) {
      notes.add(
          "table " + group.table() + " is not the one the model was logged with (its id differs)");
    }
    List<KeyPair> pairs = pairKeys(group, table);
    PointInTime time = pointInTime(group, table, declared);
    if (pairs != null) {
      order.add(group);
      heads.put(group, new Lookup(table, pairs, time, List.of(), request.duplicates()));
    }
  }

  /**
   * Pairs request columns with the table's key: by name where the names are the table's key, else
   * by position with the declared key.
   */
  private @Nullable List<KeyPair> pairKeys(LookupGroup group, TableSnapshot table) {
    List<String> wanted = group.keys();
    List<String> declared = TableKeys.primaryKey(table);
    List<String> tableKeys;
    if (!declared.isEmpty() && declared.size() != wanted.size()) {
      problems.add(
          ErrorCode.COLUMN_NOT_FOUND,
          "Model '"
              + request.modelName()
              + "' looks up "
              + group.table()
              + " by "
              + quoted(wanted)
              + ", its primary key is "
              + quoted(declared)
              + ".",
          "The numbers of keys differ.",
          "log the model again with one lookup key for each key column.");
      return null;
    }
    if (declared.isEmpty() || new HashSet<>(declared).equals(new HashSet<>(wanted))) {
      tableKeys = wanted;
      if (!declared.isEmpty() && !declared.equals(wanted)) {
        notes.add(
            "lookup keys of "
                + group.table()
                + " stand in another order than its primary key; "
                + "they are paired by name");
      }
    } else {
      tableKeys = declared;
    }
    List<KeyPair> pairs = new ArrayList<>();
    List<String> absent = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      Optional<Column> column = table.schema().find(tableKeys.get(i));
      if (column.isEmpty()) {
        absent.add(tableKeys.get(i));
        continue;
      }
      checkKeyTypes(group, wanted.get(i), column.get());
      pairs.add(new KeyPair(wanted.get(i), column.get().name()));
    }
    if (!absent.isEmpty()) {
      problems.add(
          ErrorCode.COLUMN_NOT_FOUND,
          "Table " + group.table() + " has no key column " + quoted(absent) + ".",
          "Model '"
              + request.modelName()
              + "' looks it up by "
              + quoted(wanted)
              + ", and the table declares no primary key of other names.",
          "set the table property " + TableKeys.PRIMARY_KEY + " to the table's key columns.");
      return null;
    }
    return pairs;
  }

  private @Nullable PointInTime pointInTime(
      LookupGroup group, TableSnapshot table, @Nullable FeatureTable declared) {
    Optional<String> timeKey = TableKeys.timestampKey(table);
    String wanted = group.timestamp();
    if (wanted == null) {
      if (timeKey.isPresent()) {
        problems.add(
            ErrorCode.COLUMN_NOT_FOUND,
            "Table "
                + group.table()
                + " is a time series by '"
                + timeKey.get()
                + "', model '"
                + request.modelName()
                + "' looks it up without a timestamp key.",
            "Each key would match many rows.",
            "log the model again with timestamp_lookup_key.");
      }
      return null;
    }
    String name = timeKey.orElse(wanted);
    Optional<Column> column = table.schema().find(name);
    if (column.isEmpty()) {
      problems.add(
          ErrorCode.COLUMN_NOT_FOUND,
          "Table " + group.table() + " has no time column '" + name + "'.",
          "Model '" + request.modelName() + "' looks it up as of '" + wanted + "'.",
          "set the table property " + TableKeys.TIMESTAMP_KEY + " to the table's time column.");
      return null;
    }
    checkKeyTypes(group, wanted, column.get());
    Double lookback = declared == null ? null : declared.lookbackSeconds();
    Long micros = lookback == null ? null : Math.round(lookback * 1e6);
    return new PointInTime(wanted, column.get().name(), micros);
  }

  private void checkKeyTypes(LookupGroup group, String requested, Column column) {
    ColumnType type = known.get(requested);
    if (type == null || comparable(type, column.type())) {
      return;
    }
    problems.add(
        ErrorCode.KEY_TYPE_MISMATCH,
        "Key '"
            + requested
            + "' is "
            + type.sparkName()
            + ", column '"
            + column.name()
            + "' of table "
            + group.table()
            + " is "
            + column.type().sparkName()
            + ".",
        "Keys of different kinds would match nothing, or the wrong rows.",
        "cast the key to " + column.type().sparkName() + ".");
  }

  /** Whether two key types are compared by value: whole numbers of any width, or the same type. */
  private static boolean comparable(ColumnType a, ColumnType b) {
    if (a.isInteger() && b.isInteger()) {
      return true;
    }
    if (a instanceof ColumnType.Decimal && b instanceof ColumnType.Decimal) {
      return true;
    }
    return a.equals(b);
  }

  private TableSnapshot table(String name) {
    TableSnapshot table = tables.get(name);
    if (table == null) {
      throw new IllegalStateException("no snapshot of " + name);
    }
    return table;
  }
}
