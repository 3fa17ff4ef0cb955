package io.scorebatch.api.model;

/**
 * scikit-learn's LocalOutlierFactor(novelty=True). With the neighbours n of x: {@code lrd = 1 /
 * (mean(max(distance(x, n), kDistances[n])) + 1e-10)}; {@code SCORE_SAMPLES = -mean(densities[n] /
 * lrd)}; {@code DECISION_FUNCTION} = that minus offset; {@code PREDICT} = decision below 0: -1,
 * else 1.
 *
 * @param neighbours the points
 * @param kDistances distance of each point to its own k-th neighbour ({@code _distances_fit_X_})
 * @param densities {@code _lrd}
 * @param offset {@code offset_}
 */
public record LocalOutlierFactor(
    Neighbours neighbours, double[] kDistances, double[] densities, double offset)
    implements Estimator {
  public LocalOutlierFactor {
    Shapes.require("kDistances", kDistances.length, neighbours.count());
    Shapes.require("densities", densities.length, neighbours.count());
  }
}
