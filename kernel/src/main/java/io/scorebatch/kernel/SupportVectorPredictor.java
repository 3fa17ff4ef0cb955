package io.scorebatch.kernel;

import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.SupportVectorMachine;
import io.scorebatch.api.model.SupportVectorMachine.Machine;
import io.scorebatch.api.model.SupportVectorMachine.Shape;

/** {@link SupportVectorMachine}, as libsvm computes it. */
final class SupportVectorPredictor implements Predictor {
  private static final double LEAST_PROBABILITY = 1e-7;

  private final SupportVectorMachine model;
  private final int classes;
  private final int pairs;

  /** Where the vectors of each class start. */
  private final int[] starts;

  SupportVectorPredictor(SupportVectorMachine model) {
    this.model = model;
    this.classes = model.classes();
    this.pairs = model.intercepts().length;
    this.starts = new int[classes];
    for (int i = 1; i < classes; i++) {
      starts[i] = starts[i - 1] + model.vectorsOfClass()[i - 1];
    }
  }

  private boolean classifier() {
    return model.machine() == Machine.CLASSIFIER;
  }

  private int decisions() {
    return classes == 2 || !classifier() ? 1 : model.shape() == Shape.ONE_VS_ONE ? pairs : classes;
  }

  @Override
  public int width(OutputKind kind) {
    return switch (kind) {
      case PREDICT -> 1;
      case DECISION_FUNCTION -> model.machine() == Machine.REGRESSOR ? 0 : decisions();
      case PREDICT_PROBA -> classifier() && model.probA().length > 0 ? classes : 0;
      case SCORE_SAMPLES -> model.machine() == Machine.ONE_CLASS ? 1 : 0;
      case RAW_MARGIN, TRANSFORM -> 0;
    };
  }

  @Override
  public int classes() {
    return classifier() ? classes : 0;
  }

  @Override
  public void answer(Frame in, Answers out) {
    double[] predict = new double[in.rows];
    double[] samples = new double[in.rows];
    double[][] decision = new double[decisions()][in.rows];
    boolean wantsProba = classifier() && out.wants(OutputKind.PREDICT_PROBA);
    double[][] proba = new double[wantsProba ? classes : 0][in.rows];
    double[] x = new double[model.features()];
    double[] products = new double[model.count()];
    double[] d = new double[pairs];
    double[] rest = new double[classes];
    for (int r = 0; r < in.rows; r++) {
      for (int j = 0; j < x.length; j++) {
        x[j] = in.numbers(j)[r];
      }
      for (int i = 0; i < products.length; i++) {
        products[i] = kernel(x, i * x.length);
      }
      if (!classifier()) {
        double sum = 0;
        for (int i = 0; i < products.length; i++) {
          sum += model.dual()[i] * products[i];
        }
        double raw = sum + model.intercepts()[0];
        decision[0][r] = raw;
        samples[r] = raw - model.intercepts()[0];
        predict[r] = model.machine() == Machine.REGRESSOR ? raw : raw > 0 ? 1 : -1;
        continue;
      }
      pairDecisions(products, d);
      predict[r] = vote(d, rest);
      decide(d, rest, decision, r);
      if (model.breakTies() && classes > 2) {
        predict[r] = greatest(rest);
      }
      if (wantsProba) {
        couple(d, proba, r);
      }
    }
    out.give(OutputKind.PREDICT, predict);
    out.give(OutputKind.DECISION_FUNCTION, decision);
    out.give(OutputKind.SCORE_SAMPLES, samples);
    out.give(OutputKind.PREDICT_PROBA, proba);
  }

  private double kernel(double[] x, int from) {
    double[] v = model.vectors();
    double sum = 0;
    if (model.kernel() == SupportVectorMachine.Kernel.RBF) {
      for (int j = 0; j < x.length; j++) {
        double distance = x[j] - v[from + j];
        sum += distance * distance;
      }
      return Glibc.exp(-model.gamma() * sum);
    }
    for (int j = 0; j < x.length; j++) {
      sum += x[j] * v[from + j];
    }
    return switch (model.kernel()) {
      case LINEAR -> sum;
      case POLY -> power(model.gamma() * sum + model.coef0(), model.degree());
      case SIGMOID -> StrictMath.tanh(model.gamma() * sum + model.coef0());
      case RBF -> throw new IllegalStateException("worked out above");
    };
  }

  private static double power(double base, int times) {
    double square = base;
    double result = 1;
    for (int t = times; t > 0; t /= 2) {
      if (t % 2 == 1) {
        result *= square;
      }
      square *= square;
    }
    return result;
  }

  private void pairDecisions(double[] products, double[] d) {
    int count = products.length;
    int pair = 0;
    for (int i = 0; i < classes; i++) {
      for (int j = i + 1; j < classes; j++) {
        double sum = 0;
        for (int s = starts[i]; s < starts[i] + model.vectorsOfClass()[i]; s++) {
          sum += model.dual()[(j - 1) * count + s] * products[s];
        }
        for (int s = starts[j]; s < starts[j] + model.vectorsOfClass()[j]; s++) {
          sum += model.dual()[i * count + s] * products[s];
        }
        d[pair] = sum + model.intercepts()[pair];
        pair++;
      }
    }
  }

  /** libsvm's vote; {@code votes} is working memory. */
  private int vote(double[] d, double[] votes) {
    java.util.Arrays.fill(votes, 0);
    int pair = 0;
    for (int i = 0; i < classes; i++) {
      for (int j = i + 1; j < classes; j++) {
        votes[d[pair++] > 0 ? i : j]++;
      }
    }
    return greatest(votes);
  }

  private static int greatest(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }

  /** Writes the decision function of a row; leaves the one-versus-rest values in {@code rest}. */
  private void decide(double[] d, double[] rest, double[][] decision, int row) {
    if (classes == 2) {
      decision[0][row] = -d[0];
      return;
    }
    double[] confidences = new double[classes];
    java.util.Arrays.fill(rest, 0);
    int pair = 0;
    for (int i = 0; i < classes; i++) {
      for (int j = i + 1; j < classes; j++) {
        confidences[i] += d[pair];
        confidences[j] -= d[pair];
        rest[d[pair] < 0 ? j : i]++;
        pair++;
      }
    }
    for (int k = 0; k < classes; k++) {
      rest[k] += confidences[k] / (3 * (Math.abs(confidences[k]) + 1));
    }
    double[] values = model.shape() == Shape.ONE_VS_ONE ? d : rest;
    for (int k = 0; k < values.length; k++) {
      decision[k][row] = values[k];
    }
  }

  /** libsvm's {@code sigmoid_predict} for each pair and {@code multiclass_probability}. */
  private void couple(double[] d, double[][] proba, int row) {
    double[][] r = new double[classes][classes];
    int pair = 0;
    for (int i = 0; i < classes; i++) {
      for (int j = i + 1; j < classes; j++) {
        double p = sigmoid(d[pair] * model.probA()[pair] + model.probB()[pair]);
        r[i][j] = Math.min(Math.max(p, LEAST_PROBABILITY), 1 - LEAST_PROBABILITY);
        r[j][i] = 1 - r[i][j];
        pair++;
      }
    }
    double[][] q = new double[classes][classes];
    double[] p = new double[classes];
    double[] qp = new double[classes];
    for (int t = 0; t < classes; t++) {
      p[t] = 1.0 / classes;
      for (int j = 0; j < t; j++) {
        q[t][t] += r[j][t] * r[j][t];
        q[t][j] = q[j][t];
      }
      for (int j = t + 1; j < classes; j++) {
        q[t][t] += r[j][t] * r[j][t];
        q[t][j] = -r[j][t] * r[t][j];
      }
    }
    double limit = 0.005 / classes;
    for (int iteration = 0; iteration < Math.max(100, classes); iteration++) {
      double pqp = 0;
      for (int t = 0; t < classes; t++) {
        qp[t] = 0;
        for (int j = 0; j < classes; j++) {
          qp[t] += q[t][j] * p[j];
        }
        pqp += p[t] * qp[t];
      }
      double error = 0;
      for (int t = 0; t < classes; t++) {
        error = Math.max(error, Math.abs(qp[t] - pqp));
      }
      if (error < limit) {
        break;
      }
      for (int t = 0; t < classes; t++) {
        double diff = (-qp[t] + pqp) / q[t][t];
        p[t] += diff;
        pqp = (pqp + diff * (diff * q[t][t] + 2 * qp[t])) / (1 + diff) / (1 + diff);
        for (int j = 0; j < classes; j++) {
          qp[j] = (qp[j] + diff * q[t][j]) / (1 + diff);
          p[j] /= 1 + diff;
        }
      }
    }
    for (int k = 0; k < classes; k++) {
      proba[k][row] = p[k];
    }
  }

  private static double sigmoid(double f) {
    return f >= 0 ? Glibc.exp(-f) / (1.0 + Glibc.exp(-f)) : 1.0 / (1 + Glibc.exp(f));
  }
}
