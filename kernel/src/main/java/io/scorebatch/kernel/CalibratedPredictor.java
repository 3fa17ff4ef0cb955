package io.scorebatch.kernel;

import io.scorebatch.api.model.Calibrated;
import io.scorebatch.api.model.Calibrated.Calibrator;
import io.scorebatch.api.model.Calibrated.Fold;
import io.scorebatch.api.model.Calibrated.Isotonic;
import io.scorebatch.api.model.Calibrated.Sigmoid;
import io.scorebatch.api.model.Calibrated.Temperature;
import io.scorebatch.api.model.Link;
import io.scorebatch.api.model.OutputKind;
import java.util.List;

/** {@link Calibrated}. */
final class CalibratedPredictor implements Predictor {
  private static final double NEARLY_ONE = 1.0 + 1e-5;
  private static final double LEAST_PROBABILITY = 1e-12;

  private final Calibrated model;
  private final List<Predictor> predictors;

  CalibratedPredictor(Calibrated model, List<Predictor> predictors) {
    this.model = model;
    this.predictors = predictors;
  }

  @Override
  public int width(OutputKind kind) {
    return switch (kind) {
      case PREDICT -> 1;
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
    double[][] mean = new double[model.classes()][in.rows];
    for (int f = 0; f < predictors.size(); f++) {
      Fold fold = model.folds().get(f);
      double[][] p = probabilities(fold, predictors.get(f).ask(in, fold.input()), in.rows);
      for (int k = 0; k < mean.length; k++) {
        for (int r = 0; r < in.rows; r++) {
          mean[k][r] += p[k][r];
        }
      }
    }
    for (double[] column : mean) {
      for (int r = 0; r < in.rows; r++) {
        column[r] /= predictors.size();
      }
    }
    out.give(OutputKind.PREDICT_PROBA, mean);
    if (out.wants(OutputKind.PREDICT)) {
      out.give(OutputKind.PREDICT, Responses.firstGreatest(mean, in.rows));
    }
  }

  private double[][] probabilities(Fold fold, double[][] scores, int rows) {
    Calibrator first = fold.calibrators().get(0);
    if (first instanceof Temperature temperature) {
      return tempered(fold, temperature, scores, rows);
    }
    double[][] p = new double[model.classes()][rows];
    if (fold.calibrators().size() == 1) {
      double[] t = scores[scores.length - 1];
      for (int r = 0; r < rows; r++) {
        p[1][r] = calibrate(first, t[r]);
        p[0][r] = 1.0 - p[1][r];
      }
    } else {
      double[] row = new double[p.length];
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < fold.targets().length; c++) {
          int k = fold.targets()[c];
          p[k][r] = calibrate(fold.calibrators().get(c), scores[Math.min(c, scores.length - 1)][r]);
        }
        Links.gather(p, r, row);
        double sum = Links.pairwiseSum(row, 0, row.length);
        for (int k = 0; k < row.length; k++) {
          p[k][r] = sum == 0 ? 1.0 / row.length : row[k] / sum;
        }
      }
    }
    for (double[] column : p) {
      for (int r = 0; r < rows; r++) {
        if (column[r] > 1.0 && column[r] <= NEARLY_ONE) {
          column[r] = 1.0;
        }
      }
    }
    return p;
  }

  private static double[][] tempered(
      Fold fold, Temperature temperature, double[][] scores, int rows) {
    double[][] logits = new double[scores.length][rows];
    for (int k = 0; k < scores.length; k++) {
      for (int r = 0; r < rows; r++) {
        double logit =
            fold.input() == OutputKind.PREDICT_PROBA
                ? StrictMath.log(scores[k][r] + LEAST_PROBABILITY)
                : scores[k][r];
        logits[k][r] = temperature.beta() * logit;
      }
    }
    double[][] p = Links.apply(Link.SOFTMAX_PAIRWISE, 1, logits, rows);
    return p.length == 1 ? Links.both(Link.SOFTMAX_PAIRWISE, logits[0], p[0], rows) : p;
  }

  private static double calibrate(Calibrator calibrator, double t) {
    if (calibrator instanceof Sigmoid sigmoid) {
      return Glibc.expit(-(sigmoid.a() * t + sigmoid.b()));
    }
    if (calibrator instanceof Isotonic isotonic) {
      double clipped = Math.min(Math.max(t, isotonic.min()), isotonic.max());
      return Interpolation.at(clipped, isotonic.x(), isotonic.y());
    }
    throw new IllegalStateException("no calibrator for one score: " + calibrator);
  }
}
