package io.scorebatch.api.model;

/**
 * LightGBM's linear trees ({@code is_linear=1}). The value of leaf i is {@code constants[i]}, then
 * {@code += coefficients[j] * x[features[j]]} for j from {@code offsets[i]} to {@code offsets[i +
 * 1] - 1} in this order, in float64, unfused. Where any of those x is NaN the leaf's plain value in
 * the {@link TreeTable} is used instead. Immutable.
 *
 * @param constants one a node; not read for inner nodes
 * @param offsets one more than there are nodes
 * @param features input columns
 * @param coefficients one for each entry of {@code features}
 */
public record LinearLeaves(
    double[] constants, int[] offsets, int[] features, double[] coefficients) {
  public LinearLeaves {
    if (offsets.length != constants.length + 1
        || offsets[0] != 0
        || offsets[constants.length] != features.length
        || features.length != coefficients.length) {
      throw new IllegalArgumentException("arrays of linear leaves do not fit each other");
    }
    for (int i = 0; i < constants.length; i++) {
      if (offsets[i + 1] < offsets[i]) {
        throw new IllegalArgumentException("linear leaf " + i + " ends before it starts");
      }
    }
  }
}
