package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Transform;
import java.util.List;

/**
 * A fitted transformer as data. Immutable.
 *
 * @param columns what it reads
 * @param width number of columns it writes
 * @param steps how it computes; none passes all columns
 */
record FittedTransform(Columns columns, int width, List<Transform> steps) {
  FittedTransform {
    steps = List.copyOf(steps);
  }

  static FittedTransform of(Columns columns, int width, Transform... steps) {
    return new FittedTransform(columns, width, List.of(steps));
  }
}
