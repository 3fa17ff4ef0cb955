package io.scorebatch.api.model;

/**
 * scikit-learn's GaussianNB: {@code raw[k] = logPriors[k] + (-0.5 * sum(log(2 * pi * variance)) -
 * 0.5 * sum((x - mean)^2 / variance))}, sums as NumPy's; {@code PREDICT} is the first greatest,
 * {@code PREDICT_PROBA} {@link Link#SOFTMAX_LOGSUMEXP}.
 *
 * @param features number of input columns
 * @param means {@code theta_}, one row a class
 * @param variances {@code var_} ({@code sigma_} before 1.0), one row a class
 * @param logPriors {@code log(class_prior_)}; its length is the number of classes
 */
public record GaussianNaiveBayes(
    int features, double[] means, double[] variances, double[] logPriors) implements Estimator {
  public GaussianNaiveBayes {
    Shapes.positive("logPriors", logPriors.length);
    Shapes.require("means", means.length, (long) features * logPriors.length);
    Shapes.require("variances", variances.length, means.length);
  }
}
