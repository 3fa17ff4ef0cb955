package io.scorebatch.api.model;

/** How a numeric node compares: x passes (goes left) where the comparison holds. */
public enum SplitRule {
  /**
   * {@code (double) (float) x <= threshold}: scikit-learn's trees except HistGradientBoosting (the
   * matrix is float32, thresholds are float64).
   */
  FLOAT_AT_MOST,
  /** {@code (float) x < (float) threshold}: XGBoost. */
  FLOAT_BELOW,
  /** {@code x <= threshold} in float64: HistGradientBoosting, LightGBM. */
  DOUBLE_AT_MOST
}
