package io.scorebatch.api.model;

/**
 * The function from raw scores to values or probabilities. exp, pow and expf are glibc's. In
 * formulas r is the raw vector of K entries, max its maximum; sums run from the first entry unless
 * said otherwise. Links that give probabilities give two, {@code [1 - q, q]}, for one raw score.
 */
public enum Link {
  /** The raw scores as they are; as probabilities where the estimator's raw scores are shares. */
  IDENTITY(false),
  /** {@code exp(r)} float64: HistGradientBoosting poisson/gamma, GLMs, LightGBM poisson … */
  EXP(false),
  /** {@code sign(r) * r * r}: LightGBM {@code sqrt}. */
  SIGNED_SQUARE(false),
  /** {@code log1p(exp(r))}: LightGBM {@code cross_entropy_lambda}. */
  LOG1P_EXP(false),
  /**
   * {@code q = 1 / (1 + exp(-parameter * r))} float64. scikit-learn's expit and LightGBM's cross
   * entropy (parameter 1), LightGBM binary (its {@code sigmoid}).
   */
  SIGMOID(true),
  /** {@link #SIGMOID} of each of K raw scores, not normalised: LightGBM {@code multiclassova}. */
  SIGMOID_EACH(true),
  /**
   * {@code p[k] = sigmoid(r[k])} divided by their sum: scikit-learn one-vs-rest linear classifiers.
   * For one raw score as {@link #SIGMOID}.
   */
  SIGMOID_NORMALISED(true),
  /**
   * {@link #SIGMOID_NORMALISED}, but where all {@code p[k]} are 0 each becomes {@code 1 / K}
   * instead of NaN: scikit-learn since 1.9.
   */
  SIGMOID_NORMALISED_OR_EVEN(true),
  /**
   * {@code exp(r[k] - max) / sum}, summed as NumPy sums a contiguous last axis (pairwise, eight
   * accumulators from 8 entries on): scikit-learn since 1.4 GradientBoosting, LogisticRegression.
   * One raw score d: softmax of {@code [-d, d]}.
   */
  SOFTMAX_PAIRWISE(true),
  /** {@code exp(r[k] - max) / sum}, plain order: HistGradientBoosting, LightGBM multiclass. */
  SOFTMAX(true),
  /**
   * {@code exp(r[k] - (log(sum(exp(r - max))) + max))}: scikit-learn GradientBoosting before 1.4,
   * naive Bayes. Within 1 ulp of Python (its log is not one value).
   */
  SOFTMAX_LOGSUMEXP(true),
  /**
   * AdaBoost SAMME and SAMME.R ({@code _compute_proba_from_decision}). K raw scores: softmax of
   * {@code r / (K - 1)}; one raw score d: softmax of {@code [-d / 2, d / 2]}.
   */
  ADABOOST_SOFTMAX(true),
  /**
   * {@code q = (clip(r, -1, 1) + 1) / 2}; K scores normalised, all zero: even. SGD modified_huber.
   */
  MODIFIED_HUBER(true),
  /**
   * float32: {@code q = 1f / (expf(min(-r, 88.7f)) + 1f + 1e-16f)}, {@code [1f - q, q]}. XGBoost
   * {@code binary:logistic}, {@code reg:logistic}.
   */
  FLOAT_SIGMOID(true),
  /**
   * {@code e[k] = expf(r[k] - max)}, summed in float64, {@code e[k] / (float) sum}. XGBoost {@code
   * multi:}.
   */
  FLOAT_SOFTMAX(true),
  /** {@code expf(r)}: XGBoost poisson, gamma, tweedie, cox; for aft too. */
  FLOAT_EXP(false),
  /** {@code r > 0 ? 1 : 0}: XGBoost {@code binary:hinge}; as probabilities {@code [1 - q, q]}. */
  HINGE(true);

  private final boolean probabilities;

  Link(boolean probabilities) {
    this.probabilities = probabilities;
  }

  /** Whether one raw score becomes two probabilities. */
  public boolean probabilities() {
    return probabilities;
  }
}
