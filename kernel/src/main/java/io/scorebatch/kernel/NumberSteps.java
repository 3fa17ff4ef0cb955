package io.scorebatch.kernel;

import io.scorebatch.api.model.Transform.Bins;
import io.scorebatch.api.model.Transform.Function;
import io.scorebatch.api.model.Transform.Impute;
import io.scorebatch.api.model.Transform.Normalize;
import io.scorebatch.api.model.Transform.Polynomial;
import io.scorebatch.api.model.Transform.Power;
import io.scorebatch.api.model.Transform.Project;
import io.scorebatch.api.model.Transform.Quantile;
import io.scorebatch.api.model.Transform.ScaleShift;
import io.scorebatch.api.model.Transform.Standardize;
import io.scorebatch.api.model.Transform.Tfidf;
import java.util.function.DoubleUnaryOperator;

/** Steps that compute numbers from numbers. */
final class NumberSteps {
  /** scikit-learn's {@code BOUNDS_THRESHOLD} of quantiles. */
  private static final double BOUNDS = 1e-7;

  /** The normal quantile of {@code 1e-7 - spacing(1)}. */
  private static final double LEAST_NORMAL = -5.199337582605575;

  /** The normal quantile of {@code 1 - (1e-7 - spacing(1))}. */
  private static final double GREATEST_NORMAL = 5.19933758270342;

  private static final double EPSILON = Math.ulp(1.0);

  private NumberSteps() {}

  static Step each(Columns in, DoubleUnaryOperator function) {
    return ColumnSteps.byColumn(
        in,
        false,
        (x, column, rows) -> {
          double[] y = new double[rows];
          for (int r = 0; r < rows; r++) {
            y[r] = function.applyAsDouble(x[r]);
          }
          return y;
        });
  }

  static Step impute(Impute impute, Columns in) {
    return ColumnSteps.byColumn(
        in,
        true,
        (x, column, rows) -> {
          double[] y = new double[rows];
          for (int r = 0; r < rows; r++) {
            y[r] = ColumnSteps.isMissing(x[r], impute.missing()) ? impute.fill()[column] : x[r];
          }
          return y;
        });
  }

  static Step standardize(Standardize transform, Columns in) {
    boolean centres = transform.centre().length > 0;
    boolean scales = transform.scale().length > 0;
    return ColumnSteps.byColumn(
        in,
        false,
        (x, column, rows) -> {
          double[] y = new double[rows];
          for (int r = 0; r < rows; r++) {
            double value = centres ? x[r] - transform.centre()[column] : x[r];
            y[r] = scales ? value / transform.scale()[column] : value;
          }
          return y;
        });
  }

  static Step scaleShift(ScaleShift transform, Columns in) {
    boolean scales = transform.scale().length > 0;
    boolean shifts = transform.shift().length > 0;
    return ColumnSteps.byColumn(
        in,
        false,
        (x, column, rows) -> {
          double[] y = new double[rows];
          for (int r = 0; r < rows; r++) {
            double value = scales ? x[r] * transform.scale()[column] : x[r];
            value = shifts ? value + transform.shift()[column] : value;
            y[r] = Math.min(Math.max(value, transform.low()), transform.high());
          }
          return y;
        });
  }

  static Step normalize(Normalize transform, Columns in) {
    double leastNorm = transform.sparse() ? Double.MIN_VALUE : 10 * EPSILON;
    return onRows(
        in,
        (row, out) -> {
          double norm = norm(transform, row, out);
          double divisor = norm < leastNorm ? 1 : norm;
          for (int k = 0; k < row.length; k++) {
            out[k] = row[k] / divisor;
          }
        },
        in.count());
  }

  /** {@code work} is working memory. */
  private static double norm(Normalize transform, double[] row, double[] work) {
    double norm = 0;
    switch (transform.norm()) {
      case L1 -> {
        for (int k = 0; k < row.length; k++) {
          work[k] = Math.abs(row[k]);
        }
        return transform.sparse() ? Links.plainSum(work) : Links.pairwiseSum(work, 0, work.length);
      }
      case L2 -> {
        for (double x : row) {
          norm += x * x;
        }
        return Math.sqrt(norm);
      }
      case MAX -> {
        for (double x : row) {
          norm = Math.max(norm, Math.abs(x));
        }
        return norm;
      }
    }
    throw new IllegalStateException("unknown norm " + transform.norm());
  }

  static Step polynomial(Polynomial transform, Columns in) {
    int[][] products = transform.products();
    return onRows(
        in,
        (row, out) -> {
          for (int k = 0; k < products.length; k++) {
            int last = products[k].length - 1;
            double product = last < 0 ? 1 : row[products[k][last]];
            for (int j = last - 1; j >= 0; j--) {
              product = row[products[k][j]] * product;
            }
            out[k] = product;
          }
        },
        products.length);
  }

  static Step project(Project transform, Columns in) {
    int inputs = transform.inputs();
    int outputs = transform.components().length / inputs;
    boolean centres = transform.mean().length > 0;
    boolean scales = transform.scale().length > 0;
    return onRows(
        in,
        (row, out) -> {
          for (int k = 0; k < outputs; k++) {
            double sum = 0;
            for (int j = 0; j < inputs; j++) {
              double x = centres ? row[j] - transform.mean()[j] : row[j];
              sum = Math.fma(x, transform.components()[k * inputs + j], sum);
            }
            out[k] = scales ? sum / transform.scale()[k] : sum;
          }
        },
        outputs);
  }

  /** Works out a row of numbers from a row of numbers. */
  private interface ByRow {
    void apply(double[] row, double[] out);
  }

  private static Step onRows(Columns in, ByRow function, int width) {
    Columns out = Columns.computed(width);
    return new Step() {
      @Override
      public Columns out() {
        return out;
      }

      @Override
      public Frame apply(Frame frame) {
        double[][] columns = new double[in.count()][];
        for (int c = 0; c < columns.length; c++) {
          columns[c] = frame.numbers(c);
        }
        double[][] results = new double[width][frame.rows];
        double[] row = new double[columns.length];
        double[] result = new double[width];
        for (int r = 0; r < frame.rows; r++) {
          Links.gather(columns, r, row);
          function.apply(row, result);
          for (int k = 0; k < width; k++) {
            results[k][r] = result[k];
          }
        }
        return frame.with(results);
      }
    };
  }

  static Step power(Power transform, Columns in) {
    return ColumnSteps.byColumn(
        in,
        false,
        (x, column, rows) -> {
          double lambda = transform.lambdas()[column];
          double[] y = new double[rows];
          for (int r = 0; r < rows; r++) {
            y[r] = transform.boxCox() ? boxCox(x[r], lambda) : yeoJohnson(x[r], lambda);
          }
          return y;
        });
  }

  private static double boxCox(double x, double lambda) {
    return lambda == 0 ? StrictMath.log(x) : StrictMath.expm1(lambda * StrictMath.log(x)) / lambda;
  }

  private static double yeoJohnson(double x, double lambda) {
    if (x >= 0) {
      return Math.abs(lambda) < EPSILON
          ? StrictMath.log1p(x)
          : (StrictMath.pow(x + 1, lambda) - 1) / lambda;
    }
    return Math.abs(lambda - 2) > EPSILON
        ? -(StrictMath.pow(-x + 1, 2 - lambda) - 1) / (2 - lambda)
        : -StrictMath.log1p(-x);
  }

  static Step quantile(Quantile transform, Columns in) {
    int count = transform.references().length;
    double[] references = transform.references();
    double[] backReferences = mirrored(references);
    double[][] backQuantiles = new double[transform.quantiles().length][];
    for (int c = 0; c < backQuantiles.length; c++) {
      backQuantiles[c] = mirrored(transform.quantiles()[c]);
    }
    return ColumnSteps.byColumn(
        in,
        false,
        (x, column, rows) -> {
          double[] q = transform.quantiles()[column];
          double[] y = new double[rows];
          for (int r = 0; r < rows; r++) {
            double up = Interpolation.at(x[r], q, references);
            double down = Interpolation.at(-x[r], backQuantiles[column], backReferences);
            double share = 0.5 * (up - down);
            if (transform.normal()) {
              share = x[r] + BOUNDS > q[count - 1] ? 1 : share;
              share = x[r] - BOUNDS < q[0] ? 0 : share;
              double normal = NormalQuantile.of(share);
              y[r] = Math.min(Math.max(normal, LEAST_NORMAL), GREATEST_NORMAL);
            } else {
              share = x[r] == q[count - 1] ? 1 : share;
              y[r] = x[r] == q[0] ? 0 : share;
            }
          }
          return y;
        });
  }

  private static double[] mirrored(double[] values) {
    double[] mirrored = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      mirrored[i] = -values[values.length - 1 - i];
    }
    return mirrored;
  }

  static Step bins(Bins transform, Columns in) {
    double[][] edges = transform.edges();
    if (!transform.oneHot()) {
      return ColumnSteps.byColumn(
          in,
          false,
          (x, column, rows) -> {
            double[] y = new double[rows];
            for (int r = 0; r < rows; r++) {
              y[r] = bin(edges[column], x[r], transform.tolerance());
            }
            return y;
          });
    }
    int width = 0;
    for (double[] column : edges) {
      width += column.length - 1;
    }
    return onRows(
        in,
        (row, out) -> {
          java.util.Arrays.fill(out, 0);
          int start = 0;
          for (int c = 0; c < row.length; c++) {
            out[start + bin(edges[c], row[c], transform.tolerance())] = 1;
            start += edges[c].length - 1;
          }
        },
        width);
  }

  private static int bin(double[] edges, double x, boolean tolerance) {
    double value = tolerance ? x + (1e-8 + 1e-5 * Math.abs(x)) : x;
    int bin = 0;
    while (bin < edges.length - 2 && edges[bin + 1] <= value) {
      bin++;
    }
    return bin;
  }

  static Step tfidf(Tfidf transform, Columns in) {
    boolean weights = transform.idf().length > 0;
    return ColumnSteps.byColumn(
        in,
        false,
        (x, column, rows) -> {
          double[] y = new double[rows];
          for (int r = 0; r < rows; r++) {
            // Also -0.0: a sparse matrix keeps no zeros.
            double value = x[r] == 0 ? 0 : x[r];
            if (transform.sublinear() && value != 0) {
              value = StrictMath.log(value) + 1;
            }
            y[r] = weights ? value * transform.idf()[column] : value;
          }
          return y;
        });
  }

  static DoubleUnaryOperator function(Function function) {
    return switch (function) {
      case IDENTITY -> x -> x;
      case ABS -> Math::abs;
      case SQRT -> Math::sqrt;
      case SQUARE -> x -> x * x;
      case LOG -> StrictMath::log;
      case LOG1P -> StrictMath::log1p;
      case LOG2 -> x -> StrictMath.log(x) / StrictMath.log(2);
      case LOG10 -> StrictMath::log10;
      case EXP -> Glibc::exp;
      case EXPM1 -> StrictMath::expm1;
      case RECIPROCAL -> x -> 1 / x;
      case NEGATIVE -> x -> -x;
      case SIGN -> Math::signum;
      case FLOOR -> Math::floor;
      case CEIL -> Math::ceil;
      case RINT -> Math::rint;
      case SIN -> StrictMath::sin;
      case COS -> StrictMath::cos;
      case TANH -> StrictMath::tanh;
      case FLOAT32 -> x -> (float) x;
    };
  }
}
