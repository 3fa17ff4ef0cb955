package io.scorebatch.api.model;

import java.util.List;

/** Transforms alone; answers {@code TRANSFORM}: the columns the last of them writes. */
public record Transformation(List<Transform> steps) implements Estimator {
  public Transformation {
    steps = List.copyOf(steps);
  }
}
