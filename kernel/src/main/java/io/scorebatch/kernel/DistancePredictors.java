package io.scorebatch.kernel;

import io.scorebatch.api.model.ClusterCentres;
import io.scorebatch.api.model.LocalOutlierFactor;
import io.scorebatch.api.model.MahalanobisOutlier;
import io.scorebatch.api.model.NearestNeighbours;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.PrincipalComponents;

/** Estimators that measure distances. */
final class DistancePredictors {
  private DistancePredictors() {}

  static Predictor of(NearestNeighbours model) {
    return new Predictor() {
      @Override
      public int width(OutputKind kind) {
        return switch (kind) {
          case PREDICT -> model.classes() > 0 ? 1 : model.outputs();
          case PREDICT_PROBA -> model.classes();
          default -> 0;
        };
      }

      @Override
      public int classes() {
        return model.classes();
      }

      @Override
      public void answer(Frame in, Answers out) {
        int columns = model.classes() > 0 ? model.classes() : model.outputs();
        double[][] values = new double[columns][in.rows];
        NeighbourSearch search = new NeighbourSearch(model.neighbours());
        double[] weights = new double[model.neighbours().k()];
        for (int r = 0; r < in.rows; r++) {
          search.find(in, r);
          weigh(search.distances, model.byDistance(), weights);
          if (model.classes() > 0) {
            shares(model, search.nearest, weights, values, r);
          } else {
            means(model, search.nearest, weights, values, r);
          }
        }
        if (model.classes() > 0) {
          out.give(OutputKind.PREDICT_PROBA, values);
          if (out.wants(OutputKind.PREDICT)) {
            out.give(OutputKind.PREDICT, Responses.firstGreatest(values, in.rows));
          }
        } else {
          out.give(OutputKind.PREDICT, values);
        }
      }
    };
  }

  private static void weigh(double[] distances, boolean byDistance, double[] weights) {
    boolean exact = false;
    for (double distance : distances) {
      exact |= distance == 0;
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] = !byDistance ? 1 : exact ? (distances[i] == 0 ? 1 : 0) : 1.0 / distances[i];
    }
  }

  private static void shares(
      NearestNeighbours model, int[] nearest, double[] weights, double[][] values, int row) {
    for (int i = 0; i < nearest.length; i++) {
      values[(int) model.targets()[nearest[i]]][row] += weights[i];
    }
    double sum = 0;
    for (double[] column : values) {
      sum += column[row];
    }
    for (double[] column : values) {
      column[row] /= sum == 0 ? 1 : sum;
    }
  }

  private static void means(
      NearestNeighbours model, int[] nearest, double[] weights, double[][] values, int row) {
    double[] terms = new double[nearest.length];
    double total = 0;
    for (double weight : weights) {
      total += weight;
    }
    for (int k = 0; k < values.length; k++) {
      double weighted = 0;
      for (int i = 0; i < nearest.length; i++) {
        double target = model.targets()[nearest[i] * model.outputs() + k];
        terms[i] = target;
        weighted += target * weights[i];
      }
      values[k][row] =
          model.byDistance()
              ? weighted / total
              : Links.pairwiseSum(terms, 0, terms.length) / terms.length;
    }
  }

  static Predictor of(LocalOutlierFactor model) {
    return new OutlierPredictor(model.offset(), true) {
      @Override
      double[] scores(Frame in) {
        double[] scores = new double[in.rows];
        NeighbourSearch search = new NeighbourSearch(model.neighbours());
        int k = model.neighbours().k();
        double[] terms = new double[k];
        for (int r = 0; r < in.rows; r++) {
          search.find(in, r);
          for (int i = 0; i < k; i++) {
            terms[i] = Math.max(search.distances[i], model.kDistances()[search.nearest[i]]);
          }
          double density = 1.0 / (Links.pairwiseSum(terms, 0, k) / k + 1e-10);
          for (int i = 0; i < k; i++) {
            terms[i] = model.densities()[search.nearest[i]] / density;
          }
          scores[r] = -(Links.pairwiseSum(terms, 0, k) / k);
        }
        return scores;
      }
    };
  }

  static Predictor of(MahalanobisOutlier model) {
    int n = model.location().length;
    return new OutlierPredictor(model.offset(), false) {
      @Override
      double[] scores(Frame in) {
        double[] scores = new double[in.rows];
        double[] centred = new double[n];
        for (int r = 0; r < in.rows; r++) {
          for (int j = 0; j < n; j++) {
            centred[j] = in.numbers(j)[r] - model.location()[j];
          }
          double sum = 0;
          for (int k = 0; k < n; k++) {
            double product = 0;
            for (int j = 0; j < n; j++) {
              product += centred[j] * model.precision()[j * n + k];
            }
            sum += product * centred[k];
          }
          scores[r] = -sum;
        }
        return scores;
      }
    };
  }

  /**
   * @param projection answers {@code TRANSFORM}
   */
  static Predictor of(PrincipalComponents model, Predictor projection) {
    return new Predictor() {
      @Override
      public int width(OutputKind kind) {
        return kind == OutputKind.SCORE_SAMPLES ? 1 : projection.width(kind);
      }

      @Override
      public int classes() {
        return 0;
      }

      @Override
      public void answer(Frame in, Answers out) {
        // Also checks the rows.
        double[][] projected = projection.ask(in, OutputKind.TRANSFORM);
        out.give(OutputKind.TRANSFORM, projected);
        if (out.wants(OutputKind.SCORE_SAMPLES)) {
          double[] likelihood = likelihood(model, in);
          out.give(OutputKind.SCORE_SAMPLES, likelihood);
        }
      }
    };
  }

  private static double[] likelihood(PrincipalComponents model, Frame in) {
    int n = model.mean().length;
    double[] likelihood = new double[in.rows];
    double[] centred = new double[n];
    for (int r = 0; r < in.rows; r++) {
      double squares = 0;
      for (int j = 0; j < n; j++) {
        centred[j] = in.numbers(j)[r] - model.mean()[j];
        squares += centred[j] * centred[j];
      }
      double distance = model.rest() == 0 ? 0 : model.rest() * squares;
      for (int k = 0; k < model.weights().length; k++) {
        double along = 0;
        for (int j = 0; j < n; j++) {
          along += model.components()[k * n + j] * centred[j];
        }
        distance += model.weights()[k] * along * along;
      }
      likelihood[r] = -0.5 * distance + model.constant();
    }
    return likelihood;
  }

  /** Detectors whose decision is the score less an offset. */
  private abstract static class OutlierPredictor implements Predictor {
    private final double offset;
    private final boolean negativeIsOutlier;

    /**
     * @param negativeIsOutlier whether a decision that is NaN counts as an inlier
     */
    OutlierPredictor(double offset, boolean negativeIsOutlier) {
      this.offset = offset;
      this.negativeIsOutlier = negativeIsOutlier;
    }

    abstract double[] scores(Frame in);

    @Override
    public int width(OutputKind kind) {
      return switch (kind) {
        case PREDICT, DECISION_FUNCTION, SCORE_SAMPLES -> 1;
        default -> 0;
      };
    }

    @Override
    public int classes() {
      return 0;
    }

    @Override
    public void answer(Frame in, Answers out) {
      double[] scores = scores(in);
      double[] decision = new double[in.rows];
      double[] label = new double[in.rows];
      for (int r = 0; r < in.rows; r++) {
        decision[r] = scores[r] - offset;
        boolean outlier = negativeIsOutlier ? decision[r] < 0 : !(decision[r] >= 0);
        label[r] = outlier ? -1 : 1;
      }
      out.give(OutputKind.SCORE_SAMPLES, scores);
      out.give(OutputKind.DECISION_FUNCTION, decision);
      out.give(OutputKind.PREDICT, label);
    }
  }

  static Predictor of(ClusterCentres model) {
    return new Predictor() {
      @Override
      public int width(OutputKind kind) {
        return switch (kind) {
          case PREDICT -> 1;
          case TRANSFORM -> model.count();
          default -> 0;
        };
      }

      @Override
      public int classes() {
        return 0;
      }

      @Override
      public void answer(Frame in, Answers out) {
        double[][] distances = new double[model.count()][in.rows];
        double[] nearest = new double[in.rows];
        double[] least = new double[in.rows];
        for (int c = 0; c < distances.length; c++) {
          int from = c * model.features();
          double square = 0;
          for (int j = 0; j < model.features(); j++) {
            square += model.centres()[from + j] * model.centres()[from + j];
          }
          for (int r = 0; r < in.rows; r++) {
            double sum = 0;
            double product = 0;
            for (int j = 0; j < model.features(); j++) {
              double x = in.numbers(j)[r];
              double distance = x - model.centres()[from + j];
              sum += distance * distance;
              product += x * model.centres()[from + j];
            }
            distances[c][r] = Math.sqrt(sum);
            double score = square - 2 * product;
            if (c == 0 || score < least[r]) {
              least[r] = score;
              nearest[r] = c;
            }
          }
        }
        out.give(OutputKind.TRANSFORM, distances);
        out.give(OutputKind.PREDICT, nearest);
      }
    };
  }
}
