package io.scorebatch.api.model;

import static java.util.Objects.requireNonNull;

/**
 * scikit-learn's PCA, which also is a density: {@code TRANSFORM} as {@code projection} says, and
 * {@code SCORE_SAMPLES}, the log-likelihood of the row:
 *
 * <pre>{@code
 * d = x - mean
 * -0.5 * (rest * sum_j(d[j]^2) + sum_k(weights[k] * (components[k] . d)^2)) + constant
 * }</pre>
 *
 * <p>Python multiplies with the precision matrix of which these are the parts; equal within some
 * ulp of the greatest term (BLAS).
 *
 * @param projection check and projection
 * @param mean {@code mean_}; its length is the number of input columns
 * @param components {@code components_}, row by row
 * @param weights for each component, by how much the precision along it differs from {@code rest}
 * @param rest the precision across all components, {@code 1 / noise_variance_}; 0 where there is no
 *     noise
 * @param constant {@code -0.5 * (n * log(2 pi) - log(det(precision)))}
 */
public record PrincipalComponents(
    Transformation projection,
    double[] mean,
    double[] components,
    double[] weights,
    double rest,
    double constant)
    implements Estimator {
  public PrincipalComponents {
    requireNonNull(projection, "projection is null");
    Shapes.positive("mean", mean.length);
    Shapes.require("components", components.length, (long) mean.length * weights.length);
  }
}
