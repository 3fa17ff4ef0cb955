package io.scorebatch.kernel;

import io.scorebatch.api.model.RejectedValueException.Reason;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.api.model.Transform.Check;
import io.scorebatch.api.model.Transform.MissingIndicator;
import io.scorebatch.api.model.Transform.Select;
import io.scorebatch.api.model.Transform.ValueToNan;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Steps that choose, join, check and mark columns. */
final class ColumnSteps {
  private ColumnSteps() {}

  /** A step that works out each numeric column from itself; text passes. */
  interface ByColumn {
    double[] apply(double[] x, int column, int rows);
  }

  /** Numbers stay what they are (for error messages): the origins of columns are kept. */
  static Step byColumn(Columns in, boolean keepsOrigin, ByColumn function) {
    Columns out = keepsOrigin ? in : new Columns(in.text(), Columns.computed(in.count()).origin());
    return new Step() {
      @Override
      public Columns out() {
        return out;
      }

      @Override
      public Frame apply(Frame frame) {
        double[][] columns = new double[frame.columns()][];
        @Nullable String[][] texts = new String[frame.columns()][];
        for (int c = 0; c < columns.length; c++) {
          if (in.text()[c]) {
            texts[c] = frame.texts(c);
          } else {
            columns[c] = function.apply(frame.numbers(c), c, frame.rows);
          }
        }
        return frame.with(columns, texts);
      }
    };
  }

  static Step check(Check check, Columns in) {
    Accept accept = check.accept();
    boolean nan = accept != Accept.FINITE && accept != Accept.FINITE_FLOAT;
    boolean single = accept == Accept.FINITE_FLOAT || accept == Accept.FINITE_FLOAT_OR_NAN;
    boolean negative = accept != Accept.NOT_NEGATIVE;
    return new Step() {
      @Override
      public Columns out() {
        return in;
      }

      @Override
      public Frame apply(Frame frame) {
        for (int c = 0; c < in.count(); c++) {
          if (!in.text()[c]) {
            int row = firstRefused(frame.numbers(c), frame.rows);
            if (row >= 0) {
              double x = frame.numbers(c)[row];
              throw frame.reject(row, in.origin()[c], reason(x), String.valueOf(x));
            }
          }
        }
        return frame;
      }

      private int firstRefused(double[] x, int rows) {
        for (int r = 0; r < rows; r++) {
          if (refused(x[r])) {
            return r;
          }
        }
        return -1;
      }

      private boolean refused(double x) {
        if (Double.isNaN(x)) {
          return !nan;
        }
        if (!negative) {
          return x < 0;
        }
        return single ? Float.isInfinite((float) x) : Double.isInfinite(x);
      }

      private Reason reason(double x) {
        if (Double.isNaN(x)) {
          return Reason.NAN;
        }
        if (!negative) {
          return Reason.OUT_OF_RANGE;
        }
        return Double.isInfinite(x) ? Reason.INFINITE : Reason.TOO_LARGE_FOR_FLOAT32;
      }
    };
  }

  static Step valueToNan(ValueToNan transform, Columns in) {
    float value = (float) transform.value();
    return byColumn(
        in,
        true,
        (x, column, rows) -> {
          double[] y = new double[rows];
          for (int r = 0; r < rows; r++) {
            y[r] = (float) x[r] == value ? Double.NaN : x[r];
          }
          return y;
        });
  }

  static Step select(Select select, Columns in) {
    int[] columns = select.columns();
    boolean[] text = new boolean[columns.length];
    int[] origin = new int[columns.length];
    for (int i = 0; i < columns.length; i++) {
      if (columns[i] < 0 || columns[i] >= in.count()) {
        throw KernelErrors.columnOutside("A selection", columns[i], in.count());
      }
      text[i] = in.text()[columns[i]];
      origin[i] = in.origin()[columns[i]];
    }
    Columns out = new Columns(text, origin);
    return new Step() {
      @Override
      public Columns out() {
        return out;
      }

      @Override
      public Frame apply(Frame frame) {
        double[] @Nullable [] numbers = new double[columns.length][];
        @Nullable String[] @Nullable [] texts = new String[columns.length][];
        for (int i = 0; i < columns.length; i++) {
          numbers[i] = frame.numbersOrNull(columns[i]);
          texts[i] = frame.textsOrNull(columns[i]);
        }
        return frame.with(numbers, texts);
      }
    };
  }

  static Step union(List<List<Step>> branches, Columns in) {
    int count = 0;
    for (List<Step> branch : branches) {
      count += outOf(branch, in).count();
    }
    boolean[] text = new boolean[count];
    int[] origin = new int[count];
    int at = 0;
    for (List<Step> branch : branches) {
      Columns out = outOf(branch, in);
      System.arraycopy(out.text(), 0, text, at, out.count());
      System.arraycopy(out.origin(), 0, origin, at, out.count());
      at += out.count();
    }
    Columns out = new Columns(text, origin);
    return new Step() {
      @Override
      public Columns out() {
        return out;
      }

      @Override
      public Frame apply(Frame frame) {
        double[] @Nullable [] numbers = new double[out.count()][];
        @Nullable String[] @Nullable [] texts = new String[out.count()][];
        int at = 0;
        for (List<Step> branch : branches) {
          Frame values = frame;
          for (Step step : branch) {
            values = step.apply(values);
          }
          for (int c = 0; c < values.columns(); c++, at++) {
            numbers[at] = values.numbersOrNull(c);
            texts[at] = values.textsOrNull(c);
          }
        }
        return frame.with(numbers, texts);
      }
    };
  }

  private static Columns outOf(List<Step> steps, Columns in) {
    return steps.isEmpty() ? in : steps.get(steps.size() - 1).out();
  }

  static Step missingIndicator(MissingIndicator indicator, Columns in) {
    int[] columns = indicator.columns();
    for (int column : columns) {
      if (column < 0 || column >= in.count()) {
        throw KernelErrors.columnOutside("A missing indicator", column, in.count());
      }
    }
    Columns out = Columns.computed(columns.length);
    return new Step() {
      @Override
      public Columns out() {
        return out;
      }

      @Override
      public Frame apply(Frame frame) {
        double[][] marks = new double[columns.length][frame.rows];
        for (int i = 0; i < columns.length; i++) {
          boolean text = in.text()[columns[i]];
          for (int r = 0; r < frame.rows; r++) {
            boolean missing =
                text
                    ? frame.texts(columns[i])[r] == null
                    : isMissing(frame.numbers(columns[i])[r], indicator.missing());
            marks[i][r] = missing ? 1 : 0;
          }
        }
        return frame.with(marks);
      }
    };
  }

  static boolean isMissing(double x, double missing) {
    return x == missing || (Double.isNaN(x) && Double.isNaN(missing));
  }
}
