package io.scorebatch.api.model;

/**
 * The points a neighbour model remembers, and how far a row is from them. Distances are float64:
 * EUCLIDEAN {@code sqrt(sum((x - p)^2))}, MANHATTAN {@code sum(|x - p|)}, CHEBYSHEV the maximum,
 * MINKOWSKI {@code sum(|x - p|^power)^(1 / power)}; sums in order of the columns. Points equally
 * far count in stored order (scikit-learn's trees may choose another of them).
 *
 * @param features number of input columns
 * @param points stored points, row by row
 * @param metric distance
 * @param power of MINKOWSKI
 * @param k how many neighbours are asked
 */
public record Neighbours(int features, double[] points, Metric metric, double power, int k) {
  /** Distances. */
  public enum Metric {
    EUCLIDEAN,
    MANHATTAN,
    CHEBYSHEV,
    MINKOWSKI
  }

  public Neighbours {
    Shapes.positive("features", features);
    if (points.length % features != 0 || k < 1 || k > points.length / features) {
      throw new IllegalArgumentException(
          k + " neighbours of " + points.length + " numbers in " + features + " columns");
    }
  }

  /** Number of points. */
  public int count() {
    return points.length / features;
  }
}
