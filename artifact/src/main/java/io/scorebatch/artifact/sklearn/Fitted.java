package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Task;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A fitted estimator as data. Immutable.
 *
 * @param columns what it reads
 * @param task what it answers
 * @param labels the classes of a classifier of one output
 * @param outputLabels the classes of each output of a classifier of several
 * @param kinds what it can be asked for
 * @param estimator how it computes
 */
record Fitted(
    Columns columns,
    Task task,
    Optional<Labels> labels,
    List<Labels> outputLabels,
    Set<OutputKind> kinds,
    Estimator estimator) {
  Fitted {
    outputLabels = List.copyOf(outputLabels);
    kinds = Set.copyOf(kinds);
  }

  Fitted(
      Columns columns,
      Task task,
      Optional<Labels> labels,
      Set<OutputKind> kinds,
      Estimator estimator) {
    this(columns, task, labels, List.of(), kinds, estimator);
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

  /** A classifier of several outputs. */
  static Fitted classifierOfOutputs(
      Columns columns, List<Labels> labels, Set<OutputKind> kinds, Estimator estimator) {
    return new Fitted(
        columns, Task.MULTI_OUTPUT_CLASSIFICATION, Optional.empty(), labels, kinds, estimator);
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
    return new Fitted(other, task, labels, outputLabels, kinds, outer);
  }

  boolean has(OutputKind kind) {
    return kinds.contains(kind);
  }
}
