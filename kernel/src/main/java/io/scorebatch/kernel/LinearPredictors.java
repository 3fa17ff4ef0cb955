package io.scorebatch.kernel;

import io.scorebatch.api.model.BoostedLinearModel;
import io.scorebatch.api.model.Constant;
import io.scorebatch.api.model.GaussianNaiveBayes;
import io.scorebatch.api.model.LinearModel;
import io.scorebatch.api.model.Link;
import io.scorebatch.api.model.NeuralNetwork;
import io.scorebatch.api.model.Response;
import java.util.Arrays;

/** Estimators that are sums of products. */
final class LinearPredictors {
  /** Products are added up in this many lanes, as vectorised BLAS kernels do. */
  private static final int LANES = 4;

  private LinearPredictors() {}

  static Predictor of(LinearModel model) {
    return new RawPredictor(model.response(), model.intercepts().length) {
      @Override
      double[][] raw(Frame in) {
        double[][] raw = new double[model.intercepts().length][];
        for (int k = 0; k < raw.length; k++) {
          raw[k] = products(in, model.coefficients(), k * model.features(), model.features());
          for (int r = 0; r < in.rows; r++) {
            raw[k][r] += model.intercepts()[k];
          }
        }
        return raw;
      }
    };
  }

  /** {@code sum_j(x[j] * weights[from + j])} in four fused lanes, the rest in order. */
  static double[] products(Frame in, double[] weights, int from, int features) {
    int inLanes = features - features % LANES;
    double[] sum = new double[in.rows];
    if (inLanes > 0) {
      double[][] lanes = new double[LANES][in.rows];
      for (int j = 0; j < inLanes; j++) {
        addProducts(lanes[j % LANES], in.numbers(j), weights[from + j], in.rows);
      }
      for (int r = 0; r < in.rows; r++) {
        sum[r] = (lanes[0][r] + lanes[2][r]) + (lanes[1][r] + lanes[3][r]);
      }
    }
    for (int j = inLanes; j < features; j++) {
      addProducts(sum, in.numbers(j), weights[from + j], in.rows);
    }
    return sum;
  }

  private static void addProducts(double[] sum, double[] x, double weight, int rows) {
    for (int r = 0; r < rows; r++) {
      sum[r] = Math.fma(x[r], weight, sum[r]);
    }
  }

  static Predictor of(BoostedLinearModel model) {
    int outputs = model.bias().length;
    return new RawPredictor(model.response(), outputs) {
      @Override
      double[][] raw(Frame in) {
        double[][] raw = new double[outputs][in.rows];
        for (int k = 0; k < outputs; k++) {
          for (int r = 0; r < in.rows; r++) {
            float sum = (float) model.bias()[k] + (float) model.base()[k];
            for (int j = 0; j < model.features(); j++) {
              float x = (float) in.numbers(j)[r];
              if (!Float.isNaN(x)) {
                sum += x * (float) model.weights()[j * outputs + k];
              }
            }
            raw[k][r] = sum;
          }
        }
        return raw;
      }
    };
  }

  static Predictor of(Constant model) {
    return new RawPredictor(model.response(), model.raw().length) {
      @Override
      double[][] raw(Frame in) {
        double[][] raw = new double[model.raw().length][in.rows];
        for (int k = 0; k < raw.length; k++) {
          Arrays.fill(raw[k], model.raw()[k]);
        }
        return raw;
      }
    };
  }

  static Predictor of(GaussianNaiveBayes model) {
    int classes = model.logPriors().length;
    int features = model.features();
    double[] constants = new double[classes];
    for (int k = 0; k < classes; k++) {
      double[] logs = new double[features];
      for (int j = 0; j < features; j++) {
        logs[j] = StrictMath.log(2.0 * Math.PI * model.variances()[k * features + j]);
      }
      constants[k] = -0.5 * Links.pairwiseSum(logs, 0, features);
    }
    Response response = Response.classes(Link.SOFTMAX_LOGSUMEXP, Response.Rule.GREATEST_RAW);
    return new RawPredictor(response, classes) {
      @Override
      double[][] raw(Frame in) {
        double[][] raw = new double[classes][in.rows];
        double[] terms = new double[features];
        for (int k = 0; k < classes; k++) {
          for (int r = 0; r < in.rows; r++) {
            for (int j = 0; j < features; j++) {
              double distance = in.numbers(j)[r] - model.means()[k * features + j];
              terms[j] = distance * distance / model.variances()[k * features + j];
            }
            double likelihood = constants[k] - 0.5 * Links.pairwiseSum(terms, 0, features);
            raw[k][r] = model.logPriors()[k] + likelihood;
          }
        }
        return raw;
      }
    };
  }

  static Predictor of(NeuralNetwork model) {
    NeuralNetwork.Layer last = model.layers().get(model.layers().size() - 1);
    return new RawPredictor(model.response(), last.outputs()) {
      @Override
      double[][] raw(Frame in) {
        Frame values = in;
        int count = model.layers().size();
        for (int l = 0; l < count; l++) {
          double[][] out = layer(model.layers().get(l), values);
          if (l < count - 1) {
            activate(model.activation(), out, in.rows);
          }
          values = in.with(out);
        }
        double[][] raw = new double[last.outputs()][];
        for (int k = 0; k < raw.length; k++) {
          raw[k] = values.numbers(k);
        }
        return raw;
      }
    };
  }

  private static double[][] layer(NeuralNetwork.Layer layer, Frame in) {
    double[][] out = new double[layer.outputs()][in.rows];
    for (int k = 0; k < out.length; k++) {
      for (int j = 0; j < layer.inputs(); j++) {
        addProducts(out[k], in.numbers(j), layer.weights()[j * layer.outputs() + k], in.rows);
      }
      for (int r = 0; r < in.rows; r++) {
        out[k][r] += layer.bias()[k];
      }
    }
    return out;
  }

  private static void activate(NeuralNetwork.Activation activation, double[][] values, int rows) {
    for (double[] column : values) {
      for (int r = 0; r < rows; r++) {
        double x = column[r];
        column[r] =
            switch (activation) {
              case IDENTITY -> x;
              case LOGISTIC -> Glibc.expit(x);
              case TANH -> StrictMath.tanh(x);
              case RELU -> Math.max(x, 0);
            };
      }
    }
  }
}
