package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.CategoryRule;
import io.scorebatch.api.model.ClassGroups;
import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.Link;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Response;
import io.scorebatch.api.model.SplitRule;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.api.model.TreeEnsemble;
import io.scorebatch.api.model.TreeTable;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Single trees and averaged forests of them. */
final class DecisionTrees {
  private static final Set<String> CRITERIA_WITH_MISSING =
      Set.of("gini", "log_loss", "entropy", "squared_error", "friedman_mse", "poisson");
  private static final int MAX_OUTPUTS = 1 << 16;

  private DecisionTrees() {}

  static Fitted classifier(PyObject tree, Parts parts) {
    return classifier(tree, List.of(tree), accept(tree, parts.version()), parts);
  }

  static Fitted regressor(PyObject tree, Parts parts) {
    return regressor(tree, List.of(tree), accept(tree, parts.version()));
  }

  static Fitted forestClassifier(PyObject forest, Parts parts) {
    List<PyObject> trees = Members.of(forest, "estimators_");
    return classifier(forest, trees, forestAccept(trees, parts.version()), parts);
  }

  static Fitted forestRegressor(PyObject forest, Parts parts) {
    List<PyObject> trees = Members.of(forest, "estimators_");
    return regressor(forest, trees, forestAccept(trees, parts.version()));
  }

  private static Fitted classifier(
      PyObject owner, List<PyObject> trees, Accept accept, Parts parts) {
    Columns columns = Columns.numbersOf(owner);
    List<Labels> outputs = LabelArray.ofOutputs(owner);
    if (!outputs.isEmpty()) {
      return classifierOfOutputs(columns, outputs, owner, trees, accept, parts);
    }
    Labels labels = LabelArray.of(owner);
    TreeTables tables =
        new TreeTables(
            columns.count(),
            labels.size(),
            TreeTables.shares(owner, new int[] {labels.size()}, parts.version()));
    trees.forEach(tree -> tables.add(TreeTables.treeOf(tree), null));
    Response response = Response.classes(Link.IDENTITY, Response.Rule.MOST_PROBABLE);
    return Fitted.classifier(
        columns,
        labels,
        Set.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA),
        Steps.checked(accept, sum(tables, labels.size(), trees.size(), response)));
  }

  private static Fitted classifierOfOutputs(
      Columns columns,
      List<Labels> outputs,
      PyObject owner,
      List<PyObject> trees,
      Accept accept,
      Parts parts) {
    int[] sizes = outputs.stream().mapToInt(Labels::size).toArray();
    int width = Arrays.stream(sizes).sum();
    TreeTables tables =
        new TreeTables(columns.count(), width, TreeTables.shares(owner, sizes, parts.version()));
    trees.forEach(tree -> tables.add(TreeTables.treeOf(tree), null));
    Estimator shares = sum(tables, width, trees.size(), Response.value(Link.IDENTITY));
    return Fitted.classifierOfOutputs(
        columns,
        outputs,
        Set.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA),
        Steps.checked(accept, new ClassGroups(shares, sizes)));
  }

  private static Fitted regressor(PyObject owner, List<PyObject> trees, Accept accept) {
    Columns columns = Columns.numbersOf(owner);
    int outputs = owner.count("n_outputs_", 1, MAX_OUTPUTS);
    TreeTables tables =
        new TreeTables(columns.count(), outputs, TreeTables.outputs(owner, outputs));
    trees.forEach(tree -> tables.add(TreeTables.treeOf(tree), null));
    Response response = Response.value(Link.IDENTITY);
    return Fitted.regressor(
        columns, Steps.checked(accept, sum(tables, outputs, trees.size(), response)));
  }

  private static TreeEnsemble sum(TreeTables tables, int outputs, int trees, Response response) {
    TreeTable table = tables.build();
    return TreeEnsemble.of(
        table,
        SplitRule.FLOAT_AT_MOST,
        CategoryRule.HIST_GRADIENT_BOOSTING,
        outputs == 1 ? new int[trees] : new int[0],
        TreeEnsemble.Precision.DOUBLE,
        new double[outputs],
        trees,
        response);
  }

  /** Forests ask their first tree, since 1.4 (ExtraTrees since 1.6, by their trees' own rule). */
  static Accept forestAccept(List<PyObject> trees, SklearnVersion version) {
    return version.since(4) ? accept(trees.get(0), version) : Accept.FINITE_FLOAT;
  }

  /** The {@code allow_nan} tag of a tree. */
  static Accept accept(PyObject tree, SklearnVersion version) {
    String splitter = tree.textOr("splitter", "best");
    boolean extra = tree.simpleName().startsWith("ExtraTree");
    boolean splits =
        extra
            ? version.since(6) && splitter.equals("random")
            : splitter.equals("best") || (version.since(6) && splitter.equals("random"));
    boolean criterion =
        version.since(9)
            || CRITERIA_WITH_MISSING.contains(tree.textOr("criterion", ""))
                && !tree.has("monotonic_cst");
    return version.since(3) && splits && criterion
        ? Accept.FINITE_FLOAT_OR_NAN
        : Accept.FINITE_FLOAT;
  }
}
