package io.scorebatch.pipeline.plan;

import static io.scorebatch.api.type.ColumnType.Primitive.INT;
import static io.scorebatch.api.type.ColumnType.Primitive.STRING;
import static io.scorebatch.api.type.ColumnType.Primitive.TIMESTAMP;

import io.scorebatch.api.engine.LookupEvidence;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problems;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Signature;
import io.scorebatch.api.plan.InputBinding;
import io.scorebatch.api.plan.InputBinding.Conversion;
import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.PlanStep;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.spec.FeatureSpec;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Plans a scoring: from a model's metadata and the tables' schemas to a plan, or to all problems at
 * once. Pure: it reads nothing.
 */
public final class Planner {
  private static final Set<String> METADATA = Set.of("model_version", "model_name", "scored_at");

  private Planner() {}

  /**
   * Plans a scoring with the model's feature metadata.
   *
   * @param request what is asked for
   * @param scores what the scorer writes for the kinds asked for
   * @param tables snapshot of each feature table by the name the spec gives it
   * @throws ScorebatchException with every problem found
   */
  public static PlannedScoring plan(
      PlanRequest request, List<ScoreColumn> scores, Map<String, TableSnapshot> tables) {
    FeatureSpec spec = request.model().featureSpec().orElseThrow(() -> noFeatureSpec(request));
    Problems problems = new Problems();
    List<String> notes = new ArrayList<>();
    Map<String, ColumnType> known = keyColumns(request, problems);
    FeatureSteps steps =
        new FeatureSteps(FeatureSteps.Asked.of(request), spec, tables, known, problems, notes);
    steps.resolve();
    List<PlanStep> all = new ArrayList<>(steps.steps());
    List<InputBinding> inputs = bindInputs(request, spec, known, all, problems, notes);
    List<OutputColumn> outputs = outputs(request, scores, steps.steps(), problems);
    problems.throwIfAny();
    return new PlannedScoring(
        new ScoringPlan(
            request.modelName(),
            request.target(),
            request.keys(),
            request.keyColumns(),
            all,
            inputs,
            kinds(scores),
            outputs),
        notes);
  }

  /**
   * Plans a scoring without feature metadata: the rows bring the features. Numbers are coerced,
   * what is missing or not finite becomes 0; text goes to text inputs as it is.
   *
   * @throws ScorebatchException with every problem found
   */
  public static PlannedScoring planManual(PlanRequest request, List<ScoreColumn> scores) {
    Problems problems = new Problems();
    Map<String, ColumnType> known = keyColumns(request, problems);
    List<ModelInput> inputs = request.model().model().inputs();
    List<String> columns = request.featureColumns();
    if (columns.isEmpty()) {
      columns = inputs.stream().map(ModelInput::name).toList();
    } else {
      columns = inModelOrder(request, columns, problems);
    }
    List<String> missing = columns.stream().filter(c -> !known.containsKey(c)).toList();
    if (!missing.isEmpty()) {
      problems.add(
          ErrorCode.COLUMN_NOT_FOUND,
          "The source of model '" + request.modelName() + "' lacks " + quoted(missing) + ".",
          "It has " + quoted(known.keySet()) + ".",
          "select them in the source, or list the right feature_columns.");
    }
    problems.throwIfAny();
    List<InputBinding> bindings = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      ColumnType type = known(known, columns.get(i));
      Conversion conversion = inputs.get(i).text() ? Conversion.TEXT : Conversion.NUMBER_OR_ZERO;
      bindings.add(new InputBinding(inputs.get(i).name(), columns.get(i), type, conversion, null));
    }
    List<OutputColumn> outputs = outputs(request, scores, List.of(), problems);
    problems.throwIfAny();
    return new PlannedScoring(
        new ScoringPlan(
            request.modelName(),
            request.target(),
            request.keys(),
            request.keyColumns(),
            List.of(),
            bindings,
            kinds(scores),
            outputs),
        List.of("scored without feature metadata: missing and infinite numbers became 0"));
  }

  /**
   * Feature columns by the model's own names where it has them: the order of a list never decides.
   */
  private static List<String> inModelOrder(
      PlanRequest request, List<String> columns, Problems problems) {
    List<ModelInput> inputs = request.model().model().inputs();
    if (columns.size() != inputs.size()) {
      problems.add(
          ErrorCode.COLUMN_NOT_FOUND,
          "Model '"
              + request.modelName()
              + "' has "
              + inputs.size()
              + " inputs, feature_columns "
              + "lists "
              + columns.size()
              + ".",
          "",
          "list one column for each of "
              + quoted(inputs.stream().map(ModelInput::name).toList())
              + ".");
      return List.of();
    }
    if (!request.model().model().namesKnown()) {
      return columns;
    }
    Set<String> listed = new HashSet<>(columns);
    List<String> names = inputs.stream().map(ModelInput::name).toList();
    List<String> missing = names.stream().filter(n -> !listed.contains(n)).toList();
    if (!missing.isEmpty()) {
      problems.add(
          ErrorCode.COLUMN_NOT_FOUND,
          "feature_columns of model '"
              + request.modelName()
              + "' lacks the model's inputs "
              + quoted(missing)
              + ".",
          "Features are matched by name.",
          "rename the columns in the source to the model's names.");
    }
    return names;
  }

  private static ScorebatchException noFeatureSpec(PlanRequest request) {
    return ScorebatchException.of(
        ErrorCode.FEATURE_SPEC_MISSING,
        "Model '" + request.modelName() + "' carries no feature_spec.yaml.",
        "Without it nobody knows which table holds its features.",
        "set scoring: manual with a source, or fallback: manual.");
  }

  private static Map<String, ColumnType> keyColumns(PlanRequest request, Problems problems) {
    Map<String, ColumnType> known = new LinkedHashMap<>();
    for (Column column : request.keys().columns()) {
      known.put(column.name(), column.type());
    }
    List<String> missing = new ArrayList<>();
    for (String name : concat(request.keyColumns(), request.passthrough())) {
      if (!known.containsKey(name)) {
        missing.add(name);
      }
    }
    if (!missing.isEmpty()) {
      problems.add(
          ErrorCode.COLUMN_NOT_FOUND,
          "The keys of model '" + request.modelName() + "' lack " + quoted(missing) + ".",
          "They have " + quoted(known.keySet()) + ".",
          "correct id_columns or passthrough, or bring the columns.");
    }
    for (String name : request.keyColumns()) {
      ColumnType type = known.get(name);
      if (type instanceof ColumnType.ArrayOf
          || type instanceof ColumnType.MapOf
          || type instanceof ColumnType.StructOf) {
        problems.add(
            ErrorCode.KEY_TYPE_MISMATCH,
            "Key column '" + name + "' is of type " + type.sparkName() + ".",
            "A key is one value.",
            "choose another id column.");
      }
    }
    return known;
  }

  private static List<InputBinding> bindInputs(
      PlanRequest request,
      FeatureSpec spec,
      Map<String, ColumnType> known,
      List<PlanStep> absent,
      Problems problems,
      List<String> notes) {
    Map<String, io.scorebatch.api.spec.SpecColumn> included = new LinkedHashMap<>();
    spec.modelInputs().forEach(column -> included.put(column.name(), column));
    List<InputBinding> bindings = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (ModelInput input : request.model().model().inputs()) {
      io.scorebatch.api.spec.@Nullable SpecColumn column = included.get(input.name());
      if (column == null) {
        boolean optional =
            signatureField(request, input).filter(field -> !field.required()).isPresent();
        if (optional) {
          absent.add(missingColumn(input));
          ColumnType type = input.text() ? STRING : Primitive.DOUBLE;
          Conversion missingAs = input.text() ? Conversion.TEXT : Conversion.NUMBER;
          bindings.add(new InputBinding(input.name(), input.name(), type, missingAs, null));
          notes.add("optional input '" + input.name() + "' is not given: missing in every row");
        } else {
          missing.add(input.name());
        }
        continue;
      }
      ColumnType type = known.get(input.name());
      if (type == null) {
        continue; // told by the steps
      }
      String defaultValue =
          column instanceof io.scorebatch.api.spec.SpecColumn.Looked looked
              ? looked.defaultValue()
              : null;
      checkDefault(request, input.name(), defaultValue, type, problems);
      conversion(request, input, type, problems, notes)
          .ifPresent(
              conversion ->
                  bindings.add(
                      new InputBinding(
                          input.name(), input.name(), type, conversion, defaultValue)));
    }
    if (!missing.isEmpty()) {
      problems.add(
          ErrorCode.COLUMN_NOT_FOUND,
          "Model '"
              + request.modelName()
              + "' is called with "
              + quoted(missing)
              + ", which its feature_spec.yaml does not give.",
          "It gives " + quoted(included.keySet()) + ".",
          "log the model again with look-ups for these features.");
    }
    return bindings;
  }

  private static void checkDefault(
      PlanRequest request,
      String column,
      @Nullable String defaultValue,
      ColumnType type,
      Problems problems) {
    if (defaultValue == null) {
      return;
    }
    String objection = DefaultValues.objection(defaultValue, type);
    if (!objection.isEmpty()) {
      problems.add(
          ErrorCode.DEFAULT_VALUE_INVALID,
          "Model '"
              + request.modelName()
              + "' has default value '"
              + defaultValue
              + "' for feature '"
              + column
              + "' of type "
              + type.sparkName()
              + ".",
          objection,
          "log the model again with a default value of the feature's type.");
    }
  }

  /** Which widening leads from a column to a model input; a problem where none does. */
  private static Optional<Conversion> conversion(
      PlanRequest request,
      ModelInput input,
      ColumnType type,
      Problems problems,
      List<String> notes) {
    if (input.text()) {
      if (type == STRING || isMoment(type) && isMoment(request, input)) {
        return Optional.of(Conversion.TEXT);
      }
      problems.add(
          ErrorCode.FEATURE_TYPE_MISMATCH,
          "Model '"
              + request.modelName()
              + "' reads feature '"
              + input.name()
              + "' as text, its column is "
              + type.sparkName()
              + ".",
          "",
          "cast it to string in the feature table.");
      return Optional.empty();
    }
    if (type.isNumeric() || type == Primitive.BOOLEAN) {
      if (type instanceof ColumnType.Decimal decimal && decimal.precision() > 15) {
        notes.add(
            "feature '"
                + input.name()
                + "' is "
                + type.sparkName()
                + ": a double keeps 15 of its digits");
      }
      return Optional.of(numeric(request, input, type));
    }
    problems.add(
        ErrorCode.FEATURE_TYPE_MISMATCH,
        "Model '"
            + request.modelName()
            + "' reads feature '"
            + input.name()
            + "' as a number, its column is "
            + type.sparkName()
            + ".",
        type == STRING ? "Text is never taken for a number silently." : "",
        "cast it to double in the feature table.");
    return Optional.empty();
  }

  /** A signature that calls an input integer or long holds for every value, as in MLflow. */
  private static Conversion numeric(PlanRequest request, ModelInput input, ColumnType type) {
    Optional<ColumnType> declared = signatureField(request, input).flatMap(Signature.Field::type);
    if (declared.equals(Optional.of(Primitive.LONG)) && !type.isInteger()) {
      return type == Primitive.BOOLEAN ? Conversion.NUMBER : Conversion.WHOLE_64;
    }
    boolean fits =
        type == Primitive.BYTE
            || type == Primitive.SHORT
            || type == INT
            || type == Primitive.BOOLEAN;
    return declared.equals(Optional.of(INT)) && !fits ? Conversion.WHOLE_32 : Conversion.NUMBER;
  }

  private static boolean isMoment(ColumnType type) {
    return type == Primitive.TIMESTAMP || type == Primitive.TIMESTAMP_NTZ || type == Primitive.DATE;
  }

  /** Whether the signature calls an input a datetime, which models take as text. */
  private static boolean isMoment(PlanRequest request, ModelInput input) {
    return signatureField(request, input)
        .flatMap(Signature.Field::type)
        .filter(Planner::isMoment)
        .isPresent();
  }

  private static Optional<Signature.Field> signatureField(PlanRequest request, ModelInput input) {
    return request.model().scored().signature().stream()
        .flatMap(signature -> signature.inputs().stream())
        .filter(field -> input.name().equals(field.name()))
        .findFirst();
  }

  /** A column that is missing in every row: for inputs the signature does not require. */
  private static PlanStep missingColumn(ModelInput input) {
    String type = input.text() ? "STRING" : "DOUBLE";
    return new PlanStep.Compute(
        input.name(), "an optional input", "CAST(NULL AS " + type + ")", Map.of());
  }

  private static List<OutputColumn> outputs(
      PlanRequest request, List<ScoreColumn> scores, List<PlanStep> steps, Problems problems) {
    List<OutputColumn> outputs = new ArrayList<>();
    Map<String, Column> keys = new LinkedHashMap<>();
    request.keys().columns().forEach(column -> keys.put(column.name(), column));
    for (String name : concat(request.keyColumns(), request.passthrough())) {
      Column column = keys.get(name);
      if (column != null) {
        boolean isKey = request.keyColumns().contains(name);
        String comment =
            column.comment() != null
                ? column.comment()
                : isKey ? "Lookup key." : "Passed through from the keys.";
        outputs.add(
            new OutputColumn(
                new Column(name, column.type(), true, comment), new OutputValue.FromColumn(name)));
      }
    }
    outputs.addAll(PredictionColumns.columns(request, scores));
    if (request.featureEvidence()) {
      outputs.add(evidence(request, steps, problems));
    }
    outputs.addAll(request.further());
    OptionalInt version = request.version();
    outputs.add(
        constant(
            "model_version",
            INT,
            "Registered version of the model.",
            version.isPresent() ? version.getAsInt() : null));
    outputs.add(constant("model_name", STRING, "Name of the model.", request.modelName()));
    outputs.add(
        constant(
            "scored_at",
            TIMESTAMP,
            "When the run started, UTC; one instant a run.",
            request.scoredAt()));
    Set<String> names = new HashSet<>();
    for (OutputColumn output : outputs) {
      String name = output.column().name();
      if (!names.add(name.toLowerCase(Locale.ROOT))) {
        problems.add(
            ErrorCode.COLUMN_AMBIGUOUS,
            "The prediction table of model '"
                + request.modelName()
                + "' would have two columns '"
                + name
                + "'.",
            METADATA.contains(name) || name.equals("prediction")
                ? "The name is one of the table contract's own."
                : "Names are compared ignoring case.",
            "rename the key, pass-through column, slice_column or prediction_alias.");
      }
    }
    return outputs;
  }

  private static OutputColumn evidence(
      PlanRequest request, List<PlanStep> steps, Problems problems) {
    List<String> lookups = new ArrayList<>();
    for (PlanStep step : steps) {
      if (step instanceof PlanStep.Lookup lookup) {
        lookups.add((lookups.size() + 1) + ": " + lookup.table().name());
      }
    }
    if (lookups.size() > LookupEvidence.LOOKUPS) {
      problems.add(
          ErrorCode.PIPELINE_INVALID,
          "Model '" + request.modelName() + "' has " + lookups.size() + " look-ups.",
          "A feature_evidence column has room for " + LookupEvidence.LOOKUPS + ".",
          "leave feature_evidence out; the run's results count each look-up all the same.");
    }
    String comment =
        "What each look-up found, four bits each from the lowest: 1 matched, 2 a NULL feature, 4 a"
            + " default used, 8 too old; none: key missing. Read it with"
            + " lookup_evidence(feature_evidence, n). Look-ups: "
            + (lookups.isEmpty() ? "none" : String.join(", ", lookups))
            + ".";
    return new OutputColumn(
        new Column("feature_evidence", Primitive.LONG, true, comment), new OutputValue.Evidence());
  }

  private static OutputColumn constant(
      String name, ColumnType type, String comment, @Nullable Object value) {
    return new OutputColumn(new Column(name, type, true, comment), new OutputValue.Constant(value));
  }

  private static List<io.scorebatch.api.model.OutputKind> kinds(List<ScoreColumn> scores) {
    return scores.stream().map(ScoreColumn::kind).distinct().toList();
  }

  private static ColumnType known(Map<String, ColumnType> known, String name) {
    ColumnType type = known.get(name);
    if (type == null) {
      throw new IllegalStateException("column " + name + " was not checked");
    }
    return type;
  }

  static String quoted(Iterable<String> names) {
    List<String> all = new ArrayList<>();
    names.forEach(name -> all.add("'" + name + "'"));
    return all.isEmpty() ? "no columns" : String.join(", ", all);
  }

  private static List<String> concat(List<String> a, List<String> b) {
    List<String> all = new ArrayList<>(a);
    b.stream().filter(name -> !all.contains(name)).forEach(all::add);
    return all;
  }
}
