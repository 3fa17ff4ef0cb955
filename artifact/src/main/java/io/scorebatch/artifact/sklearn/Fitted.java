package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Task;
import java.util.Optional;
import java.util.Set;

/**
 * A fitted estimator as data. Immutable.
 *
 * @param columns what it reads
 * @param task what it answers
 * @param labels the classes of a classifier
 * @param kinds what it can be asked for
 * @param estimator how it computes
 */
record Fitted(
    Columns columns,
    Task task,
    Optional<Labels> labels,
    Set<OutputKind> kinds,
    Estimator estimator) {
  Fitted {
    kinds = Set.copyOf(kinds);
  }

  static Fitted regressor(Columns columns, Estimator estimator) {
    return new Fitted(
        columns, Task.REGRESSION, Optional.empty(), Set.of(OutputKind.PREDICT), estimator);
  }

  static Fitted classifier(
      Columns columns, Labels labels, Set<OutputKind> kinds, Estimator estimator) {
    Task task = labels.size() == 2 ? Task.BINARY_CLASSIFICATION : Task.MULTICLASS_CLASSIFICATION;
    return new Fitted(columns, task, Optional.of(labels), kinds, estimator);
  }

  static Fitted outlierDetector(Columns columns, Estimator estimator) {
    return new Fitted(
        columns,
        Task.ANOMALY_DETECTION,
        Optional.empty(),
        Set.of(OutputKind.PREDICT, OutputKind.DECISION_FUNCTION, OutputKind.SCORE_SAMPLES),
        estimator);
  }

  Fitted with(Columns other, Estimator outer) {
    return new Fitted(other, task, labels, kinds, outer);
  }

  boolean has(OutputKind kind) {
    return kinds.contains(kind);
  }
}
