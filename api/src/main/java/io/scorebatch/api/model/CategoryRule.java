package io.scorebatch.api.model;

/** How a categorical node chooses. Fractions of a code are cut off. */
public enum CategoryRule {
  /**
   * XGBoost since 1.7.3 ({@code common::Decision} in src/common/categorical.h). NaN: default way.
   * Otherwise, with the code of {@code (float) x}: in the set: right; not in it, beyond it,
   * negative or 16777216 and up: left.
   */
  XGBOOST,
  /**
   * XGBoost 1.6 to 1.7.2: as above, but negative codes and those beyond the set go the default way.
   */
  XGBOOST_1_6,
  /**
   * LightGBM (3.x, 4.x). NaN and negative codes: right, whatever the missing type. In the set:
   * left; not in it, or beyond it: right.
   */
  LIGHTGBM,
  /**
   * scikit-learn HistGradientBoosting. NaN and negative codes: default way. With the code cut to
   * {@code (uint8)}: in the node's set: left; otherwise known at training ({@code knownSet}):
   * right; otherwise default way.
   */
  HIST_GRADIENT_BOOSTING
}
