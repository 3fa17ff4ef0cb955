package io.scorebatch.api.model;

import java.util.List;

/**
 * scikit-learn's CalibratedClassifierCV. Each fold reads the same columns and gives probabilities;
 * the answer is their mean over folds, summed in order.
 *
 * <p>A fold feeds its calibrators with the estimator's {@code input} ({@code DECISION_FUNCTION}, or
 * {@code PREDICT_PROBA}: for two classes its second column). One calibrator: {@code p} of it,
 * {@code [1 - p, p]}. K calibrators: one a class, then divided by their sum (sum 0: {@code 1 / K}
 * each). Then {@code 1 < p <= 1 + 1e-5} becomes 1. {@code PREDICT} is the first most probable
 * class.
 *
 * @param folds in order
 * @param classes number of classes
 */
public record Calibrated(List<Fold> folds, int classes) implements Estimator {

  /**
   * An estimator with its calibrators.
   *
   * @param estimator the classifier
   * @param input what feeds the calibrators
   * @param targets the class each calibrator is for, in order ({@code pos_class_indices}); not read
   *     for two classes and for {@link Temperature}
   * @param calibrators one for two classes or for {@link Temperature}, otherwise one a target
   */
  public record Fold(
      Estimator estimator, OutputKind input, int[] targets, List<Calibrator> calibrators) {
    public Fold {
      calibrators = List.copyOf(calibrators);
      Shapes.positive("calibrators", calibrators.size());
    }
  }

  /** From a score to a probability. */
  public sealed interface Calibrator {}

  /** {@code expit(-(a * t + b))}. */
  public record Sigmoid(double a, double b) implements Calibrator {}

  /**
   * Isotonic regression: t clipped to {@code [min, max]}, then {@code np.interp}: {@code slope * (t
   * - x[j]) + y[j]} with {@code slope = (y[j + 1] - y[j]) / (x[j + 1] - x[j])}, exact at the knots.
   *
   * @param min {@code X_min_}
   * @param max {@code X_max_}
   * @param x {@code X_thresholds_}, ascending
   * @param y {@code y_thresholds_}
   */
  public record Isotonic(double min, double max, double[] x, double[] y) implements Calibrator {
    public Isotonic {
      Shapes.positive("x", x.length);
      Shapes.require("y", y.length, x.length);
    }
  }

  /**
   * scikit-learn 1.8 and later, {@code method="temperature"}: softmax of {@code beta * logits}.
   * Logits are the decision values (one column d: {@code [-d, d]}) or {@code log(p + 1e-12)} of the
   * probabilities.
   */
  public record Temperature(double beta) implements Calibrator {}

  public Calibrated {
    folds = List.copyOf(folds);
    Shapes.positive("folds", folds.size());
    if (classes < 2) {
      throw new IllegalArgumentException("a calibrated classifier has " + classes + " classes");
    }
    for (Fold fold : folds) {
      boolean one = fold.calibrators().size() == 1;
      if (!one) {
        Shapes.require("targets", fold.targets().length, fold.calibrators().size());
      }
      Shapes.inRange("targets", fold.targets(), classes);
    }
  }
}
