package io.scorebatch.artifact.xgboost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.model.BoostedLinearModel;
import io.scorebatch.api.model.Link;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Pipeline;
import io.scorebatch.api.model.Response.Rule;
import io.scorebatch.api.model.Task;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.TreeEnsemble;
import io.scorebatch.artifact.PlainScores;
import io.scorebatch.artifact.model.NativeModel;
import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What went wrong for people who scored XGBoost models outside Python. */
class XgboostReportsTest {
  private static final String BOOSTER = "xgboost.core.Booster";
  private static final String CLASSIFIER = "xgboost.sklearn.XGBClassifier";
  private static final String REGRESSOR = "xgboost.sklearn.XGBRegressor";

  /** One split: x[0] below the threshold gives -1, else 1. */
  private static String stump(String threshold, int defaultLeft) {
    return """
        {"left_children": [1, -1, -1], "right_children": [2, -1, -1], "split_indices": [0, 0, 0],
         "split_conditions": [%s, -1E0, 1E0], "default_left": [%d, 0, 0], "split_type": [0, 0, 0],
         "tree_param": {"size_leaf_vector": "1"}}
        """
        .formatted(threshold, defaultLeft);
  }

  private static String leaf(String value) {
    return """
        {"left_children": [-1], "right_children": [-1], "split_indices": [0],
         "split_conditions": [%s], "default_left": [0], "tree_param": {}}
        """
        .formatted(value);
  }

  /** Code 0, 3 and 31 of x[0] give 1, all others -1; missing goes right with them. */
  private static String categories(int defaultLeft) {
    return """
        {"left_children": [1, -1, -1], "right_children": [2, -1, -1], "split_indices": [0, 0, 0],
         "split_conditions": [0, -1E0, 1E0], "default_left": [%d, 0, 0], "split_type": [1, 0, 0],
         "categories": [0, 3, 31], "categories_nodes": [0], "categories_segments": [0],
         "categories_sizes": [3], "tree_param": {"size_leaf_vector": "1"}}
        """
        .formatted(defaultLeft);
  }

  private static String model(
      String objective, String base, int classes, String booster, String more) {
    return """
        {"version": [2, 1, 4], "learner": {%s
          "learner_model_param": {"base_score": "%s", "num_class": "%d", "num_feature": "1"},
          "objective": {"name": "%s"}, "gradient_booster": %s}}
        """
        .formatted(more, base, classes, objective, booster);
  }

  private static String trees(String... trees) {
    String info = String.join(", ", IntStream.range(0, trees.length).mapToObj(t -> "0").toList());
    return """
        {"name": "gbtree", "model": {"gbtree_model_param": {"num_parallel_tree": "1"},
         "tree_info": [%s], "trees": [%s]}}
        """
        .formatted(info, String.join(",", trees));
  }

  private static String regression(String... trees) {
    return model("reg:squarederror", "0E0", 0, trees(trees), "");
  }

  private static NativeModel read(String json, String className) {
    return XgboostReader.readFile(json.getBytes(StandardCharsets.UTF_8), "model.json", className);
  }

  private static double raw(String json, String className, double x) {
    return PlainScores.raw(
        (io.scorebatch.api.model.Estimator) read(json, className).model().structure(),
        new Object[] {x})[0];
  }

  private static TreeEnsemble ensemble(Model model) {
    return (TreeEnsemble)
        (model.structure() instanceof Pipeline pipeline ? pipeline.estimator() : model.structure());
  }

  @Test
  void takesZeroForAValueAndOnlyNanForMissing() { // 34
    String json = regression(stump("5E-1", 0));
    assertThat(raw(json, REGRESSOR, 0)).isEqualTo(-1);
    assertThat(raw(json, REGRESSOR, Double.NaN)).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"0.0, 0", "-999.0, -999"})
  void mapsTheMissingValueOfAWrapperToMissing(String stored, double missing) { // 36, 52
    String attribute = "\"attributes\": {\"scikit_learn\": \"{\\\"missing\\\": " + stored + "}\"},";
    String json = model("reg:squarederror", "0E0", 0, trees(stump("-1E3", 1)), attribute);
    assertThat(raw(json, REGRESSOR, missing)).isEqualTo(-1);
    assertThat(raw(json, REGRESSOR, Double.NaN)).isEqualTo(-1);
    assertThat(raw(json, REGRESSOR, 7)).isEqualTo(1);
    // A Booster knows no such setting.
    assertThat(raw(json, BOOSTER, missing)).isEqualTo(1);
    assertThat(((Pipeline) read(json, REGRESSOR).model().structure()).steps())
        .containsExactly(new Transform.ValueToNan(missing));
  }

  @Test
  void comparesFloatsStrictly() { // 37
    String json = regression(stump("1E-1", 0));
    assertThat(raw(json, REGRESSOR, 0.1)).isEqualTo(1);
    assertThat(raw(json, REGRESSOR, Math.nextDown(0.1f))).isEqualTo(-1);
  }

  @Test
  void seesIntegersAbove2To24AsXgboostDoes() { // 39
    String json = regression(stump("2.0250132E7", 0));
    assertThat(raw(json, REGRESSOR, 20250131)).isEqualTo(raw(json, REGRESSOR, 20250132));
    assertThat(raw(json, REGRESSOR, 20250130)).isEqualTo(-1);
  }

  @Test
  void usesTreesUpToTheBestIterationInAWrapperAndAllInABooster() { // 40
    String[] leaves = IntStream.range(0, 10).mapToObj(i -> leaf("1E0")).toArray(String[]::new);
    String json =
        model(
            "binary:logistic",
            "5E-1",
            0,
            trees(leaves),
            "\"attributes\": {\"best_iteration\": \"4\"},");
    NativeModel wrapper = read(json, CLASSIFIER);
    assertThat(raw(json, CLASSIFIER, 0)).isEqualTo(5);
    assertThat(wrapper.notes()).containsExactly("5 of 10 trees are used: up to best_iteration 4.");
    NativeModel booster = read(json, BOOSTER);
    assertThat(raw(json, BOOSTER, 0)).isEqualTo(10);
    assertThat(booster.notes())
        .containsExactly(
            "All 10 trees are used, as the logged Booster does; early stopping found iteration 4 to"
                + " be the best.");
  }

  @Test
  void ignoresABestIterationBeyondTheTrees() {
    String json =
        model(
            "reg:squarederror",
            "0E0",
            0,
            trees(leaf("1E0")),
            "\"attributes\": {\"best_iteration\": \"2147483647\"},");
    assertThat(raw(json, REGRESSOR, 0)).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "binary:logistic, 0.2, -1.3862944",
    "reg:logistic, 0.2, -1.3862944",
    "reg:squarederror, 0.2, 0.2",
    "count:poisson, 1.7, 0.53062826",
    "reg:gamma, 1.7, 0.53062826",
    "reg:tweedie, 1.7, 0.53062826",
    "survival:cox, 1.7, 0.53062826",
    "binary:logitraw, 0.2, 0.2",
  })
  void readsTheBaseScoreInTheTermsOfTheObjective(
      String objective, String base, float margin) { // 42
    String json = model(objective, base, 0, trees(leaf("0E0")), "");
    assertThat((float) raw(json, BOOSTER, 0)).isEqualTo(margin);
  }

  @ParameterizedTest
  @CsvSource({"5E-1, 0.5, 0.5, 0.5", "[5E-1], 0.5, 0.5, 0.5", "'[1E0,2E0,3.5E0]', 1, 2, 3.5"})
  void readsEveryFormOfTheBaseScore(String text, double a, double b, double c) { // 43
    String json = model("multi:softprob", text, 3, trees(leaf("0E0")), "");
    assertThat(ensemble(read(json, CLASSIFIER).model()).start()).containsExactly(a, b, c);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[1E0,2E0]", "x", "", "NaN", "[]"})
  void refusesABaseScoreThatIsNone(String text) {
    assertThatThrownBy(
            () -> read(model("multi:softprob", text, 3, trees(leaf("0E0")), ""), BOOSTER))
        .hasMessageStartingWith("SB-0300 model.json is no readable XGBoost model: ")
        .hasMessageContaining("base_score");
  }

  @Test
  void weighsDartTreesTheSameWayEveryTime() { // 45
    String dart =
        "{\"name\": \"dart\", \"weight_drop\": [5E-1, 2.5E-1], \"gbtree\": "
            + trees(leaf("1E0"), leaf("2E0"))
            + "}";
    String json = model("reg:squarederror", "0E0", 0, dart, "");
    for (int i = 0; i < 10; i++) {
      assertThat(raw(json, REGRESSOR, 0)).isEqualTo(1.0);
    }
  }

  @Test
  void takesCategoriesFromTheModelAndNeverFromABatch() { // 47
    String json =
        """
        {"version": [3, 2, 0], "learner": {"feature_names": ["c"], "feature_types": ["c"],
          "learner_model_param": {"base_score": "0E0", "num_feature": "1"},
          "objective": {"name": "reg:squarederror"}, "gradient_booster": {"name": "gbtree", "model": {
            "cats": {"enc": [{"offsets": [0, 1, 2, 3, 4], "values": [98, 97, 101, 99]}]},
            "tree_info": [0], "trees": [%s]}}}}
        """
            .formatted(categories(0));
    NativeModel read = read(json, REGRESSOR);
    assertThat(read.model().inputs().get(0).text()).isTrue();
    assertThat(read.notes()).isEmpty();
    assertThat(label(read, "b")).isEqualTo(1); // code 0, in the set
    assertThat(label(read, "a")).isEqualTo(-1); // code 1
    assertThat(label(read, "c")).isEqualTo(1); // code 3
    assertThat(label(read, null)).isEqualTo(1); // missing: default way
    assertThatThrownBy(() -> label(read, "zz")).hasMessageContaining("unknown category zz");
  }

  private static double label(NativeModel model, @org.jspecify.annotations.Nullable String label) {
    return PlainScores.raw(
        (io.scorebatch.api.model.Estimator) model.model().structure(), new Object[] {label})[0];
  }

  @Test
  void saysThatCodesAreNeededWhereTheFileHoldsNoCategories() { // 47
    String json =
        model(
            "reg:squarederror",
            "0E0",
            0,
            trees(categories(0)),
            "\"feature_names\": [\"region\"], \"feature_types\": [\"c\"],");
    NativeModel read = read(json, REGRESSOR);
    assertThat(read.model().inputs().get(0).text()).isFalse();
    assertThat(read.notes())
        .singleElement()
        .asString()
        .contains("does not hold the categories of region")
        .contains("codes used in training");
  }

  @Test
  void sendsACodeOutsideTheSetToNoMatchAndNotTheDefaultWay() { // 48
    String json = regression(categories(0));
    assertThat(raw(json, REGRESSOR, 35)).isEqualTo(-1);
    assertThat(raw(json, REGRESSOR, Double.NaN)).isEqualTo(1);
    assertThat(raw(json, REGRESSOR, 31)).isEqualTo(1);
    assertThat(raw(json, REGRESSOR, 3.9)).isEqualTo(1);
  }

  @Test
  void namesItsInputsSoThatColumnsAreMatchedByName() { // 49
    String json =
        model(
            "reg:squarederror",
            "0E0",
            0,
            trees(leaf("0E0")),
            "\"feature_names\": [\"daily cost\"],");
    Model model = read(json, REGRESSOR).model();
    assertThat(model.namesKnown()).isTrue();
    assertThat(model.inputs()).extracting(i -> i.name()).containsExactly("daily cost");
    assertThat(read(regression(leaf("0E0")), REGRESSOR).model().namesKnown()).isFalse();
  }

  @Test
  void toleratesParameterBlocksThatAreNull() { // 53
    String json =
        model("reg:gamma", "1E0", 0, trees(leaf("2.5E-1")), "")
            .replace(
                "{\"name\": \"reg:gamma\"}", "{\"name\": \"reg:gamma\", \"reg_loss_param\": null}");
    assertThat(raw(json, REGRESSOR, 0)).isEqualTo(0.25);
    assertThat(ensemble(read(json, REGRESSOR).model()).response().link()).isEqualTo(Link.FLOAT_EXP);
  }

  @Test
  void readsLinearBoosters() { // 54
    String booster = "{\"name\": \"gblinear\", \"model\": {\"weights\": [2E0, 5E-1]}}";
    String json = model("reg:squarederror", "1E0", 0, booster, "");
    Pipeline pipeline = (Pipeline) read(json, REGRESSOR).model().structure();
    assertThat(pipeline.estimator()).isInstanceOf(BoostedLinearModel.class);
    assertThat(raw(json, REGRESSOR, 3)).isEqualTo(7.5);
    assertThat(raw(json, REGRESSOR, Double.NaN)).isEqualTo(1.5);
  }

  @Test
  void answersLabelsAsAClassifierAndProbabilitiesAsABooster() {
    String json = model("binary:logistic", "5E-1", 0, trees(leaf("0E0")), "");
    Model classifier = read(json, CLASSIFIER).model();
    assertThat(classifier.task()).isEqualTo(Task.BINARY_CLASSIFICATION);
    assertThat(ensemble(classifier).response().rule()).isEqualTo(Rule.PROBABILITY_ABOVE_HALF);
    assertThat(classifier.labels().orElseThrow().values()).containsExactly(0L, 1L);
    Model booster = read(json, BOOSTER).model();
    assertThat(ensemble(booster).response().rule()).isEqualTo(Rule.VALUE);
    assertThat(booster.outputKinds())
        .containsExactlyInAnyOrder(
            OutputKind.PREDICT, OutputKind.PREDICT_PROBA, OutputKind.RAW_MARGIN);
    assertThat(booster.origin().version()).isEqualTo("2.1.4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"binf\0\0\0\0", "CONFIG-offset:123"})
  void refusesTheOldBinaryFormatAndSaysHowToSaveAgain(String start) {
    assertThatThrownBy(() -> read(start, BOOSTER))
        .hasMessageStartingWith("SB-0301 model.json is in XGBoost's old binary format.")
        .hasMessageContaining("save_model(\"model.ubj\")");
  }

  @Test
  void refusesWhatItCannotComputeByName() {
    assertThatThrownBy(() -> read(model("reg:odd", "0E0", 0, trees(leaf("0E0")), ""), BOOSTER))
        .hasMessageStartingWith("SB-0301")
        .hasMessageContaining("the objective 'reg:odd'");
    assertThatThrownBy(() -> read(regression(leaf("0E0")), "mine.Classifier"))
        .hasMessageContaining("the class mine.Classifier");
    assertThatThrownBy(
            () ->
                read(model("reg:squarederror", "0E0", 0, "{\"name\": \"gbforest\"}", ""), BOOSTER))
        .hasMessageContaining("the booster 'gbforest'");
  }

  @Test
  void refusesTreesThatAreNone() {
    String tree = stump("5E-1", 0);
    for (String[] change :
        List.of(
            new String[] {"[1, -1, -1]", "[0, -1, -1]"}, // a circle
            new String[] {"[2, -1, -1]", "[1, -1, -1]"}, // a child with two parents
            new String[] {"[2, -1, -1]", "[7, -1, -1]"}, // a child outside
            new String[] {"[1, -1, -1]", "[-5, -1, -1]"},
            new String[] {"\"split_indices\": [0,", "\"split_indices\": [9,"},
            new String[] {"[5E-1,", "[NaN,"},
            new String[] {"\"default_left\": [0, 0, 0]", "\"default_left\": [0]"})) {
      assertThat(tree).contains(change[0]);
      assertThatThrownBy(() -> read(regression(tree.replace(change[0], change[1])), BOOSTER))
          .as(change[1])
          .hasMessageStartingWith("SB-0300");
    }
  }

  @Test
  void readsLogarithmsAsGlibcComputesThem() {
    // Math.log rounded to float gives a neighbour of these.
    assertThat(GlibcLogf.logf(0x1.151246p+1f)).isEqualTo(0x1.8b63aep-1f);
    assertThat(GlibcLogf.logf(0x1.b563aap+0f)).isEqualTo(0x1.12403ap-1f);
    assertThat(GlibcLogf.logf(0x1.f72396p-1f)).isEqualTo(-0x1.1e08bcp-6f);
    assertThat(GlibcLogf.logf(1f)).isEqualTo(0f);
    assertThat(GlibcLogf.logf(0.25f)).isEqualTo(-1.3862944f);
    assertThat(GlibcLogf.logf(Float.MIN_VALUE)).isEqualTo(-103.27893f);
    assertThat(GlibcLogf.logf(0f)).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(GlibcLogf.logf(-1f)).isNaN();
    assertThat(GlibcLogf.logf(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
  }

  @Test
  void refusesCategoricalSplitsOfReleasesThatChoseAnotherWay() {
    String old = regression(categories(1)).replace("[2, 1, 4]", "[1, 5, 2]");
    assertThatThrownBy(() -> read(old, BOOSTER))
        .hasMessageContaining("categorical splits of XGBoost 1.5.2, older than 1.6");
    String numeric = regression(stump("5E-1", 1)).replace("[2, 1, 4]", "[1, 5, 2]");
    assertThat(read(numeric, BOOSTER).model().origin().version()).isEqualTo("1.5.2");
  }

  /** An objective that was never compared with Python is not supported, so it is not known. */
  @Test
  void everyObjectiveIsCompared() throws IOException {
    StringBuilder files = new StringBuilder();
    try (Stream<Path> paths = Files.walk(Fixtures.fixture("."))) {
      for (Path path : paths.filter(p -> p.toString().matches(".*/model.(json|ubj)")).toList()) {
        files.append(Files.readString(path, StandardCharsets.ISO_8859_1));
      }
    }
    for (Objective objective : Objective.values()) {
      assertThat(files.indexOf(objective.text())).as(objective.text()).isPositive();
    }
    assertThat(Objective.parse("reg:expectileerror")).isEmpty();
  }
}
