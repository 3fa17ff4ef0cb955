package io.scorebatch.api.model;

/**
 * scikit-learn's KMeans and MiniBatchKMeans. {@code TRANSFORM}: Euclidean distance to each centre.
 * {@code PREDICT}: index of the least {@code |c|^2 - 2 * x.c}, the first of equals.
 *
 * @param features number of input columns
 * @param centres {@code cluster_centers_}, row by row
 */
public record ClusterCentres(int features, double[] centres) implements Estimator {
  public ClusterCentres {
    Shapes.positive("features", features);
    Shapes.positive("centres", centres.length);
    Shapes.require("centres", centres.length % features, 0);
  }

  /** Number of clusters. */
  public int count() {
    return centres.length / features;
  }
}
