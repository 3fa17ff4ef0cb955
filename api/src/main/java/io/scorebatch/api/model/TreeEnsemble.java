package io.scorebatch.api.model;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * A sum of trees: decision trees, forests, boosting of all libraries.
 *
 * <p>{@code raw[k] = start[k]}; then for each tree in order {@code raw[k] += leaf}: a tree of width
 * 1 adds to {@code k = outputOfTree[tree]}, one of width W to all W outputs. Additions are float32
 * ({@code accumulate == FLOAT}, XGBoost; start and leaves are floats widened) or float64. Then,
 * where {@code divisor} is not 1, one division {@code raw[k] / divisor}.
 *
 * <p>Readers fold constants of a leaf into {@link TreeTable#values}, as Python computes them:
 *
 * <ul>
 *   <li>scikit-learn GradientBoosting: {@code learning_rate * value} (float64).
 *   <li>scikit-learn classifiers before 1.4: {@code count[k] / sum(counts)} (sum 0: by 1); since
 *       1.4 the stored shares as they are. A forest's divisor is its number of trees.
 *   <li>XGBoost dart: {@code ((base + leaf) - base) * weight_drop}, each step rounded to float32.
 *   <li>LightGBM and HistGradientBoosting store leaves ready to add.
 * </ul>
 *
 * @param trees the trees
 * @param splits how numeric nodes compare
 * @param categories how categorical nodes choose
 * @param outputs number of raw scores
 * @param outputOfTree for width 1: the output each tree adds to; empty for wider trees
 * @param accumulate precision of the sum
 * @param start what each raw score starts from, {@code outputs} long
 * @param startFrom an estimator whose answer starts the sum instead (GradientBoosting {@code
 *     init_})
 * @param linearLeaves LightGBM's linear trees
 * @param divisor number the finished sum is divided by; 1 for a plain sum
 * @param rawIsSum whether {@code RAW_MARGIN} is the sum before the division (LightGBM rf)
 * @param response how raw scores become answers
 */
public record TreeEnsemble(
    TreeTable trees,
    SplitRule splits,
    CategoryRule categories,
    int outputs,
    int[] outputOfTree,
    Precision accumulate,
    double[] start,
    Optional<StartFrom> startFrom,
    Optional<LinearLeaves> linearLeaves,
    int divisor,
    boolean rawIsSum,
    Response response)
    implements Estimator {

  /** Precision of a sum. */
  public enum Precision {
    FLOAT,
    DOUBLE
  }

  /**
   * The estimator that starts the sum. Regressors: its prediction. Classifiers: its probabilities,
   * clipped to {@code [epsilon, 1 - epsilon]}, then for two classes {@code log(p1 / (1 - p1))}, for
   * more {@code log(p[k])} or, where {@code centred}, {@code log(p[k] / exp(mean(log(p))))}.
   *
   * @param estimator reads the same columns
   * @param logOdds whether its probabilities are taken; otherwise its prediction
   * @param epsilon 2^-23 up to scikit-learn 1.6, 2^-52 later
   * @param centred since scikit-learn 1.4, for more than two classes
   */
  public record StartFrom(Estimator estimator, boolean logOdds, double epsilon, boolean centred) {
    public StartFrom {
      requireNonNull(estimator, "estimator is null");
    }
  }

  public TreeEnsemble {
    requireNonNull(splits, "splits is null");
    requireNonNull(categories, "categories is null");
    requireNonNull(accumulate, "accumulate is null");
    requireNonNull(response, "response is null");
    if (outputs < 1 || start.length != outputs) {
      throw new IllegalArgumentException(
          outputs + " outputs have " + start.length + " starting values");
    }
    if (outputOfTree.length == 0
        ? trees.width() != outputs && trees.trees() > 0
        : trees.width() != 1 || outputOfTree.length != trees.trees()) {
      throw new IllegalArgumentException(
          trees.trees()
              + " trees of width "
              + trees.width()
              + " do not add up to "
              + outputs
              + " outputs");
    }
    for (int output : outputOfTree) {
      if (output < 0 || output >= outputs) {
        throw new IllegalArgumentException("a tree adds to output " + output + " of " + outputs);
      }
    }
    if (divisor < 1) {
      throw new IllegalArgumentException("divisor is " + divisor);
    }
    if (linearLeaves.isPresent()) {
      if (linearLeaves.get().constants().length != trees.nodes()) {
        throw new IllegalArgumentException("linear leaves are not given for each node");
      }
      for (int column : linearLeaves.get().features()) {
        if (column < 0 || column >= trees.features()) {
          throw new IllegalArgumentException("a linear leaf reads column " + column);
        }
      }
    }
  }

  /**
   * A plain sum of trees without start estimator or linear leaves.
   *
   * @param start what each raw score starts from; its length is the number of outputs
   */
  public static TreeEnsemble of(
      TreeTable trees,
      SplitRule splits,
      CategoryRule categories,
      int[] outputOfTree,
      Precision accumulate,
      double[] start,
      int divisor,
      Response response) {
    return new TreeEnsemble(
        trees,
        splits,
        categories,
        start.length,
        outputOfTree,
        accumulate,
        start,
        Optional.empty(),
        Optional.empty(),
        divisor,
        false,
        response);
  }
}
