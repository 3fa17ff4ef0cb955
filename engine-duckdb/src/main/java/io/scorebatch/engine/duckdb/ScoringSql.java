package io.scorebatch.engine.duckdb;

import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.plan.InputBinding;
import io.scorebatch.api.plan.InputBinding.Conversion;
import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.engine.duckdb.JoinedRows.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

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
  private final List<Fallible> ofInputs = new ArrayList<>();
  private final List<Fallible> ofOutputs = new ArrayList<>();
  private final List<String> arguments = new ArrayList<>();

  private ScoringSql(ScoringPlan plan, JoinedRows rows, Scorer scorer) {
    this.plan = plan;
    this.rows = rows;
    this.evidence = new EvidenceSql(plan, rows);
    boolean scores =
        plan.outputs().stream()
            .anyMatch(
                o ->
                    !(o.value() instanceof OutputValue.FromColumn
                        || o.value() instanceof OutputValue.Evidence
                        || o.value() instanceof OutputValue.Constant));
    Tallies tallies = new Tallies(evidence.lookups().size(), evidence.moments().size());
    boolean ticking = rows.tick().isPresent();
    if (scores) {
      plan.inputs().forEach(input -> arguments.add(argument(input)));
      List<Conversion> conversions = plan.inputs().stream().map(InputBinding::conversion).toList();
      function = ModelFunction.of(scorer, conversions, tallies, ticking);
    } else {
      function = ModelFunction.counting(tallies, ticking);
    }
  }

  static ScoringSql of(ScoringPlan plan, JoinedRows rows, Scorer scorer) {
    return new ScoringSql(plan, rows, scorer);
  }

  ModelFunction function() {
    return function;
  }

  List<Fallible> ofInputs() {
    return ofInputs;
  }

  List<Fallible> ofOutputs() {
    return ofOutputs;
  }

  /** All rows with the columns of the prediction table. */
  String select() {
    List<String> columns = new ArrayList<>();
    for (OutputColumn output : plan.outputs()) {
      String value = output(output);
      if (columns.isEmpty() && function.results().get(0).name().equals(ModelFunction.COUNTED)) {
        // Without scores nothing else would need the function, and nothing would be counted.
        value = "CASE WHEN " + SCORES + "." + ModelFunction.COUNTED + " THEN " + value + " END";
      }
      columns.add(
          Sql.cast(value, output.column().type()) + " AS " + Sql.name(output.column().name()));
    }
    return "SELECT " + String.join(", ", columns) + " FROM (" + scored() + ")";
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
    rows.tick().ifPresent(all::add);
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
    String number = number(value, cell.type());
    String fails =
        "NOT isnan("
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
            value + " IS NOT NULL AND " + fails));
    return "CASE WHEN " + fails + " THEN error('no whole number') ELSE " + number + " END";
  }

  private static String coerced(String value, ColumnType type) {
    if (type == Primitive.STRING) {
      return Sql.tryCast(value, Primitive.DOUBLE);
    }
    return type.isNumeric() || type == Primitive.BOOLEAN
        ? number(value, type)
        : Sql.literal(0, Primitive.DOUBLE);
  }

  /** The nearest double. */
  private static String number(String value, ColumnType type) {
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
      Cell cell = rows.cell(from.name());
      String column = withDefault(cell, from.name());
      if (!cell.type().equals(type)) {
        ofOutputs.add(
            fallible(
                output,
                cell.type(),
                column,
                column + " IS NOT NULL AND " + Sql.tryCast(column, type) + " IS NULL"));
      }
      return column;
    }
    if (value instanceof OutputValue.Constant constant) {
      return Sql.literal(constant.value(), type);
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

  private String score(OutputColumn output, int index) {
    String score = score(index);
    ColumnType type = output.column().type();
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
