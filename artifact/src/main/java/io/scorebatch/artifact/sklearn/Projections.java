package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.PrincipalComponents;
import io.scorebatch.api.model.Task;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.api.model.Transformation;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** PCA, TruncatedSVD and PolynomialFeatures: columns made of several columns. */
final class Projections {
  private static final double[] NONE = new double[0];
  private static final int MAX_PRODUCTS = 1 << 18;

  private Projections() {}

  static FittedTransform principalComponents(PyObject model, Parts parts) {
    double[] scale = NONE;
    if (model.flag("whiten")) {
      scale = model.array("explained_variance_").doubles();
      for (int k = 0; k < scale.length; k++) {
        // Components of no variance are divided by the smallest step instead.
        scale[k] = Math.max(Math.sqrt(scale[k]), Math.ulp(1.0));
      }
    }
    return project(model, model.has("mean_") ? model.array("mean_").doubles() : NONE, scale);
  }

  /** PCA as a model of its own: it also tells how likely a row is. */
  static Fitted density(PyObject model, Parts parts) {
    FittedTransform fitted = principalComponents(model, parts);
    Transformation projection = new Transformation(fitted.steps());
    int columns = fitted.columns().count();
    double[] variances = model.array("explained_variance_").doubles();
    double noise = model.number("noise_variance_");
    boolean whiten = model.flag("whiten");
    double[] weights = new double[fitted.width()];
    if (variances.length != weights.length) {
      throw SklearnErrors.damaged(model, "has " + variances.length + " variances");
    }
    int across = columns - weights.length;
    double logDeterminant = across == 0 ? 0 : -across * Math.log(noise);
    for (int k = 0; k < weights.length; k++) {
      double above = Math.max(variances[k] - noise, 0);
      // Python's covariance scales the components of a whitening PCA, unit vectors as they are.
      double along = noise + (whiten ? variances[k] : 1) * above;
      weights[k] = 1 / along - (noise == 0 ? 0 : 1 / noise);
      logDeterminant -= Math.log(along);
    }
    double constant = -0.5 * (columns * Math.log(2 * Math.PI) - logDeterminant);
    // Without noise the precision of fewer components than columns is infinite.
    if (!model.has("mean_") || !Double.isFinite(constant)) {
      return Wrappers.transformer(fitted);
    }
    return new Fitted(
        fitted.columns(),
        Task.TRANSFORMATION,
        Optional.empty(),
        Set.of(OutputKind.TRANSFORM, OutputKind.SCORE_SAMPLES),
        new PrincipalComponents(
            projection,
            model.array("mean_").doubles(),
            model.array("components_").doubles(),
            weights,
            noise == 0 ? 0 : 1 / noise,
            constant));
  }

  static FittedTransform truncatedSvd(PyObject model, Parts parts) {
    return project(model, NONE, NONE);
  }

  private static FittedTransform project(PyObject model, double[] mean, double[] scale) {
    Columns columns = Columns.numbersOf(model);
    NdArray components = model.array("components_");
    if (components.rank() != 2 || components.extent(1) != columns.count()) {
      throw SklearnErrors.damaged(model, "has components of shape " + components);
    }
    return FittedTransform.of(
        columns,
        components.extent(0),
        new Transform.Check(Accept.FINITE),
        new Transform.Project(columns.count(), mean, components.doubles(), scale));
  }

  static FittedTransform polynomial(PyObject model, Parts parts) {
    Columns columns = Columns.numbersOf(model);
    int least = model.count("_min_degree", 0, 64);
    int most = model.count("_max_degree", least, 64);
    boolean distinct = model.flag("interaction_only");
    List<int[]> products = new ArrayList<>();
    if (model.flag("include_bias")) {
      products.add(new int[0]);
    }
    for (int degree = Math.max(1, least); degree <= most; degree++) {
      combinations(model, columns.count(), degree, distinct, products);
    }
    return FittedTransform.of(
        columns,
        products.size(),
        new Transform.Check(Accept.FINITE),
        new Transform.Polynomial(products.toArray(int[][]::new)));
  }

  /** {@code itertools.combinations} (with replacement unless distinct) in its order. */
  private static void combinations(
      PyObject model, int columns, int degree, boolean distinct, List<int[]> products) {
    int[] chosen = new int[degree];
    for (int i = 0; i < degree; i++) {
      chosen[i] = distinct ? i : 0;
    }
    if (distinct && degree > columns) {
      return;
    }
    while (true) {
      if (products.size() == MAX_PRODUCTS) {
        throw SklearnErrors.unsupported(model, "makes more than " + MAX_PRODUCTS + " columns");
      }
      products.add(chosen.clone());
      int i = degree - 1;
      while (i >= 0 && chosen[i] == (distinct ? columns - degree + i : columns - 1)) {
        i--;
      }
      if (i < 0) {
        return;
      }
      chosen[i]++;
      for (int j = i + 1; j < degree; j++) {
        chosen[j] = distinct ? chosen[j - 1] + 1 : chosen[i];
      }
    }
  }
}
