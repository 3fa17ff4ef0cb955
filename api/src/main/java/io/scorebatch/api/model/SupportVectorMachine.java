package io.scorebatch.api.model;

/**
 * libsvm inside scikit-learn: SVC, NuSVC, SVR, NuSVR, OneClassSVM. Float64; sums over support
 * vectors in stored order, sums over features in order. Within 1e-12 of Python relative to the sum
 * of magnitudes (its inner products are BLAS's).
 *
 * <p>Kernels: LINEAR {@code u.v}; POLY {@code (gamma * u.v + coef0)^degree} by squaring as libsvm's
 * powi; RBF {@code exp(-gamma * sum((u - v)^2))}; SIGMOID {@code tanh(gamma * u.v + coef0)}.
 *
 * <p>Regressor and one-class: {@code raw = sum(dual[i] * K(x, sv[i])) + intercept}. {@code PREDICT}
 * of a regressor is raw, of a one-class machine {@code raw > 0 ? 1 : -1}; {@code SCORE_SAMPLES} is
 * {@code raw - intercept}.
 *
 * <p>Classifier with K classes, for each pair i before j: {@code d = sum over vectors of class i of
 * dual[j - 1] * K + sum over vectors of class j of dual[i] * K + intercept[pair]}; above 0 a vote
 * for i, else for j; {@code PREDICT} is the first class with most votes. {@code DECISION_FUNCTION}
 * of two classes: one column {@code -d}. Of more: ONE_VS_ONE the pairs' {@code d}; ONE_VS_REST
 * {@code votes + s / (3 * (|s| + 1))}, where s adds the pair's d for i and takes it off for j, and
 * the vote is for j where {@code d < 0}, else for i. {@code breakTies}: {@code PREDICT} is the
 * first greatest ONE_VS_REST decision. {@code PREDICT_PROBA}: libsvm's sigmoids of each pair,
 * clipped to {@code [1e-7, 1 - 1e-7]}, coupled by its {@code multiclass_probability}.
 *
 * @param machine what it is
 * @param kernel kernel function
 * @param gamma {@code _gamma}
 * @param degree of POLY
 * @param coef0 of POLY and SIGMOID
 * @param features number of input columns
 * @param vectors support vectors, row by row
 * @param vectorsOfClass {@code _n_support}: number of vectors of each class in order; for others
 *     one entry
 * @param dual {@code _dual_coef_} (libsvm's sign), K - 1 rows (others: one row)
 * @param intercepts {@code _intercept_} (libsvm's sign), one a pair
 * @param shape of a classifier's decision function
 * @param breakTies {@code break_ties}
 * @param probA {@code probA_} / {@code _probA}; empty where there are no probabilities
 * @param probB like {@code probA}
 */
public record SupportVectorMachine(
    Machine machine,
    Kernel kernel,
    double gamma,
    int degree,
    double coef0,
    int features,
    double[] vectors,
    int[] vectorsOfClass,
    double[] dual,
    double[] intercepts,
    Shape shape,
    boolean breakTies,
    double[] probA,
    double[] probB)
    implements Estimator {

  /** What a machine answers. */
  public enum Machine {
    CLASSIFIER,
    REGRESSOR,
    ONE_CLASS
  }

  /** Kernel functions. */
  public enum Kernel {
    LINEAR,
    POLY,
    RBF,
    SIGMOID
  }

  /** Shapes of a classifier's decision function; without meaning for others and for two classes. */
  public enum Shape {
    ONE_VS_ONE,
    ONE_VS_REST
  }

  public SupportVectorMachine {
    boolean classifier = machine == Machine.CLASSIFIER;
    int classes = vectorsOfClass.length;
    long count = 0;
    for (int n : vectorsOfClass) {
      if (n < 0) {
        throw new IllegalArgumentException("a class has " + n + " support vectors");
      }
      count += n;
    }
    if (classifier ? classes < 2 : classes != 1) {
      throw new IllegalArgumentException("a machine has " + classes + " classes");
    }
    long pairs = classifier ? (long) classes * (classes - 1) / 2 : 1;
    Shapes.require("support vectors", vectors.length, count * features);
    Shapes.require("dual coefficients", dual.length, count * (classifier ? classes - 1 : 1));
    Shapes.require("intercepts", intercepts.length, pairs);
    if (probA.length != 0) {
      Shapes.require("probA", probA.length, pairs);
    }
    Shapes.require("probB", probB.length, probA.length);
  }

  /** Number of classes of a classifier; 1 for others. */
  public int classes() {
    return vectorsOfClass.length;
  }

  /** Number of support vectors. */
  public int count() {
    return features == 0 ? 0 : vectors.length / features;
  }
}
