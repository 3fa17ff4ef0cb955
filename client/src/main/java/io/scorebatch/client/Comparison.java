package io.scorebatch.client;

import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Our answers to one kind of output beside the recorded ones, counted cell by cell. */
final class Comparison {
  private final Tolerance tolerance;
  private int cells;
  private int exact;
  private int mismatchingLabels;
  private double maxAbsolute;
  private long maxUlps;
  private double greatest;
  private double worstShare = -1;
  private String worst = "";

  private Comparison(Tolerance tolerance) {
    this.tolerance = tolerance;
  }

  /**
   * Scores rows and compares.
   *
   * @param recorded a list a column of the scorer, a value a row
   */
  static Certificate.Compared of(
      OutputKind kind,
      Scorer scorer,
      Recording rows,
      List<List<@Nullable Object>> recorded,
      Tolerance tolerance) {
    ColumnBlock inputs = rows.inputs(scorer.inputs());
    Output output = new Output(inputs.rows(), scorer.outputs().size());
    try {
      scorer.score(inputs, output);
    } catch (RejectedValueException e) {
      throw RecordingErrors.rejected(rows.source(), scorer.inputs(), e);
    }
    Comparison comparison = new Comparison(tolerance);
    for (int c = 0; c < recorded.size(); c++) {
      ScoreColumn column = scorer.outputs().get(c);
      double ofColumn = tolerance.ofColumn() ? greatest(recorded.get(c)) : 0;
      for (int row = 0; row < inputs.rows(); row++) {
        Object theirs = recorded.get(c).get(row);
        double scale =
            tolerance.ofColumn() ? ofColumn : Math.max(greatest(inputs, row), size(theirs));
        comparison.add(
            answer(column, output, c, row), theirs, scale, "row " + row + ", " + column.name());
      }
    }
    return comparison.result(kind);
  }

  private void add(@Nullable Object ours, @Nullable Object theirs, double scale, String where) {
    cells++;
    if (!(ours instanceof Double number)) {
      boolean same = same(ours, theirs);
      exact += same ? 1 : 0;
      mismatchingLabels += same ? 0 : 1;
      note(same ? -1 : Double.POSITIVE_INFINITY, ours, theirs, where);
      return;
    }
    double other =
        theirs == null ? Double.NaN : Recording.number(theirs).orElse(Double.NEGATIVE_INFINITY);
    if (Double.doubleToLongBits(number) == Double.doubleToLongBits(other)) {
      exact++;
      return;
    }
    double difference = Math.abs(number - other);
    if (Double.isNaN(difference)) {
      difference = Double.POSITIVE_INFINITY;
    }
    double share = difference / scale;
    maxAbsolute = Math.max(maxAbsolute, difference);
    maxUlps = Math.max(maxUlps, ulps(number, other));
    greatest = Math.max(greatest, share);
    note(share, ours, theirs, where);
  }

  private void note(double share, @Nullable Object ours, @Nullable Object theirs, String where) {
    if (share > worstShare) {
      worstShare = share;
      worst = where + ": " + ours + ", Python " + theirs;
    }
  }

  /** Labels are numbers, flags or texts; a recording may hold a number as 1 or 1.0. */
  private static boolean same(@Nullable Object ours, @Nullable Object theirs) {
    if (ours == null || theirs == null) {
      return ours == theirs;
    }
    if (ours instanceof Number number) {
      return Recording.number(theirs).filter(other -> other == number.doubleValue()).isPresent();
    }
    return ours.toString().equalsIgnoreCase(theirs.toString())
        ? ours instanceof Boolean || ours.toString().equals(theirs.toString())
        : ours instanceof Boolean flag
            && Recording.number(theirs).filter(other -> other == (flag ? 1 : 0)).isPresent();
  }

  /** Doubles between two numbers; the largest long where one is no number. */
  private static long ulps(double a, double b) {
    if (Double.isNaN(a) || Double.isNaN(b)) {
      return Long.MAX_VALUE;
    }
    long difference = ordinal(a) - ordinal(b);
    boolean tooFar = (ordinal(a) < 0) != (ordinal(b) < 0) && difference < 0 == ordinal(a) > 0;
    return tooFar || difference == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(difference);
  }

  /** Consecutive for consecutive doubles, -0.0 just below 0.0. */
  private static long ordinal(double value) {
    long bits = Double.doubleToRawLongBits(value);
    return bits < 0 ? Long.MIN_VALUE - bits - 1 : bits;
  }

  private Certificate.Compared result(OutputKind kind) {
    return new Certificate.Compared(
        kind.configName(),
        cells,
        exact,
        mismatchingLabels,
        maxAbsolute,
        maxUlps,
        greatest,
        tolerance.share(),
        worst);
  }

  private static @Nullable Object answer(ScoreColumn column, Output output, int c, int row) {
    return switch (column.type()) {
      case NUMBER -> (Object) output.numbers(c)[row];
      case TEXT -> output.texts(c)[row];
      case LABEL_INDEX -> {
        int index = (int) output.numbers(c)[row];
        yield index < 0 ? null : column.labels().orElseThrow().values().get(index);
      }
    };
  }

  private static double size(@Nullable Object value) {
    double size = value == null ? 1 : Math.abs(Recording.number(value).orElse(1.0));
    return Double.isFinite(size) ? Math.max(1, size) : 1;
  }

  private static double greatest(List<@Nullable Object> values) {
    return values.stream().mapToDouble(Comparison::size).max().orElse(1);
  }

  /** Sums of huge numbers that cancel are as uncertain as these. */
  private static double greatest(ColumnBlock inputs, int row) {
    double greatest = 1;
    for (int c = 0; c < inputs.columns(); c++) {
      double[] numbers = inputs.numbers(c);
      if (numbers != null && Double.isFinite(numbers[row])) {
        greatest = Math.max(greatest, Math.abs(numbers[row]));
      }
    }
    return greatest;
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
