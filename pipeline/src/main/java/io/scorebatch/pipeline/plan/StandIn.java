package io.scorebatch.pipeline.plan;

import static io.scorebatch.api.type.ColumnType.Primitive.BOOLEAN;
import static io.scorebatch.api.type.ColumnType.Primitive.DOUBLE;
import static io.scorebatch.api.type.ColumnType.Primitive.INT;
import static io.scorebatch.api.type.ColumnType.Primitive.STRING;
import static io.scorebatch.api.type.ColumnType.Primitive.TIMESTAMP;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OnDemandFunction;
import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.PlanStep;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.plan.PlanStep.Lookup;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.Schema;
import io.scorebatch.pipeline.config.ModelType;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Plans predictions without a model: for each key the last one its table holds, a constant, or a
 * constant where the table holds none. Pure: it reads nothing.
 *
 * <p>{@code model_version} is that of the model that made the last prediction, NULL for a constant;
 * {@code scored_at} is the run's; {@code prediction_source} says which of both a row got.
 */
public final class StandIn {
  private static final String NOW = "_sb_now";
  private static final String CONSTANT = "_sb_constant";
  private static final String LAST = "_sb_last_";
  private static final String SOURCE = "_sb_source";
  private static final String PREDICTION = "prediction";

  private final Request request;
  private final List<PlanStep> steps = new ArrayList<>();
  private final Set<String> fromKeys;

  private StandIn(Request request) {
    this.request = request;
    this.fromKeys = Set.copyOf(union(request.keyColumns(), request.passthrough()));
  }

  /**
   * What is asked for. Immutable.
   *
   * @param modelName {@code model_name} of the predictions
   * @param target the prediction table
   * @param table its newest version; empty where there is none
   * @param keys where the rows come from
   * @param keyColumns the columns that identify a row
   * @param passthrough further columns of the rows to keep
   * @param type what the predictions are
   * @param alias a further column with the prediction
   * @param threshold probability above which {@code predicted_class} is 1
   * @param scoredAt {@code scored_at} of the predictions
   */
  public record Request(
      String modelName,
      TableName target,
      Optional<TableSnapshot> table,
      KeySource keys,
      List<String> keyColumns,
      List<String> passthrough,
      ModelType type,
      Optional<String> alias,
      double threshold,
      Instant scoredAt) {
    public Request {
      keyColumns = List.copyOf(keyColumns);
      passthrough = List.copyOf(passthrough);
    }
  }

  /**
   * Plans the last predictions of the table.
   *
   * @param maxAge how old they may be; empty for any age
   * @param otherwise the constant for keys without one; empty for NULL
   * @throws ScorebatchException {@code FALLBACK_NOT_POSSIBLE} where there is no such table, or it
   *     holds no predictions
   */
  public static ScoringPlan lastGood(
      Request request, Optional<Duration> maxAge, Optional<String> otherwise) {
    return new StandIn(request).planLast(maxAge, otherwise);
  }

  /**
   * Plans one prediction for all rows.
   *
   * @param text the prediction
   * @throws ScorebatchException {@code FALLBACK_NOT_POSSIBLE} where it is no value of the
   *     prediction's type
   */
  public static ScoringPlan constant(Request request, String text) {
    return new StandIn(request).planConstant(text);
  }

  private ScoringPlan planLast(Optional<Duration> maxAge, Optional<String> otherwise) {
    TableSnapshot table =
        request
            .table()
            .orElseThrow(
                () ->
                    impossible(
                        "there is no table " + request.target() + " yet",
                        "the fallback is of use from the second run on."));
    Schema schema = table.schema();
    if (schema.find(PREDICTION).isEmpty() || schema.find("scored_at").isEmpty()) {
      throw impossible(
          "table " + table.name() + " has no columns prediction and scored_at",
          "take last_good out of the chain.");
    }
    List<Lookup.KeyPair> pairs = new ArrayList<>();
    for (String key : request.keyColumns()) {
      if (schema.find(key).isEmpty()) {
        throw impossible(
            "table " + table.name() + " has no column " + key, "take last_good out of the chain.");
      }
      pairs.add(new Lookup.KeyPair(key, key));
    }
    List<Column> kept =
        schema.columns().stream()
            .filter(column -> !fromKeys.contains(column.name()) && !isOurs(column.name()))
            .toList();
    call(NOW, TIMESTAMP, request.scoredAt());
    steps.add(
        new Lookup(
            table,
            pairs,
            new Lookup.PointInTime(
                NOW, "scored_at", maxAge.map(age -> age.toNanos() / 1_000).orElse(null)),
            kept.stream().map(c -> new Lookup.Feature(c.name(), LAST + c.name())).toList(),
            DuplicateKeys.FAIL));
    Column prediction = schema.find(PREDICTION).orElseThrow();
    Optional<Object> constant =
        otherwise.map(text -> parse(text, prediction.type(), "column prediction"));
    constant.ifPresent(value -> call(CONSTANT, prediction.type(), value));
    Map<String, OutputValue> values = new LinkedHashMap<>();
    for (Column column : kept) {
      values.put(column.name(), lastOr(column, constant));
    }
    source(
        "CASE WHEN p IS NOT NULL THEN 'last_good'"
            + (constant.isPresent() ? " ELSE 'constant'" : "")
            + " END",
        Map.of("p", LAST + PREDICTION));
    return plan(schema.columns(), values);
  }

  /** A column of the last prediction; where there is none, what the constant makes of it. */
  private OutputValue lastOr(Column column, Optional<Object> constant) {
    String last = LAST + column.name();
    Optional<Object> value = constant.flatMap(c -> derived(column, c));
    if (value.isEmpty()) {
      return new OutputValue.FromColumn(last);
    }
    String filled = "_sb_filled_" + column.name();
    String otherwise = "_sb_other_" + column.name();
    call(otherwise, column.type(), value.get());
    Map<String, String> bindings = new LinkedHashMap<>();
    bindings.put("p", LAST + PREDICTION);
    bindings.put("v", last);
    bindings.put("c", otherwise);
    steps.add(
        new PlanStep.Compute(
            filled,
            "the last prediction or the constant",
            "CASE WHEN p IS NOT NULL THEN v ELSE c END",
            bindings));
    return new OutputValue.FromColumn(filled);
  }

  private ScoringPlan planConstant(String text) {
    List<Column> columns =
        request.table().map(table -> table.schema().columns()).orElseGet(() -> usual(text));
    Column prediction =
        columns.stream()
            .filter(column -> column.name().equals(PREDICTION))
            .findFirst()
            .orElseThrow(
                () ->
                    impossible(
                        "table " + request.target() + " has no column prediction",
                        "take constant out of the chain."));
    Object constant = parse(text, prediction.type(), "column prediction");
    Map<String, OutputValue> values = new LinkedHashMap<>();
    for (Column column : columns) {
      if (!fromKeys.contains(column.name()) && !isOurs(column.name())) {
        values.put(column.name(), new OutputValue.Constant(derived(column, constant).orElse(null)));
      }
    }
    source("'constant'", Map.of());
    return plan(columns, values);
  }

  /** The columns of a table that does not exist yet. */
  private List<Column> usual(String text) {
    List<Column> columns = new ArrayList<>();
    for (Column column : request.keys().columns()) {
      if (fromKeys.contains(column.name())) {
        columns.add(column);
      }
    }
    boolean number = number(text).isPresent();
    ColumnType type =
        switch (request.type()) {
          case REGRESSION, CLASSIFICATION, ANOMALY_DETECTION -> DOUBLE;
          case MULTICLASS, RAW -> number ? DOUBLE : STRING;
        };
    columns.add(new Column(PREDICTION, type, true, "A constant: the model could not be used."));
    switch (request.type()) {
      case ANOMALY_DETECTION -> {
        columns.add(Column.of("anomaly_score", DOUBLE));
        columns.add(Column.of("is_anomaly", INT));
      }
      case CLASSIFICATION -> {
        columns.add(Column.of("probability", DOUBLE));
        columns.add(Column.of("predicted_class", INT));
      }
      case REGRESSION, MULTICLASS, RAW -> {}
    }
    request.alias().ifPresent(alias -> columns.add(Column.of(alias, type)));
    columns.add(Column.of(PredictionColumns.SOURCE, STRING));
    columns.add(Column.of("model_version", INT));
    columns.add(Column.of("model_name", STRING));
    columns.add(Column.of("scored_at", TIMESTAMP));
    return columns;
  }

  /** What a constant prediction makes of another column; empty where it says nothing of it. */
  private Optional<Object> derived(Column column, Object constant) {
    String name = column.name();
    boolean same =
        name.equals(PREDICTION)
            || name.equals("anomaly_score")
            || (name.equals("probability") && request.type() == ModelType.CLASSIFICATION)
            || request.alias().filter(name::equals).isPresent();
    if (same) {
      return Optional.of(constant);
    }
    if (!(constant instanceof Number number) || column.type() != INT) {
      return Optional.empty();
    }
    if (name.equals("is_anomaly")) {
      return Optional.of(number.doubleValue() < 0 ? 1 : 0);
    }
    return name.equals("predicted_class")
        ? Optional.of(number.doubleValue() > request.threshold() ? 1 : 0)
        : Optional.empty();
  }

  private static boolean isOurs(String name) {
    return Set.of("model_name", "scored_at", PredictionColumns.SOURCE)
        .contains(name.toLowerCase(Locale.ROOT));
  }

  private void source(String sql, Map<String, String> bindings) {
    steps.add(
        new PlanStep.Compute(
            SOURCE, "the source of the prediction", "CAST(" + sql + " AS STRING)", bindings));
  }

  private ScoringPlan plan(List<Column> columns, Map<String, OutputValue> values) {
    List<OutputColumn> outputs = new ArrayList<>();
    boolean hasSource = false;
    for (Column column : columns) {
      String name = column.name().toLowerCase(Locale.ROOT);
      hasSource |= name.equals(PredictionColumns.SOURCE);
      OutputValue value = values.get(column.name());
      if (fromKeys.contains(column.name())) {
        value = new OutputValue.FromColumn(column.name());
      } else if (name.equals("model_name")) {
        value = new OutputValue.Constant(request.modelName());
      } else if (name.equals("scored_at")) {
        value = new OutputValue.Constant(request.scoredAt());
      } else if (name.equals(PredictionColumns.SOURCE)) {
        value = new OutputValue.FromColumn(SOURCE);
      }
      outputs.add(new OutputColumn(column, java.util.Objects.requireNonNull(value)));
    }
    if (!hasSource) {
      outputs.add(new OutputColumn(PredictionColumns.source(), new OutputValue.FromColumn(SOURCE)));
    }
    return new ScoringPlan(
        request.modelName(),
        request.target(),
        request.keys(),
        request.keyColumns(),
        steps,
        List.of(),
        List.of(),
        outputs);
  }

  /** A column with the same value in every row, as a step: later ones can read it. */
  private void call(String column, ColumnType type, Object value) {
    Object passed = value instanceof Integer number ? Long.valueOf(number) : value;
    steps.add(
        new PlanStep.Call(column, "a value of the fallback", new Value(type, passed), Map.of()));
  }

  private record Value(ColumnType result, Object value) implements OnDemandFunction {
    @Override
    public Schema parameters() {
      return Schema.of();
    }

    @Override
    public @Nullable Object apply(List<@Nullable Object> arguments) {
      return value;
    }
  }

  /** A constant as a value of a type: Boolean, Integer, Long, Double or text. */
  private Object parse(String text, ColumnType type, String what) {
    Optional<? extends Object> value = Optional.empty();
    if (type == STRING) {
      value = Optional.of(text);
    } else if (type == BOOLEAN) {
      value = Set.of("true", "false").contains(text) ? Optional.of(text.equals("true")) : value;
    } else if (type == DOUBLE || type == Primitive.FLOAT) {
      value = number(text).map(BigDecimal::doubleValue);
    } else if (type.isInteger()) {
      value = number(text).flatMap(number -> whole(number, type));
    }
    if (value.isEmpty()) {
      throw impossible(
          "'" + text + "' is no value of " + what + ", which is " + type.sparkName(),
          "write a constant of that type.");
    }
    return value.get();
  }

  private static Optional<? extends Object> whole(BigDecimal number, ColumnType type) {
    try {
      if (type == Primitive.LONG) {
        return Optional.of(number.longValueExact());
      }
      return type == INT
          ? Optional.of(number.intValueExact())
          : Optional.of((int) number.shortValueExact());
    } catch (ArithmeticException e) {
      return Optional.empty();
    }
  }

  private static Optional<BigDecimal> number(String text) {
    try {
      return Optional.of(new BigDecimal(text.strip()));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private ScorebatchException impossible(String why, String fix) {
    return ScorebatchException.of(
        ErrorCode.FALLBACK_NOT_POSSIBLE,
        "Model '" + request.modelName() + "' cannot fall back: " + why + ".",
        "",
        fix);
  }

  private static List<String> union(List<String> one, List<String> other) {
    List<String> all = new ArrayList<>(one);
    all.addAll(other);
    return all;
  }
}
