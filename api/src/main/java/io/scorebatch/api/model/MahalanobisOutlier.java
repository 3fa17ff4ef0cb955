package io.scorebatch.api.model;

/**
 * scikit-learn's EllipticEnvelope: {@code SCORE_SAMPLES = -((x - location) . precision . (x -
 * location))}, {@code DECISION_FUNCTION} = that minus offset, {@code PREDICT} = decision at least
 * 0: 1, else -1.
 *
 * @param location {@code location_}; its length is the number of input columns
 * @param precision {@code precision_}, row by row
 * @param offset {@code offset_}
 */
public record MahalanobisOutlier(double[] location, double[] precision, double offset)
    implements Estimator {
  public MahalanobisOutlier {
    Shapes.positive("location", location.length);
    Shapes.require("precision", precision.length, (long) location.length * location.length);
  }
}
