package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.ArrayList;
import java.util.List;

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
