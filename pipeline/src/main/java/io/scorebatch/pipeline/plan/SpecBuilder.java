package io.scorebatch.pipeline.plan;

import static io.scorebatch.pipeline.plan.Planner.quoted;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problems;
import io.scorebatch.api.error.Suggestions;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.spec.FeatureSpec;
import io.scorebatch.api.spec.FeatureTable;
import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.api.spec.SpecColumn.Computed;
import io.scorebatch.api.spec.SpecColumn.Looked;
import io.scorebatch.api.spec.SpecColumn.Requested;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.pipeline.config.FeatureFunction;
import io.scorebatch.pipeline.config.FeatureLookup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes a feature spec from look-ups and functions, checked against the tables and the model's
 * inputs. Pure: it reads nothing. One thread at a time.
 *
 * <p>Each input of the model is given by exactly one column: a feature, a function, a key, or a
 * column the request names. What the model does not take is left out, or kept unseen by it where
 * something else needs it. A key that a look-up or function gives is not asked of the caller,
 * unless the request names it.
 */
public final class SpecBuilder {
  /**
   * The newest version whose attributes are used: whole and fractional look-backs, types, order.
   */
  private static final int SERIALIZATION_VERSION = 9;

  private final SpecRequest request;
  private final Problems problems;
  private final List<String> notes = new ArrayList<>();
  private final Map<String, Offer> offers = new LinkedHashMap<>();
  private final Map<String, Offer> doubles = new LinkedHashMap<>();
  private final Map<String, FeatureTable> tables = new TreeMap<>();
  private final Map<String, ColumnType> keyTypes = new HashMap<>();

  /**
   * A spec and what the user should know about it.
   *
   * @param spec the spec
   * @param notes features left out, keys paired by name …
   */
  public record Built(FeatureSpec spec, List<String> notes) {
    public Built {
      notes = List.copyOf(notes);
    }
  }

  /**
   * A column that a look-up or function can give.
   *
   * @param named whether a person named it, rather than all columns of its table
   */
  private record Offer(SpecColumn column, boolean named) {
    String from() {
      return column instanceof Looked looked
          ? "table " + looked.table()
          : "function '" + ((Computed) column).function() + "'";
    }
  }

  private SpecBuilder(SpecRequest request, Problems problems) {
    this.request = request;
    this.problems = problems;
  }

  /**
   * Makes a spec.
   *
   * @param problems gets all that is wrong
   * @return the spec; not to be used where there are problems
   */
  public static Built build(SpecRequest request, Problems problems) {
    return new SpecBuilder(request, problems).build();
  }

  private Built build() {
    request.features().lookups().forEach(this::offerFeatures);
    request.features().functions().forEach(this::offerFunction);
    Set<String> wanted = wanted();
    Map<String, Offer> kept = kept(wanted);
    Map<String, @Nullable ColumnType> requested = requested(wanted, kept);
    List<SpecColumn> columns = inOrder(wanted, kept, requested);
    checkInputs(columns);
    Map<String, Integer> numbers = TopologicalOrder.of(columns);
    refuseCircles(columns, numbers);
    List<SpecColumn> numbered =
        columns.stream().map(c -> numbered(c, numbers.getOrDefault(c.name(), 0))).toList();
    Map<String, FeatureTable> used = new LinkedHashMap<>();
    Set<String> functions = new TreeSet<>();
    for (SpecColumn column : numbered) {
      if (column instanceof Looked looked) {
        FeatureTable table = tables.get(looked.table());
        if (table != null) {
          used.put(looked.table(), table);
        }
      } else if (column instanceof Computed computed) {
        functions.add(computed.function());
      }
    }
    FeatureSpec spec =
        new FeatureSpec(
            numbered,
            used,
            List.copyOf(functions),
            SERIALIZATION_VERSION,
            request.clientVersion(),
            null);
    checkJoins(spec, requested);
    return new Built(spec, notes);
  }

  private void offerFeatures(FeatureLookup lookup) {
    TableSnapshot table = request.tables().get(lookup.table());
    if (table == null) {
      return; // told by who looked for it
    }
    noteTable(lookup, table);
    TableKeys.types(table, lookup.keys(), lookup.timestampKey()).forEach(keyTypes::putIfAbsent);
    Set<String> outputs = new HashSet<>();
    List<String> missing = new ArrayList<>();
    boolean named = !lookup.features().isEmpty();
    for (String feature : named ? lookup.features() : nonKeys(lookup, table)) {
      var column = table.schema().find(feature);
      if (column.isEmpty()) {
        missing.add(feature);
        continue;
      }
      String output = lookup.output(feature);
      outputs.add(output);
      String defaultValue = lookup.defaults().get(output);
      checkDefault(output, defaultValue, column.get().type());
      offer(
          new Looked(
              output,
              table.name().toString(),
              column.get().name(),
              lookup.keys(),
              lookup.timestampKey(),
              defaultValue,
              column.get().type(),
              true,
              OptionalInt.empty()),
          named || lookup.renames().containsKey(feature) || defaultValue != null);
    }
    tellMissing(table, missing);
    tellUnused(lookup, table, "rename_outputs", lookup.renames().keySet(), features(lookup, table));
    tellUnused(lookup, table, "default_values", lookup.defaults().keySet(), outputs);
  }

  private Set<String> features(FeatureLookup lookup, TableSnapshot table) {
    return new HashSet<>(lookup.features().isEmpty() ? nonKeys(lookup, table) : lookup.features());
  }

  private List<String> nonKeys(FeatureLookup lookup, TableSnapshot table) {
    Set<String> keys = new HashSet<>();
    List<String> declared = TableKeys.primaryKey(table);
    (declared.isEmpty() ? lookup.keys() : declared).forEach(key -> keys.add(lower(key)));
    TableKeys.timestampKey(table).or(lookup::timestamp).ifPresent(key -> keys.add(lower(key)));
    request.features().labels().forEach(label -> keys.add(lower(label)));
    return table.schema().names().stream().filter(name -> !keys.contains(lower(name))).toList();
  }

  private void noteTable(FeatureLookup lookup, TableSnapshot table) {
    Duration lookback = lookup.lookback();
    FeatureTable now =
        new FeatureTable(
            table.name().toString(),
            table.tableId(),
            lookback == null ? null : lookback.getSeconds() + lookback.getNano() / 1e9);
    FeatureTable before = tables.put(table.name().toString(), now);
    if (before != null && !before.equals(now)) {
      problems.add(
          ErrorCode.FEATURE_SPEC_INVALID,
          "Table " + table.name() + " is looked up with different look-backs.",
          "A model keeps one look-back for each table.",
          "give all look-ups of the table the same look-back.");
    }
  }

  private void offerFunction(FeatureFunction function) {
    offer(
        new Computed(
            function.output(),
            function.function(),
            function.bindings(),
            function.type(),
            true,
            OptionalInt.empty()),
        true);
  }

  /** Notes a column; what only a whole table offers gives way to what a person named. */
  private void offer(SpecColumn column, boolean named) {
    Offer offer = new Offer(column, named);
    if (request.features().request().containsKey(column.name())) {
      if (named) {
        ambiguous(column.name(), offer.from(), "the request");
      } else if (request.inputs().isEmpty()) {
        notes.add(
            "column '"
                + column.name()
                + "' of "
                + offer.from()
                + " is left out: the rows bring it");
      }
      return;
    }
    Offer other = offers.get(column.name());
    if (other == null || (named && !other.named())) {
      offers.put(column.name(), offer);
    } else if (other.named() == named && !other.column().equals(column)) {
      doubles.putIfAbsent(column.name(), offer);
    }
  }

  private void ambiguous(String column, String one, String other) {
    problems.add(
        ErrorCode.COLUMN_AMBIGUOUS,
        "Column '"
            + column
            + "' of "
            + subject()
            + " is given by "
            + one
            + " and by "
            + other
            + ".",
        "Each column comes from one place.",
        "rename one (rename_outputs), or list the features to take.");
  }

  private String subject() {
    return (request.inputs().isPresent() ? "model" : "training set") + " '" + request.name() + "'";
  }

  /** What has to be in the result: the model's inputs, or everything offered. */
  private Set<String> wanted() {
    Set<String> excluded = new HashSet<>(request.features().exclude());
    excluded.addAll(request.features().labels());
    if (request.inputs().isPresent() && request.namesKnown()) {
      Set<String> names = new LinkedHashSet<>();
      request.inputs().get().forEach(input -> names.add(input.name()));
      List<String> both = names.stream().filter(excluded::contains).toList();
      if (!both.isEmpty()) {
        problems.add(
            ErrorCode.FEATURE_SPEC_INVALID,
            "Model '" + request.name() + "' is called with " + quoted(both) + ".",
            "A label or excluded column is no input.",
            "take it out of the label and exclude_columns.");
      }
      return names;
    }
    Set<String> names = new LinkedHashSet<>(request.features().request().keySet());
    names.addAll(offers.keySet());
    names.removeAll(excluded);
    return names;
  }

  /** The offers that are wanted, and what they need of the other offers. */
  private Map<String, Offer> kept(Set<String> wanted) {
    Set<String> needed = new LinkedHashSet<>(wanted);
    Set<String> seen = new HashSet<>();
    List<String> open = new ArrayList<>(wanted);
    while (!open.isEmpty()) {
      String name = open.remove(open.size() - 1);
      Offer offer = offers.get(name);
      if (offer != null && seen.add(name)) {
        List<String> inputs = TopologicalOrder.inputs(offer.column());
        needed.addAll(inputs);
        open.addAll(inputs);
      }
    }
    Map<String, Offer> kept = new LinkedHashMap<>();
    List<String> left = new ArrayList<>();
    offers.forEach(
        (name, offer) -> {
          if (needed.contains(name)) {
            kept.put(name, offer);
            Offer second = doubles.get(name);
            if (second != null) {
              ambiguous(name, offer.from(), second.from());
            }
          } else if (offer.named()) {
            left.add(name);
          }
        });
    if (!left.isEmpty()) {
      notes.add("left out, as the model does not take them: " + String.join(", ", left));
    }
    return kept;
  }

  /** The columns the caller brings, with their types where those are known. */
  private Map<String, @Nullable ColumnType> requested(Set<String> wanted, Map<String, Offer> kept) {
    Set<String> needed = new LinkedHashSet<>();
    kept.values().forEach(offer -> needed.addAll(TopologicalOrder.inputs(offer.column())));
    needed.removeAll(kept.keySet());
    Map<String, @Nullable ColumnType> requested = new LinkedHashMap<>();
    request
        .features()
        .request()
        .forEach(
            (name, type) -> {
              if (request.inputs().isEmpty() || wanted.contains(name) || needed.contains(name)) {
                requested.put(name, type.orElseGet(() -> typeOf(name)));
              } else {
                notes.add("left out, as nothing needs it: " + name);
              }
            });
    for (String name : needed) {
      requested.putIfAbsent(name, typeOf(name));
    }
    return requested;
  }

  private @Nullable ColumnType typeOf(String name) {
    ColumnType known = keyTypes.get(name);
    if (known == null) {
      known = request.inputTypes().get(name);
    }
    if (known == null) {
      Optional<ModelInput> input =
          request.inputs().orElse(List.of()).stream()
              .filter(i -> i.name().equals(name))
              .findFirst();
      known = input.map(i -> i.text() ? Primitive.STRING : Primitive.DOUBLE).orElse(null);
    }
    return known;
  }

  /** Unseen requested columns, the model's inputs in its order, what is computed but unseen. */
  private List<SpecColumn> inOrder(
      Set<String> wanted, Map<String, Offer> kept, Map<String, @Nullable ColumnType> requested) {
    List<SpecColumn> columns = new ArrayList<>();
    boolean isModel = request.inputs().isPresent();
    Set<String> unseen = new HashSet<>(request.features().exclude());
    requested.forEach(
        (name, type) -> {
          boolean include = isModel ? wanted.contains(name) : !unseen.contains(name);
          if (!include || !isModel) {
            columns.add(new Requested(name, type, include, OptionalInt.empty()));
          }
        });
    List<String> missing = new ArrayList<>();
    for (String name : wanted) {
      Offer offer = kept.get(name);
      if (offer != null) {
        columns.add(offer.column());
      } else if (isModel && requested.containsKey(name)) {
        columns.add(new Requested(name, requested.get(name), true, OptionalInt.empty()));
      } else if (isModel) {
        missing.add(name);
      }
    }
    kept.forEach(
        (name, offer) -> {
          if (!wanted.contains(name)) {
            columns.add(hidden(offer.column()));
          }
        });
    tellUngiven(missing);
    return columns;
  }

  private static SpecColumn hidden(SpecColumn column) {
    if (column instanceof Looked c) {
      return new Looked(
          c.name(),
          c.table(),
          c.feature(),
          c.lookupKey(),
          c.timestampLookupKey(),
          c.defaultValue(),
          c.dataType(),
          false,
          OptionalInt.empty());
    }
    Computed c = (Computed) column;
    return new Computed(
        c.name(), c.function(), c.bindings(), c.dataType(), false, OptionalInt.empty());
  }

  private static SpecColumn numbered(SpecColumn column, int number) {
    OptionalInt order = OptionalInt.of(number);
    if (column instanceof Looked c) {
      return new Looked(
          c.name(),
          c.table(),
          c.feature(),
          c.lookupKey(),
          c.timestampLookupKey(),
          c.defaultValue(),
          c.dataType(),
          c.include(),
          order);
    }
    if (column instanceof Computed c) {
      return new Computed(c.name(), c.function(), c.bindings(), c.dataType(), c.include(), order);
    }
    return new Requested(column.name(), column.dataType(), column.include(), order);
  }

  private void tellUngiven(List<String> missing) {
    if (missing.isEmpty()) {
      return;
    }
    Set<String> given = new LinkedHashSet<>(offers.keySet());
    given.addAll(request.features().request().keySet());
    StringBuilder near = new StringBuilder();
    for (String name : missing) {
      String suggestion = Suggestions.didYouMean(name, given);
      if (!suggestion.isEmpty()) {
        near.append(" '").append(name).append("': ").append(suggestion);
      }
    }
    problems.add(
        ErrorCode.COLUMN_NOT_FOUND,
        "Model '"
            + request.name()
            + "' is called with "
            + quoted(missing)
            + ", which nobody gives.",
        "The look-ups give " + quoted(given) + "." + near,
        "look them up, rename a feature to the input's name (rename_outputs), or name them as"
            + " columns the caller brings (request).");
  }

  private void tellMissing(TableSnapshot table, List<String> missing) {
    if (missing.isEmpty()) {
      return;
    }
    StringBuilder near = new StringBuilder();
    for (String name : missing) {
      String suggestion = Suggestions.didYouMean(name, table.schema().names());
      if (!suggestion.isEmpty()) {
        near.append(" '").append(name).append("': ").append(suggestion);
      }
    }
    problems.add(
        ErrorCode.COLUMN_NOT_FOUND,
        "Table " + table.name() + " has no column " + quoted(missing) + ".",
        ("It has " + quoted(table.schema().names()) + "." + near).strip(),
        "correct the features of the look-up.");
  }

  private void tellUnused(
      FeatureLookup lookup,
      TableSnapshot table,
      String setting,
      Set<String> names,
      Set<String> known) {
    List<String> unknown =
        names.stream()
            .filter(name -> !known.contains(name) && !lookup.features().contains(name))
            .toList();
    if (!unknown.isEmpty()) {
      problems.add(
          ErrorCode.FEATURE_SPEC_INVALID,
          setting + " of table " + table.name() + " names " + quoted(unknown) + ".",
          "The look-up takes " + quoted(new TreeSet<>(known)) + ".",
          setting.equals("default_values")
              ? "name features as they are called after rename_outputs."
              : "name features of the look-up.");
    }
  }

  private void checkDefault(String output, @Nullable String value, ColumnType type) {
    if (value == null) {
      return;
    }
    String objection = DefaultValues.objection(value, type);
    if (!objection.isEmpty()) {
      problems.add(
          ErrorCode.DEFAULT_VALUE_INVALID,
          "Default value '"
              + value
              + "' is none for feature '"
              + output
              + "' of type "
              + type.sparkName()
              + ".",
          objection,
          "give a value of the feature's type.");
    }
  }

  /** The number of inputs where they have no names, and text where the model reads text. */
  private void checkInputs(List<SpecColumn> columns) {
    List<ModelInput> inputs = request.inputs().orElse(List.of());
    List<SpecColumn> seen = columns.stream().filter(SpecColumn::include).toList();
    if (request.inputs().isPresent() && !request.namesKnown() && !inputs.isEmpty()) {
      if (seen.size() != inputs.size()) {
        problems.add(
            ErrorCode.FEATURE_SPEC_INVALID,
            "Model '"
                + request.name()
                + "' takes "
                + inputs.size()
                + " inputs, the look-ups give "
                + seen.size()
                + ": "
                + quoted(seen.stream().map(SpecColumn::name).toList())
                + ".",
            "Its file holds no names of inputs, so they are taken in the order they are listed.",
            "list its features in the order it was trained with.");
      }
      return;
    }
    Map<String, SpecColumn> byName = new HashMap<>();
    seen.forEach(column -> byName.put(column.name(), column));
    for (ModelInput input : inputs) {
      SpecColumn column = byName.get(input.name());
      ColumnType type = column == null ? null : column.dataType();
      if (type == null) {
        continue;
      }
      boolean fits =
          input.text() ? type == Primitive.STRING : type.isNumeric() || type == Primitive.BOOLEAN;
      if (!fits) {
        problems.add(
            ErrorCode.FEATURE_TYPE_MISMATCH,
            "Model '"
                + request.name()
                + "' reads '"
                + input.name()
                + "' as "
                + (input.text() ? "text" : "a number")
                + ", its column is "
                + type.sparkName()
                + ".",
            "Text is never taken for a number, nor a number for text.",
            "cast the column in its table.");
      }
    }
  }

  private void refuseCircles(List<SpecColumn> columns, Map<String, Integer> numbers) {
    List<String> circle =
        columns.stream().map(SpecColumn::name).filter(n -> !numbers.containsKey(n)).toList();
    if (!circle.isEmpty()) {
      problems.add(
          ErrorCode.FEATURE_SPEC_INVALID,
          "The columns " + quoted(circle) + " of " + subject() + " wait for each other.",
          "Each needs another of them as a key or argument.",
          "name one of them as a column the caller brings (request).");
    }
  }

  /** Keys, time columns and their types, checked as they are before scoring. */
  private void checkJoins(FeatureSpec spec, Map<String, @Nullable ColumnType> requested) {
    Map<String, ColumnType> known = new LinkedHashMap<>();
    requested.forEach((name, type) -> known.put(name, type == null ? Primitive.DOUBLE : type));
    Map<String, String> bodies = new HashMap<>();
    spec.functions().forEach(function -> bodies.put(function, "NULL"));
    Map<String, TableSnapshot> byName = new HashMap<>();
    request.tables().values().forEach(table -> byName.put(table.name().toString(), table));
    FeatureSteps steps =
        new FeatureSteps(
            new FeatureSteps.Asked(request.name(), bodies, Map.of(), DuplicateKeys.FAIL),
            spec,
            byName,
            known,
            problems,
            notes);
    if (TopologicalOrder.of(spec.columns()).size() == spec.columns().size()) {
      steps.resolve();
    }
  }

  private static String lower(String name) {
    return name.toLowerCase(java.util.Locale.ROOT);
  }
}
