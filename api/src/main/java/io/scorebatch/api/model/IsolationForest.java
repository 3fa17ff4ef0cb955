package io.scorebatch.api.model;

import org.jspecify.annotations.Nullable;

/**
 * scikit-learn's IsolationForest. Rows are compared as {@link SplitRule#FLOAT_AT_MOST}.
 *
 * <p>Trees in order: {@code depth += (pathLength + c(samples[leaf])) - 1.0} in float64, where
 * pathLength counts the nodes on the way, leaf included. {@code c(n)}: 0 up to 1, 1 for 2, else
 * {@code 2 * (log(n - 1) + 0.5772156649015329) - 2 * (n - 1) / n} in this association, with a
 * correctly rounded log. {@code denominator = trees * c(maxSamples)}; {@code scoreSamples = -pow(2,
 * -(depth / denominator))}, with {@code depth / denominator = 1} where the denominator is 0; {@code
 * decisionFunction = scoreSamples - offset}; {@code predict = decisionFunction < 0 ? -1 : 1}.
 *
 * @param trees their leaf values are not read; {@code width} 1
 * @param samples {@code n_node_samples} of each node
 * @param averagePathLengths {@code c} of each node as the file stores it (scikit-learn since 1.4);
 *     null to compute it
 * @param pathLengths path length of each node as the file stores it; null to count
 * @param maxSamples {@code _max_samples}
 * @param offset {@code offset_}; the stored one, never recomputed
 */
public record IsolationForest(
    TreeTable trees,
    long[] samples,
    double @Nullable [] averagePathLengths,
    double @Nullable [] pathLengths,
    long maxSamples,
    double offset)
    implements Estimator {
  public IsolationForest {
    if (samples.length != trees.nodes()
        || (averagePathLengths != null && averagePathLengths.length != trees.nodes())
        || (pathLengths != null && pathLengths.length != trees.nodes())) {
      throw new IllegalArgumentException("samples or path lengths are not given for each node");
    }
    if (trees.trees() == 0) {
      throw new IllegalArgumentException("an isolation forest has no tree");
    }
  }

  /** A forest whose path lengths are computed: scikit-learn before 1.4. */
  public static IsolationForest of(
      TreeTable trees, long[] samples, long maxSamples, double offset) {
    return new IsolationForest(trees, samples, null, null, maxSamples, offset);
  }
}
