package io.scorebatch.api.model;

import java.util.List;

/**
 * Transforms, then an estimator that reads what the last of them writes. Any kind of output is
 * asked of the estimator. Immutable.
 */
public record Pipeline(List<Transform> steps, Estimator estimator) implements Estimator {
  public Pipeline {
    steps = List.copyOf(steps);
  }
}
