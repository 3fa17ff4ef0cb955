package io.scorebatch.kernel;

import io.scorebatch.api.model.Link;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** The functions of {@link Link}, over columns. */
final class Links {
  private Links() {}

  /** The link of each raw score; where one raw score has a binary link: q alone. */
  static double[][] apply(Link link, double parameter, double[][] raw, int rows) {
    return switch (link) {
      case IDENTITY -> raw;
      case EXP -> each(raw, rows, Glibc::exp);
      case SIGNED_SQUARE -> each(raw, rows, x -> Math.copySign(x * x, x));
      case LOG1P_EXP -> each(raw, rows, x -> StrictMath.log1p(Glibc.exp(x)));
      case SIGMOID, SIGMOID_EACH -> each(raw, rows, x -> 1.0 / (1.0 + Glibc.exp(-parameter * x)));
      case SIGMOID_NORMALISED -> {
        double[][] values = each(raw, rows, Glibc::expit);
        yield raw.length == 1 ? values : normalised(values, rows, false);
      }
      case SIGMOID_NORMALISED_OR_EVEN -> {
        double[][] values = each(raw, rows, Glibc::expit);
        yield raw.length == 1 ? values : normalised(values, rows, true);
      }
      case SOFTMAX_PAIRWISE ->
          raw.length == 1 ? symmetric(raw[0], 1, rows) : softmax(raw, rows, true);
      case SOFTMAX -> raw.length == 1 ? symmetric(raw[0], 1, rows) : softmax(raw, rows, false);
      case SOFTMAX_LOGSUMEXP -> softmaxLogSumExp(raw, rows);
      case ADABOOST_SOFTMAX -> {
        if (raw.length == 1) {
          yield symmetric(raw[0], 2, rows);
        }
        double divisor = raw.length - 1;
        yield softmax(each(raw, rows, x -> x / divisor), rows, true);
      }
      case MODIFIED_HUBER -> {
        double[][] values = each(raw, rows, x -> (Math.max(-1, Math.min(1, x)) + 1) / 2);
        yield raw.length == 1 ? values : normalised(values, rows, true);
      }
      case FLOAT_SIGMOID -> each(raw, rows, x -> floatSigmoid((float) x));
      case FLOAT_SOFTMAX -> floatSoftmax(raw, rows);
      case FLOAT_EXP -> each(raw, rows, x -> Glibc.expf((float) x));
      case HINGE -> each(raw, rows, x -> x > 0 ? 1 : 0);
    };
  }

  /**
   * Probabilities of two classes.
   *
   * @param raw the only raw score
   * @param q the link of it: the second class
   */
  static double[][] both(Link link, double[] raw, double[] q, int rows) {
    double[] p =
        switch (link) {
          case SOFTMAX, SOFTMAX_PAIRWISE -> symmetric(negated(raw, rows), 1, rows)[0];
          case ADABOOST_SOFTMAX -> symmetric(negated(raw, rows), 2, rows)[0];
          case FLOAT_SIGMOID, HINGE -> {
            double[] rest = new double[rows];
            for (int r = 0; r < rows; r++) {
              rest[r] = 1f - (float) q[r];
            }
            yield rest;
          }
          default -> {
            double[] rest = new double[rows];
            for (int r = 0; r < rows; r++) {
              rest[r] = 1 - q[r];
            }
            yield rest;
          }
        };
    return new double[][] {p, q};
  }

  private static double[] negated(double[] values, int rows) {
    double[] negated = new double[rows];
    for (int r = 0; r < rows; r++) {
      negated[r] = -values[r];
    }
    return negated;
  }

  private static float floatSigmoid(float x) {
    // min as XGBoost writes it: NaN stays.
    float capped = 88.7f < -x ? 88.7f : -x;
    return 1.0f / (Glibc.expf(capped) + 1.0f + 1e-16f);
  }

  private static double[][] each(double[][] raw, int rows, DoubleUnaryOperator function) {
    double[][] out = new double[raw.length][rows];
    for (int k = 0; k < raw.length; k++) {
      for (int r = 0; r < rows; r++) {
        out[k][r] = function.applyAsDouble(raw[k][r]);
      }
    }
    return out;
  }

  /** Divides by the sum; where that is 0 and {@code even}, all become the same. */
  private static double[][] normalised(double[][] values, int rows, boolean even) {
    double[] row = new double[values.length];
    for (int r = 0; r < rows; r++) {
      gather(values, r, row);
      double sum = pairwiseSum(row, 0, row.length);
      if (even && sum == 0) {
        Arrays.fill(row, 1);
        sum = row.length;
      }
      for (int k = 0; k < row.length; k++) {
        values[k][r] = row[k] / sum;
      }
    }
    return values;
  }

  /** The second class of a softmax over {@code [-d / divisor, d / divisor]}. */
  private static double[][] symmetric(double[] d, double divisor, int rows) {
    double[] q = new double[rows];
    for (int r = 0; r < rows; r++) {
      double positive = d[r] / divisor;
      double max = Math.max(-positive, positive);
      double e0 = Glibc.exp(-positive - max);
      double e1 = Glibc.exp(positive - max);
      q[r] = e1 / (e0 + e1);
    }
    return new double[][] {q};
  }

  private static double[][] softmax(double[][] raw, int rows, boolean pairwise) {
    double[][] out = new double[raw.length][rows];
    double[] row = new double[raw.length];
    for (int r = 0; r < rows; r++) {
      gather(raw, r, row);
      double max = max(row);
      for (int k = 0; k < row.length; k++) {
        row[k] = Glibc.exp(row[k] - max);
      }
      double sum = pairwise ? pairwiseSum(row, 0, row.length) : plainSum(row);
      for (int k = 0; k < row.length; k++) {
        out[k][r] = row[k] / sum;
      }
    }
    return out;
  }

  private static double[][] softmaxLogSumExp(double[][] raw, int rows) {
    double[][] out = new double[raw.length][rows];
    double[] row = new double[raw.length];
    for (int r = 0; r < rows; r++) {
      gather(raw, r, row);
      double max = max(row);
      if (Double.isInfinite(max)) {
        max = 0;
      }
      for (int k = 0; k < row.length; k++) {
        row[k] = Glibc.exp(row[k] - max);
      }
      double log = StrictMath.log(pairwiseSum(row, 0, row.length)) + max;
      for (int k = 0; k < row.length; k++) {
        out[k][r] = Glibc.exp(raw[k][r] - log);
      }
    }
    return out;
  }

  private static double[][] floatSoftmax(double[][] raw, int rows) {
    double[][] out = new double[raw.length][rows];
    float[] row = new float[raw.length];
    for (int r = 0; r < rows; r++) {
      float max = (float) raw[0][r];
      for (int k = 1; k < row.length; k++) {
        max = Math.max(max, (float) raw[k][r]);
      }
      double sum = 0;
      for (int k = 0; k < row.length; k++) {
        row[k] = Glibc.expf((float) raw[k][r] - max);
        sum += row[k];
      }
      for (int k = 0; k < row.length; k++) {
        out[k][r] = row[k] / (float) sum;
      }
    }
    return out;
  }

  static void gather(double[][] columns, int row, double[] into) {
    for (int k = 0; k < into.length; k++) {
      into[k] = columns[k][row];
    }
  }

  private static double max(double[] row) {
    double max = row[0];
    for (double value : row) {
      max = Math.max(max, value);
    }
    return max;
  }

  static double plainSum(double[] row) {
    double sum = 0;
    for (double value : row) {
      sum += value;
    }
    return sum;
  }

  /** NumPy's sum of a contiguous axis. */
  static double pairwiseSum(double[] a, int from, int n) {
    if (n < 8) {
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += a[from + i];
      }
      return sum;
    }
    if (n <= 128) {
      double[] lanes = Arrays.copyOfRange(a, from, from + 8);
      int i = 8;
      for (; i < n - n % 8; i += 8) {
        for (int k = 0; k < 8; k++) {
          lanes[k] += a[from + i + k];
        }
      }
      double sum =
          ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3]))
              + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
      for (; i < n; i++) {
        sum += a[from + i];
      }
      return sum;
    }
    int half = n / 2;
    half -= half % 8;
    return pairwiseSum(a, from, half) + pairwiseSum(a, from + half, n - half);
  }
}
