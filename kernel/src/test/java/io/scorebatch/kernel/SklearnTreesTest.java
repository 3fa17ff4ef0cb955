package io.scorebatch.kernel;

import static io.scorebatch.api.model.OutputKind.DECISION_FUNCTION;
import static io.scorebatch.api.model.OutputKind.PREDICT;
import static io.scorebatch.api.model.OutputKind.PREDICT_PROBA;
import static io.scorebatch.api.model.OutputKind.SCORE_SAMPLES;
import static io.scorebatch.api.model.TreeTable.DEFAULT_LEFT;
import static io.scorebatch.api.model.TreeTable.MISSING_COMPARED;
import static io.scorebatch.api.model.TreeTable.MISSING_NAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.scorebatch.api.model.CategoryRule;
import io.scorebatch.api.model.IsolationForest;
import io.scorebatch.api.model.Link;
import io.scorebatch.api.model.Pipeline;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.Response;
import io.scorebatch.api.model.Response.Rule;
import io.scorebatch.api.model.SplitRule;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.api.model.TreeEnsemble;
import io.scorebatch.api.model.TreeEnsemble.Precision;
import io.scorebatch.api.model.TreeTable;
import java.util.List;
import org.junit.jupiter.api.Test;

/** scikit-learn's trees and isolation forests. Trees are made by hand. */
class SklearnTreesTest {
  private static final double LEFT = 1;
  private static final double RIGHT = 2;

  private static TreeEnsemble regressor(TreeTable trees) {
    return TreeEnsemble.of(
        trees,
        SplitRule.FLOAT_AT_MOST,
        CategoryRule.XGBOOST,
        new int[trees.trees()],
        Precision.DOUBLE,
        new double[1],
        trees.trees(),
        Response.value(Link.IDENTITY));
  }

  @Test
  void cutsValuesToFloatButNotThresholds() {
    TreeTable stump = Nodes.stump(0.1, MISSING_COMPARED, LEFT, RIGHT);
    assertThat(Scoring.values(regressor(stump), PREDICT, 0.1, Math.nextDown(0.1f), 1.9))
        .containsExactly(RIGHT, LEFT, RIGHT);
    TreeTable printed = Nodes.stump(1.9f, MISSING_COMPARED, LEFT, RIGHT);
    assertThat(Scoring.values(regressor(printed), PREDICT, 1.9)).containsExactly(LEFT);
  }

  @Test
  void sendsMissingValuesWhereTheTreeSays() {
    TreeTable left = Nodes.stump(0, MISSING_NAN | DEFAULT_LEFT, LEFT, RIGHT);
    TreeTable right = Nodes.stump(0, MISSING_NAN, LEFT, RIGHT);
    assertThat(Scoring.values(regressor(left), PREDICT, Double.NaN)).containsExactly(LEFT);
    assertThat(Scoring.values(regressor(right), PREDICT, Double.NaN)).containsExactly(RIGHT);
  }

  @Test
  void olderVersionsRefuseMissingValues() {
    TreeEnsemble tree = regressor(Nodes.stump(0, MISSING_COMPARED, LEFT, RIGHT));
    Pipeline model = new Pipeline(List.of(new Transform.Check(Accept.FINITE_FLOAT)), tree);
    assertThatThrownBy(() -> Scoring.values(model, PREDICT, 1, 2, Double.NaN))
        .isInstanceOf(RejectedValueException.class)
        .hasMessage("row 2, input 0: value NaN is NaN or NULL");
  }

  @Test
  void refusesWhatFloatCannotHold() {
    TreeEnsemble tree = regressor(Nodes.stump(0, MISSING_NAN, LEFT, RIGHT));
    Pipeline model = new Pipeline(List.of(new Transform.Check(Accept.FINITE_FLOAT_OR_NAN)), tree);
    assertThat(Scoring.values(model, PREDICT, Double.NaN, Float.MAX_VALUE)).containsOnly(RIGHT);
    assertThatThrownBy(() -> Scoring.values(model, PREDICT, 1, 1e39))
        .isInstanceOf(RejectedValueException.class)
        .hasMessage("row 1, input 0: value 1.0E39 is too large for float32");
    assertThatThrownBy(() -> Scoring.values(model, PREDICT, Double.NEGATIVE_INFINITY))
        .isInstanceOf(RejectedValueException.class)
        .hasMessage("row 0, input 0: value -Infinity is infinite");
  }

  @Test
  void forestsAverageProbabilitiesInsteadOfVoting() {
    Nodes nodes = new Nodes(1, 2);
    nodes.root(nodes.leaf(0.6, 0.4)).root(nodes.leaf(0.6, 0.4)).root(nodes.leaf(0.1, 0.9));
    TreeEnsemble forest =
        TreeEnsemble.of(
            nodes.table(),
            SplitRule.FLOAT_AT_MOST,
            CategoryRule.XGBOOST,
            new int[0],
            Precision.DOUBLE,
            new double[2],
            3,
            Response.classes(Link.IDENTITY, Rule.MOST_PROBABLE));
    assertThat(Scoring.values(forest, PREDICT, 0)).containsExactly(1);
    assertThat(Scoring.rows(forest, PREDICT_PROBA, new double[] {0})[0][1])
        .isEqualTo((0.4 + 0.4 + 0.9) / 3);
  }

  @Test
  void equallyProbableClassesGoToTheFirst() {
    Nodes nodes = new Nodes(1, 3);
    nodes.root(nodes.leaf(0.2, 0.4, 0.4));
    TreeEnsemble tree =
        TreeEnsemble.of(
            nodes.table(),
            SplitRule.FLOAT_AT_MOST,
            CategoryRule.XGBOOST,
            new int[0],
            Precision.DOUBLE,
            new double[3],
            1,
            Response.classes(Link.IDENTITY, Rule.MOST_PROBABLE));
    assertThat(Scoring.values(tree, PREDICT, 0)).containsExactly(1);
  }

  @Test
  void largeTargetsAreSummedInDouble() {
    Nodes nodes = new Nodes(1, 1);
    double expected = 0;
    for (int t = 0; t < 500; t++) {
      double leaf = 1e6 + t * 0.1;
      nodes.root(nodes.leaf(leaf));
      expected += leaf;
    }
    assertThat(Scoring.values(regressor(nodes.table()), PREDICT, 0))
        .containsExactly(expected / 500);
  }

  @Test
  void averagePathLengthsAreThoseOfTheCurrentFormula() {
    assertThat(IsolationForestPredictor.averagePathLength(0)).isZero();
    assertThat(IsolationForestPredictor.averagePathLength(1)).isZero();
    assertThat(IsolationForestPredictor.averagePathLength(2)).isEqualTo(1);
    assertThat(IsolationForestPredictor.averagePathLength(3)).isEqualTo(1.207392357589623);
    assertThat(IsolationForestPredictor.averagePathLength(256)).isEqualTo(10.244770920119917);
  }

  /** One split: three training rows left, one right. */
  private static IsolationForest isolation(double offset) {
    Nodes nodes = new Nodes(1, 1);
    nodes.root(nodes.split(0, 10, MISSING_NAN, nodes.leaf(0), nodes.leaf(0)));
    return IsolationForest.of(nodes.table(), new long[] {3, 1, 4}, 4, offset);
  }

  @Test
  void isolationForestsNameTheirThreeOutputs() {
    double c3 = 1.207392357589623;
    double c4 = IsolationForestPredictor.averagePathLength(4);
    double inlier = -Math.pow(2, -((2 + c3 - 1) / c4));
    double outlier = -Math.pow(2, -(1 / c4));
    IsolationForest forest = isolation(-0.6);
    assertThat(Scoring.values(forest, SCORE_SAMPLES, 5, 50)[0]).isEqualTo(inlier, within(1e-15));
    assertThat(Scoring.values(forest, SCORE_SAMPLES, 5, 50)[1]).isEqualTo(outlier, within(1e-15));
    assertThat(Scoring.values(forest, DECISION_FUNCTION, 5, 50)[0])
        .isEqualTo(inlier + 0.6, within(1e-15));
    assertThat(Scoring.values(forest, PREDICT, 5, 50)).containsExactly(1, -1);
  }

  @Test
  void theOffsetMovesLabelsButNotScores() {
    assertThat(Scoring.values(isolation(-0.5), SCORE_SAMPLES, 5, 50))
        .isEqualTo(Scoring.values(isolation(-0.9), SCORE_SAMPLES, 5, 50));
    assertThat(Scoring.values(isolation(-0.9), PREDICT, 5, 50)).containsExactly(1, 1);
  }

  @Test
  void storedPathLengthsWinOverTheFormula() {
    Nodes nodes = new Nodes(1, 1);
    nodes.root(nodes.split(0, 10, MISSING_NAN, nodes.leaf(0), nodes.leaf(0)));
    IsolationForest forest =
        new IsolationForest(
            nodes.table(),
            new long[] {3, 1, 4},
            new double[] {1.6667, 0, 0},
            new double[] {2, 2, 1},
            4,
            0);
    double c4 = IsolationForestPredictor.averagePathLength(4);
    assertThat(Scoring.values(forest, SCORE_SAMPLES, 5)[0])
        .isEqualTo(-Math.pow(2, -((2 + 1.6667 - 1) / c4)), within(1e-15));
  }

  @Test
  void aForestTrainedOnOneRowScoresMinusOneHalf() {
    Nodes nodes = new Nodes(1, 1);
    nodes.root(nodes.leaf(0));
    IsolationForest forest = IsolationForest.of(nodes.table(), new long[] {1}, 1, -0.5);
    assertThat(Scoring.values(forest, SCORE_SAMPLES, 5)).containsExactly(-0.5);
    assertThat(Scoring.values(forest, PREDICT, 5)).containsExactly(1);
  }

  @Test
  void treesOfTheirOwnFeaturesReadThoseColumns() {
    Nodes nodes = new Nodes(6, 1);
    nodes.root(nodes.split(5, 10, MISSING_NAN, nodes.leaf(0), nodes.leaf(0)));
    IsolationForest forest = IsolationForest.of(nodes.table(), new long[] {3, 1, 4}, 4, -0.6);
    double[] normal = {50, 50, 50, 50, 50, 5};
    double[] abnormal = {5, 5, 5, 5, 5, 50};
    assertThat(Scoring.rows(forest, PREDICT, normal, abnormal))
        .isDeepEqualTo(new double[][] {{1}, {-1}});
  }
}
