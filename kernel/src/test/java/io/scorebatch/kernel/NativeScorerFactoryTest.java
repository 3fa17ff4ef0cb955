package io.scorebatch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.Averaging;
import io.scorebatch.api.model.Categories;
import io.scorebatch.api.model.CategoryRule;
import io.scorebatch.api.model.ClassGroups;
import io.scorebatch.api.model.Constant;
import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.LinearModel;
import io.scorebatch.api.model.Link;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.ModelOrigin;
import io.scorebatch.api.model.MultiOutput;
import io.scorebatch.api.model.MultiOutput.Probabilities;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.Response;
import io.scorebatch.api.model.Response.Rule;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.model.SplitRule;
import io.scorebatch.api.model.Task;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transformation;
import io.scorebatch.api.model.TreeEnsemble;
import io.scorebatch.api.model.TreeTable;
import io.scorebatch.api.type.ColumnType;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NativeScorerFactoryTest {
  private final NativeScorerFactory factory = new NativeScorerFactory();

  /** Two columns; raw score x0 - x1. */
  private static LinearModel binary() {
    return new LinearModel(
        2,
        new double[] {1, -1},
        new double[] {0},
        Response.classes(Link.SIGMOID, Rule.RAW_ABOVE_ZERO));
  }

  private Scorer scorer(Estimator structure, OutputKind... kinds) {
    Model model =
        Scoring.model(structure, Scoring.numbers(2), Optional.of(Scoring.labels("no", "yes")));
    return factory.create(model, List.of(kinds));
  }

  @Test
  void answersSeveralKindsInOnePass() {
    Scorer scorer =
        scorer(binary(), OutputKind.PREDICT_PROBA, OutputKind.PREDICT, OutputKind.RAW_MARGIN);
    assertThat(scorer.outputs())
        .extracting(ScoreColumn::kind)
        .containsExactly(
            OutputKind.PREDICT_PROBA,
            OutputKind.PREDICT_PROBA,
            OutputKind.PREDICT,
            OutputKind.RAW_MARGIN);
    double[][] out = Scoring.columns(scorer, 2, new double[][] {{1, 0}, {1, 2}}, new String[2][]);
    assertThat(out[0]).containsExactly(0.5, 1 - Glibc.expit(-2));
    assertThat(out[1]).containsExactly(0.5, Glibc.expit(-2));
    assertThat(out[2]).containsExactly(0, 0);
    assertThat(out[3]).containsExactly(0, -2);
  }

  @Test
  void namesColumnsByClassAndLabelsByIndex() {
    Scorer scorer = scorer(binary(), OutputKind.PREDICT_PROBA, OutputKind.PREDICT);
    assertThat(scorer.outputs()).extracting(ScoreColumn::name).contains("no", "yes", "predict");
    ScoreColumn label = scorer.outputs().get(2);
    assertThat(label.type()).isEqualTo(ScoreColumn.Type.LABEL_INDEX);
    assertThat(label.labels()).contains(Scoring.labels("no", "yes"));
  }

  @Test
  void numbersManyOutputsInOrder() {
    LinearModel twelve =
        new LinearModel(2, new double[24], new double[12], Response.value(Link.IDENTITY));
    assertThat(scorer(twelve, OutputKind.PREDICT).outputs())
        .extracting(ScoreColumn::name)
        .containsExactly(IntStream.range(0, 12).mapToObj(String::valueOf).toArray(String[]::new));
  }

  @Test
  void givesEachOutputItsLabels() {
    Labels colours = new Labels(ColumnType.Primitive.STRING, List.of("red", "green"));
    Labels sizes = new Labels(ColumnType.Primitive.LONG, List.of(1L, 2L, 3L));
    ClassGroups groups =
        new ClassGroups(
            new Constant(new double[] {0.4, 0.6, 0.5, 0.5, 0}, Response.value(Link.IDENTITY)),
            new int[] {2, 3});
    Model model =
        new Model(
            new ModelOrigin("test", "1", "test.Model", "none"),
            Task.MULTI_OUTPUT_CLASSIFICATION,
            Scoring.numbers(1),
            true,
            Optional.empty(),
            List.of(colours, sizes),
            EnumSet.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA),
            groups);
    Scorer scorer = factory.create(model, List.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA));
    assertThat(scorer.outputs())
        .extracting(ScoreColumn::name)
        .containsExactly("0", "1", "0_red", "0_green", "1_1", "1_2", "1_3");
    assertThat(scorer.outputs().get(1).labels()).contains(sizes);
    double[][] scores = Scoring.columns(scorer, 1, new double[][] {{7}}, new String[1][]);
    // Of equally probable classes the first.
    assertThat(scores).isDeepEqualTo(new double[][] {{1}, {0}, {0.4}, {0.6}, {0.5}, {0.5}, {0}});
  }

  @Test
  void membersThatAnswerLessTakeAwayTheKind() {
    Estimator shares =
        new Constant(
            new double[] {0.3, 0.7}, Response.classes(Link.IDENTITY, Response.Rule.MOST_PROBABLE));
    Estimator value = new Constant(new double[] {2}, Response.value(Link.EXP));
    MultiOutput both = new MultiOutput(List.of(shares, shares), Probabilities.LAST_CLASS);
    assertThat(Scoring.rows(both, OutputKind.PREDICT_PROBA, new double[] {0}))
        .isDeepEqualTo(new double[][] {{0.7, 0.7}});
    assertThatThrownBy(
            () ->
                scorer(
                    MultiOutput.of(
                        List.of(
                            new Averaging(
                                List.of(new Averaging.Member(shares, new int[0])),
                                new double[0],
                                Averaging.Mode.HARD_VOTES,
                                2),
                            value)),
                    OutputKind.PREDICT_PROBA))
        .hasMessageContaining("has no output 'predict_proba'");
  }

  @Test
  void refusesAKindTheModelDoesNotAnswer() {
    assertThatThrownBy(() -> scorer(binary(), OutputKind.SCORE_SAMPLES))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining("Model test.Model has no output 'score_samples'.");
    Model shy =
        new Model(
            Scoring.model(binary(), Scoring.numbers(2), Optional.empty()).origin(),
            Task.REGRESSION,
            Scoring.numbers(2),
            true,
            Optional.empty(),
            EnumSet.of(OutputKind.PREDICT),
            binary());
    assertThatThrownBy(() -> factory.create(shy, List.of(OutputKind.PREDICT_PROBA)))
        .hasMessageContaining("It answers predict.");
  }

  @Test
  void refusesPartsThatDoNotFit() {
    Model model = Scoring.model(binary(), Scoring.numbers(3), Optional.empty());
    assertThatThrownBy(() -> factory.create(model, List.of(OutputKind.PREDICT)))
        .isInstanceOfSatisfying(
            ScorebatchException.class,
            e -> assertThat(e.problem().code()).isEqualTo(ErrorCode.MODEL_UNSUPPORTED))
        .hasMessageContaining("A linear model reads 2 columns where 3 are given.");
    Model text =
        Scoring.model(
            binary(), List.of(ModelInput.number("a"), ModelInput.text("b")), Optional.empty());
    assertThatThrownBy(() -> factory.create(text, List.of(OutputKind.PREDICT)))
        .hasMessageContaining("A linear model reads numbers, but column 1 is text.");
  }

  @Test
  void leavesForeignModelsToTheirRuntime() {
    Model foreign =
        new Model(
            Scoring.model(binary(), List.of(), Optional.empty()).origin(),
            Task.UNKNOWN,
            List.of(),
            false,
            Optional.empty(),
            EnumSet.of(OutputKind.PREDICT),
            new ForeignModel("onnx", Path.of("model.onnx"), Map.of()));
    assertThat(factory.supports(foreign)).isFalse();
    assertThatThrownBy(() -> factory.create(foreign, List.of(OutputKind.PREDICT)))
        .hasMessageContaining("is not a native model");
  }

  @Test
  void scoresBlocksOfAnySizeRowByRowTheSame() {
    Scorer scorer = scorer(binary(), OutputKind.RAW_MARGIN);
    for (int rows : new int[] {0, 1, 2047, 2048, 2049, 5000}) {
      double[] a = new Random(rows).doubles(rows).toArray();
      double[] b = new Random(rows + 1).doubles(rows).toArray();
      double[][] out = Scoring.columns(scorer, rows, new double[][] {a, b}, new String[2][]);
      for (int r = 0; r < rows; r++) {
        assertThat(out[0][r]).isEqualTo(a[r] - b[r]);
      }
    }
  }

  @Test
  void namesTheRowOfALaterPiece() {
    Transformation check =
        new Transformation(List.of(new Transform.Check(Transform.Accept.FINITE)));
    double[] a = new double[3000];
    double[] b = new double[3000];
    b[2500] = Double.POSITIVE_INFINITY;
    Scorer scorer = scorer(check, OutputKind.TRANSFORM);
    assertThatThrownBy(() -> Scoring.columns(scorer, 3000, new double[][] {a, b}, new String[2][]))
        .isInstanceOfSatisfying(
            RejectedValueException.class,
            e -> {
              assertThat(e.row()).isEqualTo(2500);
              assertThat(e.input()).isEqualTo(1);
              assertThat(e.reason()).isEqualTo(RejectedValueException.Reason.INFINITE);
            });
  }

  @Test
  void tellsWholeNumbersThatFloatsCannotTellApart() { // 39
    Nodes nodes = new Nodes(2, 1);
    nodes.root(nodes.split(1, 20250160, TreeTable.MISSING_NAN, nodes.leaf(-1), nodes.leaf(1)));
    TreeEnsemble floats =
        TreeEnsemble.of(
            nodes.table(),
            SplitRule.FLOAT_BELOW,
            CategoryRule.XGBOOST,
            new int[1],
            TreeEnsemble.Precision.FLOAT,
            new double[1],
            1,
            Response.value(Link.IDENTITY));
    Scorer scorer = scorer(floats, OutputKind.PREDICT);
    double[] ids = {20250131, 20250131};
    double[][] first = {ids, {16777216, 20250131.5}};
    Scoring.columns(scorer, 2, first, new String[2][]);
    assertThat(scorer.notes()).as("unused columns, floats, fractions").isEmpty();
    double[][] answers =
        Scoring.columns(scorer, 2, new double[][] {ids, {20250159, 20250160}}, new String[2][]);
    assertThat(scorer.notes())
        .containsExactly(
            "the model reads f1 as 32-bit floats, which leave out whole numbers beyond 16,777,216:"
                + " neighbours look the same to it, as they do in Python");
    assertThat(answers).isDeepEqualTo(new double[][] {{1, 1}});
  }

  @Test
  void countsUnknownCategoriesApartFromMissingOnes() { // 78
    Nodes nodes = new Nodes(1, 1);
    int missing = TreeTable.MISSING_NAN | TreeTable.DEFAULT_LEFT;
    nodes.root(nodes.category(0, missing, nodes.leaf(-1), nodes.leaf(1), 2, 3));
    nodes.known(0, 1, 2, 3, 4);
    TreeEnsemble codes =
        TreeEnsemble.of(
            nodes.table(),
            SplitRule.DOUBLE_AT_MOST,
            CategoryRule.HIST_GRADIENT_BOOSTING,
            new int[1],
            TreeEnsemble.Precision.DOUBLE,
            new double[1],
            1,
            Response.value(Link.IDENTITY));
    Scorer scorer =
        factory.create(
            Scoring.model(codes, Scoring.numbers(1), Optional.empty()),
            List.of(OutputKind.PREDICT));
    double[][] values = {{0, 4, Double.NaN, 9, -1}};
    assertThat(Scoring.columns(scorer, 5, values, new String[1][]))
        .isDeepEqualTo(new double[][] {{1, 1, -1, -1, -1}});
    assertThat(scorer.notes())
        .containsExactly(
            "values that are no category of training, scored as the model scores unknown ones:"
                + " f0 (2)");
  }

  @Test
  void countsUnknownTextsOnceHoweverManyStepsReadThem() { // 8
    Transform region =
        new Transform.MapCategories(
            List.of(
                new Transform.MappedColumn(
                    Categories.texts(List.of("e", "n", "s")),
                    1,
                    new double[] {0, 1, 2},
                    new double[] {Double.NaN})));
    Model model =
        Scoring.model(
            new Transformation(
                List.of(new Transform.Union(List.of(List.of(region), List.of(region))))),
            List.of(ModelInput.text("region")),
            Optional.empty());
    Scorer scorer = factory.create(model, List.of(OutputKind.TRANSFORM));
    String[][] texts = {{"s", "w", null, "w", "x"}};
    Scoring.columns(scorer, 5, new double[1][], texts);
    assertThat(scorer.notes()).singleElement().asString().endsWith("unknown ones: region (3)");
  }

  @Test
  void servesManyThreadsAtOnce() throws Exception {
    Scorer scorer = scorer(binary(), OutputKind.PREDICT_PROBA);
    double[] a = new Random(1).doubles(4000).toArray();
    double[] b = new Random(2).doubles(4000).toArray();
    double[][] expected = Scoring.columns(scorer, 4000, new double[][] {a, b}, new String[2][]);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<double[][]>> answers =
          IntStream.range(0, 16)
              .mapToObj(
                  i ->
                      threads.submit(
                          () ->
                              Scoring.columns(
                                  scorer, 4000, new double[][] {a, b}, new String[2][])))
              .toList();
      for (Future<double[][]> answer : answers) {
        assertThat(answer.get()).isDeepEqualTo(expected);
      }
    } finally {
      threads.shutdown();
    }
  }
}
