package io.scorebatch.api.model;

/**
 * A classifier of several outputs whose probabilities come from one estimator: trees and forests of
 * several outputs. {@code PREDICT_PROBA} is the estimator's {@code PREDICT}: the probabilities of
 * the classes of the first output, then of the second …; {@code PREDICT} has for each output the
 * index of its first most probable class.
 *
 * @param estimator predicts a probability for each class of each output
 * @param sizes number of classes of each output
 */
public record ClassGroups(Estimator estimator, int[] sizes) implements Estimator {
  public ClassGroups {
    Shapes.positive("outputs", sizes.length);
    for (int size : sizes) {
      Shapes.positive("classes", size);
    }
  }

  /** Number of classes of all outputs. */
  public int classes() {
    int classes = 0;
    for (int size : sizes) {
      classes = Math.addExact(classes, size);
    }
    return classes;
  }
}
