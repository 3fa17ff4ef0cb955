package io.scorebatch.engine.duckdb;

import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.plan.InputBinding;
import io.scorebatch.api.plan.InputBinding.Conversion;
import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.RowHandling.OnBadRow;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.plan.Selection;
import io.scorebatch.api.plan.Selection.Changed;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.engine.duckdb.JoinedRows.Cell;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The SELECT that scores: inputs converted for the model, its function called once a row, outputs
 * in the types of the prediction table.
 */
final class ScoringSql {
  /** The model's function. */
  static final String MODEL = "_sb_model";

  /** The function that finds refused rows. */
  static final String REJECTS = "_sb_rejects";

  private static final String SCORES = "_r";
  private static final String GOOD = "_good";

  /** Digits that a double holds of any decimal number. */
  private static final int EXACT_DIGITS = 15;

  /**
   * A conversion that a value may fail.
   *
   * @param what the column, for messages
   * @param type the column's type
   * @param wanted what the value should be, for messages
   * @param value the value, in SQL
   * @param fails true in SQL where the conversion fails
   */
  record Fallible(String what, ColumnType type, String wanted, String value, String fails) {}

  private final ScoringPlan plan;
  private final JoinedRows rows;
  private final EvidenceSql evidence;
  private final ModelFunction function;
  private final InputBlock.Layout layout;
  private final List<Fallible> ofInputs = new ArrayList<>();
  private final List<Fallible> ofOutputs = new ArrayList<>();
  private final List<String> arguments = new ArrayList<>();
  private final List<String> reasons = new ArrayList<>();

  private ScoringSql(ScoringPlan plan, JoinedRows rows, Scorer scorer) throws SQLException {
    this.plan = plan;
    this.rows = rows;
    this.evidence = new EvidenceSql(plan, rows);
    boolean reads = reads(plan);
    List<Conversion> conversions = plan.inputs().stream().map(InputBinding::conversion).toList();
    layout =
        reads ? new InputBlock.Layout(scorer.inputs(), conversions) : InputBlock.Layout.NOTHING;
    if (reads) {
      plan.inputs().forEach(input -> arguments.add(argument(input)));
    }
    reasons.addAll(rows.failures());
    ofInputs.forEach(fallible -> reasons.add(reason(fallible)));
    plan.outputs()
        .forEach(output -> copied(output).map(ScoringSql::reason).ifPresent(reasons::add));
    narrowChanged();
    function = new ModelFunction(work(scorer));
  }

  /** Whether the model's inputs are read: for its scores or for fingerprints. */
  private static boolean reads(ScoringPlan plan) {
    return plan.outputs().stream().anyMatch(o -> isOfModel(o.value()))
        || plan.rows().selections().stream().anyMatch(s -> s instanceof Changed);
  }

  private static boolean isScore(OutputValue value) {
    return isOfModel(value) && !(value instanceof OutputValue.Fingerprint);
  }

  /** Whether a value is NULL in rows that the model cannot take. */
  private static boolean isOfModel(OutputValue value) {
    return !(value instanceof OutputValue.FromColumn
        || value instanceof OutputValue.Evidence
        || value instanceof OutputValue.Constant);
  }

  private ModelWork work(Scorer scorer) {
    boolean scores = plan.outputs().stream().anyMatch(o -> isScore(o.value()));
    return new ModelWork(
        layout,
        scores ? scorer : null,
        new Tallies(evidence.lookups().size(), evidence.moments().size()),
        plan.rows().onBadRow(),
        hasReasons(),
        rows.ticks().size(),
        salt(),
        plan.outputs().stream().noneMatch(o -> isOfModel(o.value())),
        typed(),
        scores ? predictions(scorer) : OptionalInt.empty(),
        flag(),
        plan.rows().profileInputs() && scores);
  }

  private OptionalLong salt() {
    return plan.outputs().stream()
        .map(OutputColumn::value)
        .filter(OutputValue.Fingerprint.class::isInstance)
        .mapToLong(value -> ((OutputValue.Fingerprint) value).salt())
        .findFirst();
  }

  /** The score behind the first column that has one, where it is a number. */
  private OptionalInt predictions(Scorer scorer) {
    return plan.outputs().stream()
        .flatMap(output -> scoreOf(output.value()).stream().boxed())
        .findFirst()
        .filter(score -> scorer.outputs().get(score).type() != ScoreColumn.Type.TEXT)
        .map(OptionalInt::of)
        .orElse(OptionalInt.empty());
  }

  private static OptionalInt scoreOf(OutputValue value) {
    if (value instanceof OutputValue.Score score) {
      return OptionalInt.of(score.index());
    }
    if (value instanceof OutputValue.Label label) {
      return OptionalInt.of(label.index());
    }
    return value instanceof OutputValue.Text text
        ? OptionalInt.of(text.index())
        : OptionalInt.empty();
  }

  private Optional<ModelWork.Flag> flag() {
    return plan.outputs().stream()
        .map(OutputColumn::value)
        .flatMap(
            value -> {
              if (value instanceof OutputValue.ScoreBelow below) {
                return Stream.of(new ModelWork.Flag(below.index(), false, below.threshold()));
              }
              return value instanceof OutputValue.ScoreAbove above
                  ? Stream.of(new ModelWork.Flag(above.index(), true, above.threshold()))
                  : Stream.of();
            })
        .findFirst();
  }

  private List<ModelWork.Typed> typed() {
    List<ModelWork.Typed> typed = new ArrayList<>();
    for (OutputColumn output : plan.outputs()) {
      ColumnType type = output.column().type();
      if (output.value() instanceof OutputValue.Score score && type != Primitive.DOUBLE) {
        typed.add(new ModelWork.Typed(score.index(), output.column().name(), type));
      }
    }
    return typed;
  }

  /** Why a row is bad before the model sees it, in SQL. */
  private static String reason(Fallible fallible) {
    String value = Sql.cast(fallible.value(), Primitive.STRING);
    boolean quoted = fallible.type() == Primitive.STRING;
    String shown = quoted ? "chr(39) || left(" + value + ", 200) || chr(39)" : value;
    return "CASE WHEN "
        + fallible.fails()
        + " THEN 'value ' || "
        + shown
        + " || "
        + Sql.text(" of " + fallible.what() + " is no " + fallible.wanted())
        + " END";
  }

  private boolean tolerant() {
    return plan.rows().onBadRow() != OnBadRow.FAIL;
  }

  private boolean hasReasons() {
    return tolerant() && !reasons.isEmpty();
  }

  private String whyBad() {
    return "coalesce(" + String.join(", ", reasons) + ")";
  }

  private void narrowChanged() throws SQLException {
    for (Selection selection : plan.rows().selections()) {
      if (selection instanceof Changed changed) {
        String anyway = hasReasons() ? whyBad() + " IS NOT NULL" : "false";
        rows.narrowChanged(changed, FingerprintFunction.sql(arguments), anyway);
        rows.sampleJoined();
      }
    }
  }

  /** Also leaves the rows whose inputs have changed, where no others are wanted. */
  static ScoringSql of(ScoringPlan plan, JoinedRows rows, Scorer scorer) throws SQLException {
    return new ScoringSql(plan, rows, scorer);
  }

  /** What the model's function, and that of fingerprints, reads. */
  InputBlock.Layout layout() {
    return layout;
  }

  ModelFunction function() {
    return function;
  }

  /** Conversions of inputs that fail the statement. */
  List<Fallible> ofInputs() {
    return tolerant() ? List.of() : ofInputs;
  }

  /** Conversions of outputs that fail the statement. */
  List<Fallible> ofOutputs() {
    return tolerant() ? List.of() : ofOutputs;
  }

  /**
   * All rows with the columns of the prediction table.
   *
   * @param partitions names for the texts of partition values, which stand in the place of their
   *     columns
   */
  String select(Map<String, String> partitions) {
    List<String> columns = new ArrayList<>();
    for (OutputColumn output : plan.outputs()) {
      Column column = output.column();
      String value = output(output);
      if (plan.rows().onBadRow() == OnBadRow.NULL && isOfModel(output.value())) {
        value = "CASE WHEN " + GOOD + " THEN " + value + " END";
      } else if (columns.isEmpty() && !hasModelOutputs()) {
        // Nothing else would need the function, and nothing would be counted.
        value = "CASE WHEN " + SCORES + "." + ModelFunction.COUNTED + " THEN " + value + " END";
      }
      boolean mayFail = tolerant() && output.value() instanceof OutputValue.FromColumn;
      String cast = mayFail ? Sql.tryCast(value, column.type()) : Sql.cast(value, column.type());
      String partition = partitions.get(column.name());
      columns.add(
          partition == null
              ? cast + " AS " + Sql.name(column.name())
              : PartitionText.of(cast, column.type()) + " AS " + Sql.name(partition));
    }
    return "SELECT "
        + String.join(", ", columns)
        + " FROM ("
        + judged()
        + ")"
        + (plan.rows().onBadRow() == OnBadRow.SKIP ? " WHERE " + GOOD : "");
  }

  private boolean hasModelOutputs() {
    return plan.outputs().stream().anyMatch(o -> isOfModel(o.value()));
  }

  /** The scored rows, with a column that is true for good ones where there may be others. */
  private String judged() {
    if (!tolerant()) {
      return scored();
    }
    String bad = SCORES + "." + ModelFunction.BAD;
    String good =
        plan.quarantine().isEmpty()
            ? bad + " IS NULL"
            : Quarantine.sql("CASE WHEN " + bad + " IS NOT NULL THEN " + quarantined() + " END");
    return "SELECT *, " + good + " AS " + GOOD + " FROM (" + scored() + ")";
  }

  /** A bad row's values that are kept, as {@link Quarantine} takes them. */
  private String quarantined() {
    List<String> values = new ArrayList<>();
    for (OutputColumn output : plan.quarantine()) {
      values.add(Sql.cast(quarantined(output.value()), Primitive.STRING));
    }
    return Quarantine.line(values);
  }

  private String quarantined(OutputValue value) {
    if (value instanceof OutputValue.FromColumn from) {
      return rows.cell(from.name()).alias();
    }
    if (value instanceof OutputValue.BadReason) {
      return SCORES + "." + ModelFunction.BAD;
    }
    return value instanceof OutputValue.BadValues ? badValues() : "NULL";
  }

  /** The columns behind the inputs as JSON: what JSON cannot tell as a number is text. */
  private String badValues() {
    Map<String, Cell> columns = new LinkedHashMap<>();
    plan.inputs().forEach(i -> columns.put(i.column(), rows.cell(i.column())));
    List<String> members = new ArrayList<>();
    columns.forEach((name, cell) -> members.add(Sql.text(name) + ", " + json(cell)));
    return "json_object(" + String.join(", ", members) + ")";
  }

  private static String json(Cell cell) {
    String value = cell.alias();
    ColumnType type = cell.type();
    if (type == Primitive.FLOAT || type == Primitive.DOUBLE) {
      return "CASE WHEN isnan("
          + value
          + ") THEN to_json('NaN') WHEN isinf("
          + value
          + ") THEN to_json(CASE WHEN "
          + value
          + " > 0 THEN 'Infinity' ELSE '-Infinity' END) ELSE to_json("
          + Sql.cast(Sql.cast(value, Primitive.STRING), Primitive.DOUBLE)
          + ") END";
    }
    return type.isNumeric() || type == Primitive.BOOLEAN
        ? value
        : Sql.cast(value, Primitive.STRING);
  }

  /** The joined rows, with the model's scores. */
  String scored() {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(evidence.columns());
    evidence
        .moments()
        .forEach(
            matched ->
                matched
                    .moment()
                    .ifPresent(moment -> all.addAll(List.of(moment.used(), moment.asked()))));
    if (hasReasons()) {
      all.add(whyBad());
    }
    all.addAll(rows.tickColumns());
    List<String> kept = new ArrayList<>(rows.live());
    kept.addAll(evidence.columns());
    return "SELECT "
        + String.join(", ", kept)
        + ", "
        + MODEL
        + "("
        + String.join(", ", all)
        + ") AS "
        + SCORES
        + " FROM ("
        + evidence.select()
        + ")";
  }

  /** The look-ups in the order of the function's tallies. */
  EvidenceSql evidence() {
    return evidence;
  }

  /** True in SQL for joined rows that the model refuses. */
  String rejects() {
    return REJECTS + "(" + String.join(", ", arguments) + ")." + ModelFunction.COUNTED;
  }

  /** The value of a model input, in SQL over the joined rows. */
  String argumentOf(int input) {
    return arguments.get(input);
  }

  private String argument(InputBinding input) {
    Cell cell = rows.cell(input.column());
    String value = withDefault(cell, input.column());
    switch (input.conversion()) {
      case TEXT:
        return Sql.cast(value, Primitive.STRING);
      case NUMBER:
        if (cell.type() == Primitive.STRING) {
          ofInputs.add(
              new Fallible(
                  "input '" + input.input() + "' from " + cell.origin(),
                  cell.type(),
                  "number",
                  value,
                  value + " IS NOT NULL AND " + Sql.tryCast(value, Primitive.DOUBLE) + " IS NULL"));
        }
        return number(value, cell.type());
      case WHOLE_32:
        return whole(input, cell, value, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case WHOLE_64:
        return whole(input, cell, value, Long.MIN_VALUE, Long.MAX_VALUE);
      case NUMBER_OR_ZERO:
        return coerced(value, cell.type());
    }
    throw new AssertionError(input.conversion());
  }

  /** A number that must be whole and in a range; NULL and NaN stay missing. */
  private String whole(InputBinding input, Cell cell, String value, double least, double greatest) {
    boolean text = cell.type() == Primitive.STRING;
    String number = text ? Sql.tryCast(value, Primitive.DOUBLE) : number(value, cell.type());
    String fails =
        (text ? number + " IS NULL AND " + value + " IS NOT NULL OR " : "")
            + "NOT isnan("
            + number
            + ") AND (trunc("
            + number
            + ") <> "
            + number
            + " OR "
            + number
            + " < "
            + Sql.literal(least, Primitive.DOUBLE)
            + " OR "
            + number
            + " > "
            + Sql.literal(greatest, Primitive.DOUBLE)
            + ")";
    ofInputs.add(
        new Fallible(
            "input '" + input.input() + "' from " + cell.origin(),
            cell.type(),
            greatest == Integer.MAX_VALUE ? "integer of 32 bits" : "integer of 64 bits",
            value,
            value + " IS NOT NULL AND (" + fails + ")"));
    String otherwise = tolerant() ? "NULL" : "error('no whole number')";
    return "CASE WHEN " + fails + " THEN " + otherwise + " ELSE " + number + " END";
  }

  private String coerced(String value, ColumnType type) {
    if (type == Primitive.STRING) {
      return Sql.tryCast(value, Primitive.DOUBLE);
    }
    return type.isNumeric() || type == Primitive.BOOLEAN
        ? number(value, type)
        : Sql.literal(0, Primitive.DOUBLE);
  }

  /** The nearest double; of text that is no number NULL where such rows may be, else a failure. */
  private String number(String value, ColumnType type) {
    if (type == Primitive.STRING && tolerant()) {
      return Sql.tryCast(value, Primitive.DOUBLE);
    }
    String plain = Sql.cast(value, Primitive.DOUBLE);
    if (!(type instanceof Decimal decimal) || decimal.precision() <= EXACT_DIGITS) {
      return plain;
    }
    // DuckDB divides the unscaled number, already rounded, by a power of ten: up to 2^53 that is
    // the nearest double, above it need not be. Text is read right always, but slowly.
    String exact = Sql.cast(Sql.cast(value, Primitive.STRING), Primitive.DOUBLE);
    if (decimal.precision() - decimal.scale() == 0) {
      return exact;
    }
    String limit = "1" + "0".repeat(Math.max(0, EXACT_DIGITS - decimal.scale()));
    return decimal.scale() >= EXACT_DIGITS
        ? exact
        : "CASE WHEN abs(" + value + ") < " + limit + " THEN " + plain + " ELSE " + exact + " END";
  }

  private String withDefault(Cell cell, String column) {
    return plan.inputs().stream()
        .filter(i -> i.defaultValue() != null && rows.cell(i.column()).equals(cell))
        .findFirst()
        .map(
            i ->
                Defaults.apply(cell.alias(), column, cell.type(), String.valueOf(i.defaultValue())))
        .orElse(cell.alias());
  }

  private String output(OutputColumn output) {
    OutputValue value = output.value();
    ColumnType type = output.column().type();
    if (value instanceof OutputValue.FromColumn from) {
      copied(output).ifPresent(ofOutputs::add);
      return withDefault(rows.cell(from.name()), from.name());
    }
    if (value instanceof OutputValue.Constant constant) {
      return Sql.literal(constant.value(), type);
    }
    if (value instanceof OutputValue.Fingerprint) {
      return SCORES + "." + ModelFunction.FINGERPRINT;
    }
    if (value instanceof OutputValue.Evidence) {
      return evidence.columns().isEmpty() ? "0" : evidence.columns().get(0);
    }
    if (value instanceof OutputValue.Score score) {
      return score(output, score.index());
    }
    if (value instanceof OutputValue.ScoreBelow below) {
      return flag(score(below.index()), "<", below.threshold());
    }
    if (value instanceof OutputValue.ScoreAbove above) {
      return flag(score(above.index()), ">", above.threshold());
    }
    if (value instanceof OutputValue.Label label) {
      return labels(label.labels()) + "[" + place(label.index()) + "]";
    }
    if (value instanceof OutputValue.Text text) {
      return score(text.index());
    }
    if (value instanceof OutputValue.ProbabilityOfLabel of) {
      return list(of.probabilityIndices()) + "[" + place(of.labelIndex()) + "]";
    }
    if (value instanceof OutputValue.ProbabilityMap map) {
      List<String> names = new ArrayList<>();
      for (int i = 0; i < map.labels().size(); i++) {
        names.add(map.labels().text(i));
      }
      return "MAP(" + Sql.texts(names) + ", " + list(map.probabilityIndices()) + ")";
    }
    return list(((OutputValue.ScoreArray) value).indices());
  }

  /** The conversion of a column that is written in another type. */
  private Optional<Fallible> copied(OutputColumn output) {
    if (!(output.value() instanceof OutputValue.FromColumn from)) {
      return Optional.empty();
    }
    Cell cell = rows.cell(from.name());
    ColumnType type = output.column().type();
    String column = withDefault(cell, from.name());
    return cell.type().equals(type)
        ? Optional.empty()
        : Optional.of(
            fallible(
                output,
                cell.type(),
                column,
                column + " IS NOT NULL AND " + Sql.tryCast(column, type) + " IS NULL"));
  }

  private String score(OutputColumn output, int index) {
    String score = score(index);
    ColumnType type = output.column().type();
    if (tolerant()) {
      // What does not fit is judged by the model's function. Nothing here may fail: DuckDB
      // converts scores of rows, too, that it leaves out afterwards.
      return type == Primitive.DOUBLE ? score : Sql.tryCast(score, type);
    }
    if (type.isInteger()) {
      ofOutputs.add(
          fallible(
              output,
              Primitive.DOUBLE,
              score,
              "NOT isnan("
                  + score
                  + ") AND (trunc("
                  + score
                  + ") <> "
                  + score
                  + " OR "
                  + Sql.tryCast(score, type)
                  + " IS NULL)"));
      return "CASE WHEN isnan("
          + score
          + ") THEN NULL WHEN trunc("
          + score
          + ") = "
          + score
          + " THEN "
          + Sql.cast(score, type)
          + " ELSE error('score ' || "
          + score
          + " || ' is no whole number') END";
    }
    if (!type.equals(Primitive.DOUBLE)) {
      ofOutputs.add(
          fallible(output, Primitive.DOUBLE, score, Sql.tryCast(score, type) + " IS NULL"));
    }
    return score;
  }

  private static Fallible fallible(
      OutputColumn output, ColumnType from, String value, String fails) {
    return new Fallible(
        "output column '" + output.column().name() + "'",
        from,
        output.column().type().sparkName(),
        value,
        fails);
  }

  private static String score(int index) {
    return SCORES + "." + ModelFunction.field(index);
  }

  /** NaN is above every number to DuckDB, but no answer to us. */
  private static String flag(String score, String comparison, double threshold) {
    return "CASE WHEN isnan("
        + score
        + ") THEN NULL WHEN "
        + score
        + " "
        + comparison
        + " "
        + Sql.literal(threshold, Primitive.DOUBLE)
        + " THEN 1 ELSE 0 END";
  }

  /** The place of a label index in a list; 0, where lists have nothing, for no label. */
  private static String place(int index) {
    String score = score(index);
    return "CASE WHEN isnan(" + score + ") THEN 0 ELSE CAST(" + score + " AS INTEGER) + 1 END";
  }

  private static String labels(Labels labels) {
    return labels.values().stream()
        .map(value -> Sql.literal(value, labels.type()))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static String list(List<Integer> indices) {
    return indices.stream().map(ScoringSql::score).collect(Collectors.joining(", ", "[", "]"));
  }
}
