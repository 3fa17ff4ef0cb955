package io.scorebatch.api.model;

import java.util.List;

/**
 * scikit-learn's TransformedTargetRegressor: {@code PREDICT} is the estimator's, passed through the
 * inverse of the target's transform, written as transforms of its own.
 */
public record TransformedTarget(Estimator estimator, List<Transform> inverse) implements Estimator {
  public TransformedTarget {
    inverse = List.copyOf(inverse);
  }
}
