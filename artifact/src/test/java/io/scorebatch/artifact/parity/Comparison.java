package io.scorebatch.artifact.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Our answers beside Python's, for one kind of output of one model file.
 *
 * @param kind the kind of output
 * @param rows rows compared
 * @param cells cells compared
 * @param exact cells that are equal bit for bit; labels that are equal
 * @param required whether all cells must be equal
 * @param tolerance what a difference may be, relative to the greatest of 1, Python's value and the
 *     row's scale
 * @param greatest the greatest such difference found
 * @param worst where it is, for messages
 */
record Comparison(
    String kind,
    int rows,
    int cells,
    int exact,
    boolean required,
    double tolerance,
    double greatest,
    String worst) {

  boolean passes() {
    return required ? exact == cells : greatest <= tolerance;
  }

  /** Scores all rows and compares. */
  static Comparison of(
      FixtureCase fixture,
      String kind,
      JsonNode expected,
      boolean required,
      Scorer scorer,
      ColumnBlock input,
      double tolerance) {
    Output output = new Output(input.rows(), scorer.outputs().size());
    scorer.score(input, output);
    String file = expected.get("file").textValue();
    boolean text = file.endsWith(".json");
    List<@Nullable String> labels = text ? fixture.labels(file) : List.of();
    double[] numbers = text ? new double[0] : fixture.numbers(file);
    int width = expected.get("width").intValue();
    if (scorer.outputs().size() != width) {
      throw new AssertionError(
          kind + " has " + scorer.outputs().size() + " columns, Python has " + width);
    }
    int exact = 0;
    double greatest = 0;
    String worst = "";
    for (int row = 0; row < input.rows(); row++) {
      double scale = text ? 1 : scale(input, row);
      for (int c = 0; c < width; c++) {
        int cell = row * width + c;
        ScoreColumn column = scorer.outputs().get(c);
        Object ours = answer(column, output, c, row);
        Object theirs = text ? String.valueOf(labels.get(cell)) : (Object) numbers[cell];
        double difference = difference(ours, theirs, scale);
        if (difference == 0) {
          exact++;
        } else if (difference > greatest || Double.isNaN(difference)) {
          greatest = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
          worst = "row " + row + ", column " + c + ": " + ours + ", Python " + theirs;
        }
      }
    }
    return new Comparison(
        kind, input.rows(), input.rows() * width, exact, required, tolerance, greatest, worst);
  }

  /** The greatest finite number of a row: sums of huge numbers that cancel are as uncertain. */
  private static double scale(ColumnBlock input, int row) {
    double scale = 1;
    for (int c = 0; c < input.columns(); c++) {
      double[] numbers = input.numbers(c);
      if (numbers != null && Double.isFinite(numbers[row])) {
        scale = Math.max(scale, Math.abs(numbers[row]));
      }
    }
    return scale;
  }

  private static Object answer(ScoreColumn column, Output output, int c, int row) {
    switch (column.type()) {
      case LABEL_INDEX:
        return column.labels().orElseThrow().values().get((int) output.numbers(c)[row]);
      case TEXT:
        return String.valueOf(output.texts(c)[row]);
      default:
        return output.numbers(c)[row];
    }
  }

  private static double difference(Object ours, Object theirs, double scale) {
    if (theirs instanceof String text && !(ours instanceof Double)) {
      return ours.toString().equals(text) ? 0 : Double.POSITIVE_INFINITY;
    }
    double b = theirs instanceof String text ? number(text) : (double) theirs;
    double a =
        ours instanceof Boolean flag
            ? (flag ? 1 : 0)
            : ours instanceof Number number ? number.doubleValue() : Double.NaN;
    boolean same = Double.doubleToLongBits(a) == Double.doubleToLongBits(b);
    if (same) {
      return 0;
    }
    double difference = Math.abs(a - b) / Math.max(scale, Math.abs(b));
    // -0.0 and 0.0 differ in a bit, and by nothing.
    return difference == 0 ? Double.MIN_VALUE : difference;
  }

  /** A number out of a frame of objects, as Python prints it. */
  private static double number(String text) {
    switch (text) {
      case "True":
        return 1;
      case "False":
        return 0;
      case "nan":
        return Double.NaN;
      default:
        return Double.parseDouble(text);
    }
  }

  /** Where the scorer writes. */
  private static final class Output implements ScoreBlock {
    private final List<double[]> numbers = new ArrayList<>();
    private final List<@Nullable String[]> texts = new ArrayList<>();

    Output(int rows, int columns) {
      for (int c = 0; c < columns; c++) {
        numbers.add(new double[rows]);
        texts.add(new String[rows]);
      }
    }

    @Override
    public double[] numbers(int column) {
      return numbers.get(column);
    }

    @Override
    public @Nullable String[] texts(int column) {
      return texts.get(column);
    }
  }
}
