package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.IsolationForest;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** IsolationForest. */
final class IsolationForests {
  private IsolationForests() {}

  @SuppressWarnings("NullAway") // javac drops the record's @Nullable on arrays from the class file
  static Fitted translate(PyObject forest, Parts parts) {
    Columns columns = Columns.numbersOf(forest);
    List<PyObject> trees = Members.of(forest, "estimators_");
    List<NdArray> subsets = Members.arrays(forest, "estimators_features_");
    if (subsets.size() != trees.size()) {
      throw SklearnErrors.damaged(
          forest, "has " + trees.size() + " trees and columns of " + subsets.size());
    }
    boolean all = forest.integer("_max_features") == columns.count();
    TreeTables tables = new TreeTables(columns.count(), 1, TreeTables.unread());
    for (int i = 0; i < trees.size(); i++) {
      tables.add(TreeTables.treeOf(trees.get(i)), all ? null : subsets.get(i).ints());
    }
    Estimator estimator =
        new IsolationForest(
            tables.build(),
            tables.samples(),
            perNode(forest, "_average_path_length_per_tree", tables.nodes()),
            perNode(forest, "_decision_path_lengths", tables.nodes()),
            forest.integer(forest.has("_max_samples") ? "_max_samples" : "max_samples_"),
            forest.number("offset_"));
    // Since 1.6 nothing is checked: NaN and infinities go their way.
    return Fitted.outlierDetector(
        columns,
        parts.version().since(6) ? estimator : Steps.checked(Accept.FINITE_FLOAT, estimator));
  }

  /** Numbers of each node that newer releases store tree by tree; null in older ones. */
  private static double @Nullable [] perNode(PyObject forest, String name, int nodes) {
    if (!forest.has(name)) {
      return null;
    }
    double[] result = new double[nodes];
    int at = 0;
    for (NdArray tree : Members.arrays(forest, name)) {
      double[] values = tree.doubles();
      if (values.length > nodes - at) {
        throw SklearnErrors.damaged(forest, "has more " + name + " than nodes");
      }
      System.arraycopy(values, 0, result, at, values.length);
      at += values.length;
    }
    if (at != nodes) {
      throw SklearnErrors.damaged(forest, "has fewer " + name + " than nodes");
    }
    return result;
  }
}
