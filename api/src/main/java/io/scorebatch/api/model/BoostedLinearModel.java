package io.scorebatch.api.model;

/**
 * XGBoost's {@code gblinear}, all in float32: {@code raw[k] = bias[k] + base[k]}, then {@code +=
 * x[j] * weights[j * outputs + k]} for each j in order, unfused, NaN left out.
 *
 * @param features number of input columns
 * @param weights floats widened
 * @param bias one for each raw score; its length is their number
 * @param base base margin of each raw score
 * @param response how raw scores become answers
 */
public record BoostedLinearModel(
    int features, double[] weights, double[] bias, double[] base, Response response)
    implements Estimator {
  public BoostedLinearModel {
    Shapes.positive("bias", bias.length);
    Shapes.require("weights", weights.length, (long) features * bias.length);
    Shapes.require("base", base.length, bias.length);
  }
}
