package io.scorebatch.kernel;

import static io.scorebatch.api.model.OutputKind.PREDICT;
import static io.scorebatch.api.model.OutputKind.PREDICT_PROBA;
import static io.scorebatch.api.model.OutputKind.RAW_MARGIN;
import static io.scorebatch.api.model.TreeTable.DEFAULT_LEFT;
import static io.scorebatch.api.model.TreeTable.MISSING_AS_ZERO;
import static io.scorebatch.api.model.TreeTable.MISSING_NAN;
import static io.scorebatch.api.model.TreeTable.MISSING_ZERO_OR_NAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.scorebatch.api.model.BoostedLinearModel;
import io.scorebatch.api.model.CategoryRule;
import io.scorebatch.api.model.LinearLeaves;
import io.scorebatch.api.model.Link;
import io.scorebatch.api.model.Pipeline;
import io.scorebatch.api.model.Response;
import io.scorebatch.api.model.Response.Rule;
import io.scorebatch.api.model.SplitRule;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.TreeEnsemble;
import io.scorebatch.api.model.TreeEnsemble.Precision;
import io.scorebatch.api.model.TreeTable;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** XGBoost, LightGBM and HistGradientBoosting, each by its own rules. Trees are made by hand. */
class BoostedTreesTest {
  private static final double NULL = Double.NaN;
  private static final double LEFT = 1;
  private static final double RIGHT = 2;

  private static TreeEnsemble sum(
      TreeTable trees,
      SplitRule splits,
      CategoryRule categories,
      Precision precision,
      double start,
      Response response) {
    return TreeEnsemble.of(
        trees,
        splits,
        categories,
        new int[trees.trees()],
        precision,
        new double[] {start},
        1,
        response);
  }

  private static TreeEnsemble xgboost(TreeTable trees) {
    return sum(
        trees,
        SplitRule.FLOAT_BELOW,
        CategoryRule.XGBOOST,
        Precision.FLOAT,
        0,
        Response.value(Link.IDENTITY));
  }

  private static TreeEnsemble lightGbm(TreeTable trees) {
    return sum(
        trees,
        SplitRule.DOUBLE_AT_MOST,
        CategoryRule.LIGHTGBM,
        Precision.DOUBLE,
        0,
        Response.value(Link.IDENTITY));
  }

  private static TreeEnsemble hist(TreeTable trees) {
    return sum(
        trees,
        SplitRule.DOUBLE_AT_MOST,
        CategoryRule.HIST_GRADIENT_BOOSTING,
        Precision.DOUBLE,
        0,
        Response.value(Link.IDENTITY));
  }

  @Test
  void xgboostReadsZeroAsAValueAndOnlyNullAsMissing() {
    TreeTable stump = Nodes.stump(0.5, MISSING_NAN, LEFT, RIGHT);
    assertThat(Scoring.values(xgboost(stump), PREDICT, 0, -0.0, NULL))
        .containsExactly(LEFT, LEFT, RIGHT);
  }

  @Test
  void xgboostComparesFloatsStrictlyBelow() {
    TreeTable stump = Nodes.stump(0.1f, MISSING_NAN, LEFT, RIGHT);
    assertThat(Scoring.values(xgboost(stump), PREDICT, 0.1, 0.1f, Math.nextDown(0.1f)))
        .containsExactly(RIGHT, RIGHT, LEFT);
  }

  @Test
  void xgboostTakesDatesAboveTwoToThe24ForTheSameFloat() {
    TreeTable stump = Nodes.stump(20250132f, MISSING_NAN, LEFT, RIGHT);
    double[] scores = Scoring.values(xgboost(stump), PREDICT, 20250131, 20250132, 20250128);
    assertThat(scores[0]).isEqualTo(scores[1]).isEqualTo(RIGHT);
    assertThat(scores[2]).isEqualTo(LEFT);
  }

  @Test
  void xgboostMapsItsOwnMissingValue() {
    TreeEnsemble stump = xgboost(Nodes.stump(5, MISSING_NAN, LEFT, RIGHT));
    Pipeline model = new Pipeline(List.of(new Transform.ValueToNan(-999)), stump);
    assertThat(Scoring.values(model, PREDICT, -999, NULL, 0)).containsExactly(RIGHT, RIGHT, LEFT);
  }

  @Test
  void aTreeOfOneZeroLeafAnswersTheBaseScore() {
    Nodes nodes = new Nodes(1, 1);
    nodes.root(nodes.leaf(0));
    // base_score 0.2 as a margin: -logf(1 / 0.2 - 1).
    TreeEnsemble model =
        sum(
            nodes.table(),
            SplitRule.FLOAT_BELOW,
            CategoryRule.XGBOOST,
            Precision.FLOAT,
            -1.3862944f,
            Response.classes(Link.FLOAT_SIGMOID, Rule.PROBABILITY_ABOVE_HALF));
    double[] proba = Scoring.rows(model, PREDICT_PROBA, new double[] {7})[0];
    assertThat((float) proba[1]).isEqualTo(0.2f);
    assertThat((float) proba[0]).isEqualTo(0.8f);
  }

  @Test
  void xgboostAddsFloatsFromTheBaseScoreOn() {
    Nodes nodes = new Nodes(1, 1);
    nodes.root(nodes.leaf(0.1f)).root(nodes.leaf(0.2f)).root(nodes.leaf(0.3f));
    TreeEnsemble model =
        sum(
            nodes.table(),
            SplitRule.FLOAT_BELOW,
            CategoryRule.XGBOOST,
            Precision.FLOAT,
            16777216,
            Response.value(Link.IDENTITY));
    assertThat(Scoring.values(model, PREDICT, 1)).containsExactly(16777216);
  }

  @Test
  void dartScoresTheSameEveryTime() {
    Nodes nodes = new Nodes(1, 1);
    float base = 0.5f;
    float weighted = ((base + 0.7f) - base) * 0.25f;
    nodes.root(nodes.leaf(weighted)).root(nodes.leaf(weighted));
    TreeEnsemble model =
        sum(
            nodes.table(),
            SplitRule.FLOAT_BELOW,
            CategoryRule.XGBOOST,
            Precision.FLOAT,
            base,
            Response.value(Link.IDENTITY));
    float expected = base + weighted + weighted;
    for (int i = 0; i < 10; i++) {
      assertThat(Scoring.values(model, PREDICT, 1)).containsExactly(expected);
    }
  }

  @Test
  void xgboostSendsCodesOutsideTheSetLeftAndOnlyNullTheDefaultWay() {
    Nodes nodes = new Nodes(1, 1);
    nodes.root(nodes.category(0, MISSING_NAN, nodes.leaf(LEFT), nodes.leaf(RIGHT), 0, 3, 31));
    TreeEnsemble model = xgboost(nodes.table());
    assertThat(Scoring.values(model, PREDICT, 0, 3, 31, 3.9)).containsOnly(RIGHT);
    assertThat(Scoring.values(model, PREDICT, 1, 35, 40, -1, -0.5, 16777216, 1e30))
        .containsOnly(LEFT);
    assertThat(Scoring.values(model, PREDICT, NULL)).containsExactly(RIGHT);
  }

  @Test
  void xgboost16SendsCodesBeyondTheSetTheDefaultWay() {
    Nodes nodes = new Nodes(1, 1);
    nodes.root(nodes.category(0, MISSING_NAN, nodes.leaf(LEFT), nodes.leaf(RIGHT), 0, 3));
    TreeEnsemble model =
        sum(
            nodes.table(),
            SplitRule.FLOAT_BELOW,
            CategoryRule.XGBOOST_1_6,
            Precision.FLOAT,
            0,
            Response.value(Link.IDENTITY));
    assertThat(Scoring.values(model, PREDICT, 35, -1, NULL, 1))
        .containsExactly(RIGHT, RIGHT, RIGHT, LEFT);
  }

  @Test
  void vectorLeavesAddToEveryOutput() {
    Nodes nodes = new Nodes(1, 3);
    nodes.root(nodes.split(0, 0, MISSING_NAN, nodes.leaf(1, 2, 3), nodes.leaf(4, 5, 6)));
    nodes.root(nodes.leaf(10, 20, 30));
    TreeEnsemble model =
        TreeEnsemble.of(
            nodes.table(),
            SplitRule.FLOAT_BELOW,
            CategoryRule.XGBOOST,
            new int[0],
            Precision.FLOAT,
            new double[] {0.5, 0.5, 0.5},
            1,
            Response.value(Link.IDENTITY));
    assertThat(Scoring.rows(model, PREDICT, new double[] {-1}, new double[] {1}))
        .isDeepEqualTo(new double[][] {{11.5, 22.5, 33.5}, {14.5, 25.5, 36.5}});
  }

  @Test
  void gblinearLeavesMissingValuesOut() {
    BoostedLinearModel model =
        new BoostedLinearModel(
            2,
            new double[] {2, 3},
            new double[] {0.25},
            new double[] {0.5},
            Response.value(Link.IDENTITY));
    assertThat(
            Scoring.rows(
                model, PREDICT, new double[] {1, 1}, new double[] {NULL, 1}, new double[] {1, 0}))
        .isDeepEqualTo(new double[][] {{5.75}, {3.75}, {2.75}});
  }

  @Test
  void severalBinaryLabelsAreJudgedOneByOne() {
    Nodes nodes = new Nodes(1, 1);
    nodes.root(nodes.leaf(2)).root(nodes.leaf(-2));
    TreeEnsemble model =
        TreeEnsemble.of(
            nodes.table(),
            SplitRule.FLOAT_BELOW,
            CategoryRule.XGBOOST,
            new int[] {0, 1},
            Precision.FLOAT,
            new double[2],
            1,
            Response.classes(Link.FLOAT_SIGMOID, Rule.PROBABILITY_ABOVE_HALF));
    assertThat(Scoring.rows(model, PREDICT, new double[] {0}))
        .isDeepEqualTo(new double[][] {{1, 0}});
    double[] proba = Scoring.rows(model, PREDICT_PROBA, new double[] {0})[0];
    assertThat(proba[0]).isCloseTo(0.880797, within(1e-6));
    assertThat(proba[1]).isCloseTo(0.119203, within(1e-6));
  }

  @Test
  void lightGbmSendsNullAndNegativeCodesRight() {
    Nodes nodes = new Nodes(1, 1);
    int rule = MISSING_NAN | DEFAULT_LEFT;
    nodes.root(nodes.category(0, rule, nodes.leaf(LEFT), nodes.leaf(RIGHT), 0));
    assertThat(Scoring.values(lightGbm(nodes.table()), PREDICT, NULL, 0, -1, 0.9, 5, 1e300))
        .containsExactly(RIGHT, LEFT, RIGHT, LEFT, RIGHT, RIGHT);
  }

  @Test
  void lightGbmTakesZeroForMissingWhereTheModelSaysSo() {
    TreeTable stump = Nodes.stump(-1, MISSING_ZERO_OR_NAN | DEFAULT_LEFT, LEFT, RIGHT);
    assertThat(Scoring.values(lightGbm(stump), PREDICT, 0, -0.0, 1e-36, NULL, -2, 2e-35, -0.5))
        .containsExactly(LEFT, LEFT, LEFT, LEFT, LEFT, RIGHT, RIGHT);
  }

  @Test
  void lightGbmReadsNullAsZeroWhereTheModelKnowsNoMissing() {
    TreeTable stump = Nodes.stump(0.5, MISSING_AS_ZERO, LEFT, RIGHT);
    assertThat(Scoring.values(lightGbm(stump), PREDICT, NULL, 0.5, 0.6))
        .containsExactly(LEFT, LEFT, RIGHT);
  }

  @Test
  void lightGbmSigmoidUsesTheModelsOwnParameter() {
    Nodes nodes = new Nodes(1, 1);
    nodes.root(nodes.leaf(0.8));
    for (double parameter : new double[] {1, 0.7}) {
      TreeEnsemble model =
          sum(
              nodes.table(),
              SplitRule.DOUBLE_AT_MOST,
              CategoryRule.LIGHTGBM,
              Precision.DOUBLE,
              0,
              new Response(Link.SIGMOID, parameter, Rule.MOST_PROBABLE));
      double expected = parameter == 1 ? 0.6899744811276125 : 0.6364525402815664;
      assertThat(Scoring.rows(model, PREDICT_PROBA, new double[] {0})[0][1])
          .isEqualTo(expected, within(1e-16));
    }
  }

  @Test
  void linearLeavesFallBackToTheLeafValueWhereAFeatureIsMissing() {
    Nodes nodes = new Nodes(2, 1);
    nodes.root(nodes.split(0, 0, MISSING_NAN | DEFAULT_LEFT, nodes.leaf(LEFT), nodes.leaf(RIGHT)));
    // The leaves were made first: node 0 is the left leaf, 1 the right one, 2 the root.
    LinearLeaves lines =
        new LinearLeaves(
            new double[] {10, 20, 0},
            new int[] {0, 2, 3, 3},
            new int[] {0, 1, 1},
            new double[] {2, 3, 5});
    TreeTable trees = nodes.table();
    TreeEnsemble model =
        new TreeEnsemble(
            trees,
            SplitRule.DOUBLE_AT_MOST,
            CategoryRule.LIGHTGBM,
            1,
            new int[1],
            Precision.DOUBLE,
            new double[1],
            Optional.empty(),
            Optional.of(lines),
            1,
            false,
            Response.value(Link.IDENTITY));
    assertThat(
            Scoring.rows(
                model,
                PREDICT,
                new double[] {-1, 1},
                new double[] {-1, NULL},
                new double[] {1, 2},
                new double[] {NULL, 2}))
        .isDeepEqualTo(new double[][] {{11}, {LEFT}, {30}, {LEFT}});
  }

  @Test
  void averagedTreesShowTheirSumAsRawMargin() {
    Nodes nodes = new Nodes(1, 1);
    nodes.root(nodes.leaf(1)).root(nodes.leaf(2));
    TreeEnsemble model =
        new TreeEnsemble(
            nodes.table(),
            SplitRule.DOUBLE_AT_MOST,
            CategoryRule.LIGHTGBM,
            1,
            new int[2],
            Precision.DOUBLE,
            new double[1],
            Optional.empty(),
            Optional.empty(),
            2,
            true,
            Response.value(Link.IDENTITY));
    assertThat(Scoring.values(model, RAW_MARGIN, 0)).containsExactly(3);
    assertThat(Scoring.values(model, PREDICT, 0)).containsExactly(1.5);
  }

  @Test
  void histGradientBoostingComparesDoubles() {
    TreeTable stump = Nodes.stump(0.1, MISSING_NAN, LEFT, RIGHT);
    assertThat(Scoring.values(hist(stump), PREDICT, 0.1, Math.nextUp(0.1), NULL))
        .containsExactly(LEFT, RIGHT, RIGHT);
  }

  @Test
  void histGradientBoostingTreatsUnknownCategoriesAsMissing() {
    Nodes nodes = new Nodes(1, 1);
    int rule = MISSING_NAN | DEFAULT_LEFT;
    nodes.root(nodes.category(0, rule, nodes.leaf(LEFT), nodes.leaf(RIGHT), 1, 4));
    nodes.known(0, 1, 2, 3, 4);
    double[] scores = Scoring.values(hist(nodes.table()), PREDICT, 9, -1, NULL, 1, 4, 0, 2);
    assertThat(scores).containsExactly(LEFT, LEFT, LEFT, LEFT, LEFT, RIGHT, RIGHT);
  }

  @Test
  void treesOfAClassAddToItsScore() {
    Nodes nodes = new Nodes(1, 1);
    for (int tree = 0; tree < 6; tree++) {
      nodes.root(nodes.leaf(tree));
    }
    TreeEnsemble model =
        TreeEnsemble.of(
            nodes.table(),
            SplitRule.DOUBLE_AT_MOST,
            CategoryRule.LIGHTGBM,
            new int[] {0, 1, 2, 0, 1, 2},
            Precision.DOUBLE,
            new double[3],
            1,
            Response.classes(Link.SOFTMAX, Rule.MOST_PROBABLE));
    assertThat(Scoring.rows(model, RAW_MARGIN, new double[] {0}))
        .isDeepEqualTo(new double[][] {{3, 5, 7}});
    assertThat(Scoring.values(model, PREDICT, 0)).containsExactly(2);
  }
}
