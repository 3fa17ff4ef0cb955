package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyObject;
import io.scorebatch.artifact.pickle.PySequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Transformers that work column by column on numbers. */
final class Scalers {
  private static final double[] NONE = new double[0];

  private Scalers() {}

  static FittedTransform standard(PyObject scaler, Parts parts) {
    return each(
        scaler,
        Accept.FINITE_OR_NAN,
        new Transform.Standardize(
            scaler.flag("with_mean") ? scaler.array("mean_").doubles() : NONE,
            scaler.flag("with_std") ? scaler.array("scale_").doubles() : NONE));
  }

  static FittedTransform robust(PyObject scaler, Parts parts) {
    return each(
        scaler,
        Accept.FINITE_OR_NAN,
        new Transform.Standardize(
            scaler.flag("with_centering") ? scaler.array("center_").doubles() : NONE,
            scaler.flag("with_scaling") ? scaler.array("scale_").doubles() : NONE));
  }

  static FittedTransform minMax(PyObject scaler, Parts parts) {
    double low = Double.NEGATIVE_INFINITY;
    double high = Double.POSITIVE_INFINITY;
    if (scaler.flagOr("clip", false)) {
      PySequence range = scaler.sequence("feature_range");
      if (range.size() != 2
          || !(range.item(0) instanceof Number least)
          || !(range.item(1) instanceof Number most)) {
        throw SklearnErrors.damaged(scaler, "has the range " + range);
      }
      low = least.doubleValue();
      high = most.doubleValue();
    }
    return each(
        scaler,
        Accept.FINITE_OR_NAN,
        new Transform.ScaleShift(
            scaler.array("scale_").doubles(), scaler.array("min_").doubles(), low, high));
  }

  static FittedTransform maxAbs(PyObject scaler, Parts parts) {
    double[] scale = scaler.array("scale_").doubles();
    Transform divide = new Transform.Standardize(NONE, scale);
    return scaler.flagOr("clip", false)
        ? each(
            scaler, Accept.FINITE_OR_NAN, divide, new Transform.ScaleShift(NONE, NONE, -1.0, 1.0))
        : each(scaler, Accept.FINITE_OR_NAN, divide);
  }

  static FittedTransform normalizer(PyObject scaler, Parts parts) {
    String norm = scaler.text("norm");
    return each(scaler, Accept.FINITE, new Transform.Normalize(norm(scaler, norm)));
  }

  static Transform.Norm norm(PyObject owner, String norm) {
    switch (norm) {
      case "l1":
      case "l2":
      case "max":
        return Transform.Norm.valueOf(norm.toUpperCase(Locale.ROOT));
      default:
        throw SklearnErrors.setting(owner, "norm", norm);
    }
  }

  static FittedTransform binarizer(PyObject scaler, Parts parts) {
    return each(scaler, Accept.FINITE, new Transform.Binarize(scaler.number("threshold")));
  }

  static FittedTransform power(PyObject scaler, Parts parts) {
    String method = scaler.text("method");
    if (!method.equals("box-cox") && !method.equals("yeo-johnson")) {
      throw SklearnErrors.setting(scaler, "method", method);
    }
    Transform power =
        new Transform.Power(method.equals("box-cox"), scaler.array("lambdas_").doubles());
    if (!scaler.flag("standardize")) {
      return each(scaler, Accept.FINITE_OR_NAN, power);
    }
    List<Transform> steps = new ArrayList<>();
    steps.add(power);
    steps.addAll(standard(scaler.object("_scaler"), parts).steps());
    steps.removeIf(step -> step instanceof Transform.Check);
    return each(scaler, Accept.FINITE_OR_NAN, steps.toArray(Transform[]::new));
  }

  static FittedTransform quantile(PyObject scaler, Parts parts) {
    NdArray stored = scaler.array("quantiles_");
    double[] references = scaler.array("references_").doubles();
    int columns = Columns.numbersOf(scaler).count();
    if (stored.rank() != 2
        || stored.extent(0) != references.length
        || stored.extent(1) != columns) {
      throw SklearnErrors.damaged(scaler, "has quantiles of shape " + stored);
    }
    double[] rows = stored.doubles();
    double[][] quantiles = new double[columns][references.length];
    for (int i = 0; i < references.length; i++) {
      for (int j = 0; j < columns; j++) {
        quantiles[j][i] = rows[i * columns + j];
      }
    }
    String output = scaler.text("output_distribution");
    return each(
        scaler,
        Accept.FINITE_OR_NAN,
        new Transform.Quantile(quantiles, references, output.equals("normal")));
  }

  static FittedTransform bins(PyObject scaler, Parts parts) {
    Columns columns = Columns.numbersOf(scaler);
    List<NdArray> stored = Members.arrays(scaler, "bin_edges_");
    if (stored.size() != columns.count()) {
      throw SklearnErrors.damaged(scaler, "has edges of " + stored.size() + " columns");
    }
    double[][] edges = new double[stored.size()][];
    int bins = 0;
    for (int j = 0; j < edges.length; j++) {
      edges[j] = stored.get(j).doubles();
      bins += Math.max(0, edges[j].length - 1);
    }
    boolean oneHot = !scaler.text("encode").equals("ordinal");
    return FittedTransform.of(
        columns,
        oneHot ? bins : columns.count(),
        new Transform.Check(Accept.FINITE),
        new Transform.Bins(edges, !parts.version().since(1), oneHot));
  }

  private static FittedTransform each(PyObject scaler, Accept accept, Transform... steps) {
    Columns columns = Columns.numbersOf(scaler);
    List<Transform> all = new ArrayList<>();
    all.add(new Transform.Check(accept));
    for (Transform step : steps) {
      requireColumns(scaler, columns.count(), step);
      all.add(step);
    }
    return new FittedTransform(columns, columns.count(), all);
  }

  private static void requireColumns(PyObject scaler, int columns, Transform step) {
    List<double[]> arrays =
        step instanceof Transform.Standardize s
            ? List.of(s.centre(), s.scale())
            : step instanceof Transform.ScaleShift s
                ? List.of(s.scale(), s.shift())
                : step instanceof Transform.Power p ? List.of(p.lambdas()) : List.of();
    for (double[] array : arrays) {
      if (array.length != 0 && array.length != columns) {
        throw SklearnErrors.damaged(
            scaler, "has " + array.length + " numbers for " + columns + " columns");
      }
    }
  }
}
