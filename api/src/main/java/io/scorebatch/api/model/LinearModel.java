package io.scorebatch.api.model;

/**
 * {@code raw[k] = sum_j(x[j] * coefficients[k * features + j]) + intercepts[k]} in float64.
 *
 * <p>scikit-learn's linear models (LinearRegression, Ridge, Lasso, LogisticRegression, SGD, Huber,
 * GLMs, LinearSVC, LinearSVR, LDA), and MultinomialNB, ComplementNB and BernoulliNB once their
 * logarithms are folded in: {@code coefficients = feature_log_prob_}, {@code intercepts =
 * class_log_prior_} (Bernoulli: {@code log(p) - log(1 - p)} and prior plus sum of {@code log(1 -
 * p)}), {@link Link#SOFTMAX_LOGSUMEXP}.
 *
 * <p>Python's own sum is BLAS's: its order depends on the machine, batch and memory layout. Ours is
 * four fused lanes, {@code (l0 + l2) + (l1 + l3)}, then the rest in order, then the intercept;
 * equal to Python within a few ulp of {@code sum(|x * w|)}. Readers widen float32 weights.
 *
 * @param features number of input columns
 * @param coefficients one row of {@code features} weights for each raw score
 * @param intercepts one for each raw score; its length is their number
 * @param response how raw scores become answers
 */
public record LinearModel(
    int features, double[] coefficients, double[] intercepts, Response response)
    implements Estimator {
  public LinearModel {
    Shapes.require("coefficients", coefficients.length, (long) features * intercepts.length);
    Shapes.positive("intercepts", intercepts.length);
  }
}
