package io.scorebatch.kernel;

import static io.scorebatch.api.model.OutputKind.PREDICT;
import static io.scorebatch.api.model.OutputKind.PREDICT_PROBA;
import static io.scorebatch.api.model.OutputKind.TRANSFORM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.Categories;
import io.scorebatch.api.model.Constant;
import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.LinearModel;
import io.scorebatch.api.model.Link;
import io.scorebatch.api.model.MultiOutput;
import io.scorebatch.api.model.Pipeline;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.Response;
import io.scorebatch.api.model.Response.Rule;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transform.Function;
import io.scorebatch.api.model.Transform.MappedColumn;
import io.scorebatch.api.model.Transform.OneHotColumn;
import io.scorebatch.api.model.Transformation;
import io.scorebatch.api.model.TransformedTarget;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Steps by hand. */
class TransformsTest {
  private static final double NULL = Double.NaN;

  /** NaN equals NaN here. */
  private static final Comparator<Object> BITS =
      (a, b) -> Arrays.deepEquals((double[][]) a, (double[][]) b) ? 0 : 1;

  private static Transformation steps(Transform... steps) {
    return new Transformation(List.of(steps));
  }

  private static Transform.OneHot oneHot(Categories categories, int unknown) {
    return new Transform.OneHot(
        List.of(new OneHotColumn(categories, 3, new int[] {0, 1, 2}, unknown)));
  }

  @Test
  void oneHotSetsTheColumnOfACategory() {
    Categories colours = Categories.texts(List.of("blue", "green", "red"));
    assertThat(Scoring.texts(steps(oneHot(colours, OneHotColumn.NONE)), TRANSFORM, "red", "x"))
        .usingComparator(BITS)
        .isEqualTo(new double[][] {{0, 0, 1}, {0, 0, 0}});
    assertThat(Scoring.texts(steps(oneHot(colours, 1)), TRANSFORM, "x", null))
        .usingComparator(BITS)
        .isEqualTo(new double[][] {{0, 1, 0}, {0, 1, 0}});
  }

  @Test
  void oneHotRefusesUnknownCategoriesWhereTheEncoderDoes() {
    Categories colours = Categories.texts(List.of("blue", "green", "red"));
    Transformation model = steps(oneHot(colours, OneHotColumn.REJECT));
    assertThatThrownBy(() -> Scoring.texts(model, TRANSFORM, "red", "violet"))
        .isInstanceOf(RejectedValueException.class)
        .hasMessage("row 1, input 0: value violet is a category unknown to the model");
  }

  @Test
  void categoriesMayBeMissing() {
    Categories texts = Categories.texts(Arrays.asList("a", null, "b"));
    assertThat(Scoring.texts(steps(oneHot(texts, OneHotColumn.NONE)), TRANSFORM, null, "b"))
        .usingComparator(BITS)
        .isEqualTo(new double[][] {{0, 1, 0}, {0, 0, 1}});
    Categories numbers = Categories.numbers(0, 2.5, Double.NaN);
    Transformation model = steps(oneHot(numbers, OneHotColumn.NONE));
    assertThat(Scoring.rows(model, TRANSFORM, row(NULL), row(-0.0), row(2.5), row(7)))
        .usingComparator(BITS)
        .isEqualTo(new double[][] {{0, 0, 1}, {1, 0, 0}, {0, 1, 0}, {0, 0, 0}});
  }

  @Test
  void droppedCategoriesSetNoColumn() {
    OneHotColumn column =
        new OneHotColumn(Categories.numbers(1, 2), 1, new int[] {-1, 0}, OneHotColumn.REJECT);
    Transformation model = steps(new Transform.OneHot(List.of(column)));
    assertThat(Scoring.rows(model, TRANSFORM, row(1), row(2)))
        .usingComparator(BITS)
        .isEqualTo(new double[][] {{0}, {1}});
  }

  @Test
  void labelsKeepTheCodesOfTraining() {
    MappedColumn column =
        new MappedColumn(
            Categories.texts(List.of("B", "F", "D", "I", "S")),
            1,
            new double[] {0, 1, 2, 3, 4},
            new double[] {NULL});
    Transformation model = steps(new Transform.MapCategories(List.of(column)));
    assertThat(Scoring.texts(model, TRANSFORM, "F", "S", "w"))
        .usingComparator(BITS)
        .isEqualTo(new double[][] {{1}, {4}, {NULL}});
  }

  @Test
  void encodersMayWriteSeveralColumns() {
    MappedColumn column =
        new MappedColumn(
            Categories.numbers(1, 2), 2, new double[] {.1, .2, .3, .4}, new double[] {5, 6});
    Transformation model = steps(new Transform.MapCategories(List.of(column)));
    assertThat(Scoring.rows(model, TRANSFORM, row(2), row(9)))
        .usingComparator(BITS)
        .isEqualTo(new double[][] {{.3, .4}, {5, 6}});
  }

  @Test
  void branchesStandSideBySide() {
    Transform.Union union =
        new Transform.Union(
            List.of(
                List.of(
                    new Transform.Select(new int[] {1}),
                    new Transform.Impute(NULL, new double[] {9})),
                List.of(new Transform.MissingIndicator(NULL, new int[] {1, 0})),
                List.of()));
    assertThat(Scoring.rows(steps(union), TRANSFORM, row(1, NULL), row(3, 4)))
        .usingComparator(BITS)
        .isEqualTo(new double[][] {{9, 1, 0, 1, NULL}, {4, 0, 0, 3, 4}});
  }

  @Test
  void imputersFillWhatTheyCallMissing() {
    assertThat(
            Scoring.rows(
                steps(new Transform.Impute(0, new double[] {7})),
                TRANSFORM,
                row(0),
                row(-0.0),
                row(NULL),
                row(2)))
        .usingComparator(BITS)
        .isEqualTo(new double[][] {{7}, {7}, {NULL}, {2}});
    Transform.MapCategories codes =
        new Transform.MapCategories(
            List.of(
                new MappedColumn(
                    Categories.texts(List.of("a", "b")),
                    1,
                    new double[] {0, 1},
                    new double[] {-1})));
    Transformation text = steps(new Transform.ImputeText(null, List.of("b")), codes);
    assertThat(Scoring.texts(text, TRANSFORM, "a", null, "c"))
        .usingComparator(BITS)
        .isEqualTo(new double[][] {{0}, {1}, {-1}});
  }

  @Test
  void binarizersCompareAbove() {
    assertThat(
            Scoring.rows(
                steps(new Transform.Binarize(0.5)), TRANSFORM, row(0.5), row(0.6), row(-1)))
        .usingComparator(BITS)
        .isEqualTo(new double[][] {{0}, {1}, {0}});
  }

  @Test
  void olderDiscretizersLowerTheirEdges() {
    double[][] edges = {{0, 1, 2, 3}};
    double justBelow = 1 - 1e-6;
    assertThat(
            Scoring.rows(steps(new Transform.Bins(edges, true, false)), TRANSFORM, row(justBelow)))
        .usingComparator(BITS)
        .isEqualTo(new double[][] {{1}});
    assertThat(
            Scoring.rows(
                steps(new Transform.Bins(edges, false, false)),
                TRANSFORM,
                row(justBelow),
                row(1),
                row(-5),
                row(99)))
        .usingComparator(BITS)
        .isEqualTo(new double[][] {{0}, {1}, {0}, {2}});
  }

  @Test
  void functionsAreNumPys() {
    assertThat(apply(Function.SQRT, 2)).isEqualTo(Math.sqrt(2));
    assertThat(apply(Function.LOG1P, 0)).isZero();
    assertThat(apply(Function.LOG, 0)).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(apply(Function.RINT, 2.5)).isEqualTo(2);
    assertThat(apply(Function.LOG2, 8)).isEqualTo(3);
    assertThat(apply(Function.SIGN, -3)).isEqualTo(-1);
    assertThat(apply(Function.RECIPROCAL, 4)).isEqualTo(0.25);
  }

  private static double apply(Function function, double x) {
    return Scoring.rows(steps(new Transform.Apply(function)), TRANSFORM, row(x))[0][0];
  }

  @Test
  void stackingReadsTheAnswersOfOtherEstimators() {
    LinearModel first =
        new LinearModel(
            2,
            new double[] {1, 0},
            new double[] {0},
            Response.classes(Link.SIGMOID, Rule.RAW_ABOVE_ZERO));
    Transform.Union answers =
        new Transform.Union(
            List.of(
                List.of(new Transform.EstimatorOutput(first, PREDICT_PROBA, new int[] {1})),
                List.of(new Transform.EstimatorOutput(first, PREDICT, new int[0])),
                List.of()));
    assertThat(Scoring.rows(steps(answers), TRANSFORM, row(0, 5), row(2, 6)))
        .usingComparator(BITS)
        .isEqualTo(new double[][] {{0.5, 0, 0, 5}, {Glibc.expit(2), 1, 2, 6}});
  }

  @Test
  void targetsAreTransformedBack() {
    Estimator doubled =
        new LinearModel(1, new double[] {2}, new double[] {0}, Response.value(Link.IDENTITY));
    TransformedTarget model =
        new TransformedTarget(doubled, List.of(new Transform.Apply(Function.EXP)));
    assertThat(Scoring.values(model, PREDICT, 0, 0.5)).containsExactly(1, Glibc.exp(1));
  }

  @Test
  void outputsOfSeveralEstimatorsAreColumns() {
    MultiOutput model =
        MultiOutput.of(
            List.of(
                new Constant(new double[] {1}, Response.value(Link.IDENTITY)),
                new Constant(new double[] {2}, Response.value(Link.IDENTITY))));
    assertThat(Scoring.rows(model, PREDICT, row(0)))
        .usingComparator(BITS)
        .isEqualTo(new double[][] {{1, 2}});
  }

  @Test
  void missingTextIsRefused() {
    Transform.CountText count =
        new Transform.CountText(
            Map.of("ab", 0),
            1,
            Transform.Analyzer.WORD,
            true,
            Transform.Accents.KEEP,
            "(?u)\\b\\w\\w+\\b",
            Set.of(),
            1,
            1,
            false);
    assertThat(Scoring.texts(steps(count), TRANSFORM, "AB ab, abc", ""))
        .usingComparator(BITS)
        .isEqualTo(new double[][] {{2}, {0}});
    assertThatThrownBy(() -> Scoring.texts(steps(count), TRANSFORM, "a", null))
        .isInstanceOf(RejectedValueException.class)
        .hasMessage("row 1, input 0: value null is NaN or NULL");
  }

  @Test
  void refusesATokenPatternJavaCannotRead() {
    assertThatThrownBy(() -> PythonPattern.compile("(unclosed"))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining("The token pattern '(unclosed' cannot be read:");
  }

  @Test
  void negativeNumbersAreRefusedWhereCountsBelong() {
    Transformation model = steps(new Transform.Check(Transform.Accept.NOT_NEGATIVE));
    assertThatThrownBy(() -> Scoring.rows(model, TRANSFORM, row(1), row(-0.5)))
        .hasMessage("row 1, input 0: value -0.5 is out of the range the model accepts");
  }

  @Test
  void checksAfterOtherStepsNameNoInput() {
    Pipeline model =
        new Pipeline(
            List.of(
                new Transform.Standardize(new double[] {0}, new double[] {0}),
                new Transform.Check(Transform.Accept.FINITE)),
            new LinearModel(1, new double[] {1}, new double[] {0}, Response.value(Link.IDENTITY)));
    assertThatThrownBy(() -> Scoring.values(model, PREDICT, 1))
        .isInstanceOfSatisfying(
            RejectedValueException.class, e -> assertThat(e.input()).isEqualTo(-1));
  }

  @Test
  void refusesAColumnThatIsNotThere() {
    assertThatThrownBy(
            () -> Scoring.rows(steps(new Transform.Select(new int[] {2})), TRANSFORM, row(1, 2)))
        .hasMessageContaining("A selection reads column 2 of 2.");
  }

  @Test
  void normalQuantilesAreThoseOfTheTables() {
    assertThat(NormalQuantile.of(0.5)).isZero();
    assertThat(NormalQuantile.of(0.975)).isEqualTo(1.959963984540054, within(1e-14));
    assertThat(NormalQuantile.of(1e-20)).isEqualTo(-9.262340089798405, within(1e-13));
    assertThat(NormalQuantile.of(0)).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(NormalQuantile.of(1)).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(NormalQuantile.of(NULL)).isNaN();
  }

  private static double[] row(double... values) {
    return values;
  }
}
