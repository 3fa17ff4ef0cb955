package io.scorebatch.api.model;

import java.util.List;

/**
 * scikit-learn's MLPClassifier and MLPRegressor: {@code h = activation(h . weights + bias)} layer
 * by layer, float64; the last layer without activation gives the raw scores, whose {@link Response}
 * holds the output activation (identity, {@link Link#SIGMOID}, {@link Link#SOFTMAX_PAIRWISE}).
 * Classifiers of two classes answer {@link Response.Rule#PROBABILITY_ABOVE_HALF}. Equal to Python
 * within a few ulp of the sums (BLAS).
 *
 * @param layers at least one
 * @param activation of all layers but the last
 * @param response how raw scores become answers
 */
public record NeuralNetwork(List<Layer> layers, Activation activation, Response response)
    implements Estimator {

  /**
   * A layer.
   *
   * @param inputs numbers read
   * @param outputs numbers written
   * @param weights {@code coefs_}, one row an input
   * @param bias {@code intercepts_}
   */
  public record Layer(int inputs, int outputs, double[] weights, double[] bias) {
    public Layer {
      Shapes.positive("outputs", outputs);
      Shapes.require("weights", weights.length, (long) inputs * outputs);
      Shapes.require("bias", bias.length, outputs);
    }
  }

  /** Hidden activations: x; 1 / (1 + exp(-x)); tanh(x); max(x, 0). */
  public enum Activation {
    IDENTITY,
    LOGISTIC,
    TANH,
    RELU
  }

  public NeuralNetwork {
    layers = List.copyOf(layers);
    Shapes.positive("layers", layers.size());
    for (int i = 1; i < layers.size(); i++) {
      Shapes.require("inputs of layer " + i, layers.get(i).inputs(), layers.get(i - 1).outputs());
    }
  }
}
