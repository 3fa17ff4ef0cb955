package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.Pipeline;
import io.scorebatch.api.model.Transform;
import java.util.ArrayList;
import java.util.List;

/** Puts transforms before estimators. */
final class Steps {
  private Steps() {}

  /** The estimator behind the steps; nested pipelines become one. */
  static Estimator before(List<Transform> steps, Estimator estimator) {
    if (steps.isEmpty()) {
      return estimator;
    }
    List<Transform> all = new ArrayList<>(steps);
    if (estimator instanceof Pipeline inner) {
      all.addAll(inner.steps());
      return new Pipeline(all, inner.estimator());
    }
    return new Pipeline(all, estimator);
  }

  /** The estimator behind an input check. */
  static Estimator checked(Transform.Accept accept, Estimator estimator) {
    return before(List.of(new Transform.Check(accept)), estimator);
  }

  /** The columns 0, 1, … */
  static int[] range(int count) {
    int[] columns = new int[count];
    for (int i = 0; i < count; i++) {
      columns[i] = i;
    }
    return columns;
  }
}
