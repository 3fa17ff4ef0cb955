package io.scorebatch.artifact.lightgbm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.Link;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.Pipeline;
import io.scorebatch.api.model.Task;
import io.scorebatch.api.model.TreeEnsemble;
import io.scorebatch.artifact.PlainScores;
import io.scorebatch.artifact.model.NativeModel;
import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What went wrong for people who scored LightGBM models outside Python. */
class LightgbmReportsTest {
  /** One numeric split of Column_0: left gives -1, right gives 1. */
  private static String stump(String threshold, int decision) {
    return """
        Tree=0
        num_leaves=2
        num_cat=0
        split_feature=0
        threshold=%s
        decision_type=%d
        left_child=-1
        right_child=-2
        leaf_value=-1 1
        is_linear=0
        shrinkage=1

        """
        .formatted(threshold, decision);
  }

  /** One categorical split: codes of the set give -1, all others 1. */
  private static String categories(int column, String words) {
    return """
        Tree=0
        num_leaves=2
        num_cat=1
        split_feature=%d
        threshold=0
        decision_type=1
        left_child=-1
        right_child=-2
        leaf_value=-1 1
        cat_boundaries=0 %d
        cat_threshold=%s
        is_linear=0

        """
        .formatted(column, words.split(" ").length, words);
  }

  private static String model(String objective, String names, String infos, String trees) {
    return """
        tree
        version=v4
        num_class=1
        num_tree_per_iteration=1
        max_feature_idx=%d
        objective=%s
        feature_names=%s
        feature_infos=%s

        %send of trees

        parameters:
        [boosting: gbdt]
        end of parameters
        """
        .formatted(names.split(" ").length - 1, objective, names, infos, trees);
  }

  private static String one(String tree) {
    return model("regression", "Column_0", "[0:1]", tree);
  }

  private static NativeModel read(String text, @Nullable Set<String> textColumns) {
    return LightgbmReader.readText(text, "model.txt", textColumns);
  }

  private static double raw(String text, @Nullable Object... row) {
    return PlainScores.raw((Estimator) read(text, null).model().structure(), row)[0];
  }

  private static TreeEnsemble ensemble(Model model) {
    return (TreeEnsemble)
        (model.structure() instanceof Pipeline pipeline ? pipeline.estimator() : model.structure());
  }

  @ParameterizedTest
  @CsvSource({"NaN, 1", "0, -1", "-1, 1", "0.9, -1", "-0.9, -1", "5, 1", "1e9, 1"})
  void sendsNanAndNegativeCodesRightAndCutsFractions(double x, double expected) { // 55
    assertThat(raw(one(categories(0, "1")), x)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"0, -1", "1e-36, -1", "-1e-36, -1", "NaN, -1", "-2, -1", "1e-30, 1"})
  void sendsZerosTheDefaultWayWhereZeroIsMissing(double x, double expected) { // 56
    assertThat(raw(one(stump("-1", 2 + 4)), x)).isEqualTo(expected);
  }

  @Test
  void readsNanAsZeroWhereNothingIsMissing() { // 57
    assertThat(raw(one(stump("0.5", 0)), Double.NaN)).isEqualTo(-1);
    assertThat(raw(one(stump("-0.5", 2)), Double.NaN)).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "2, -1"})
  void sendsNanTheDefaultWayWhereNanIsMissing(int defaultLeft, double expected) {
    assertThat(raw(one(stump("0.5", defaultLeft + 8)), Double.NaN)).isEqualTo(expected);
  }

  /** The library drops values within its zero limit before it looks at a tree. */
  @ParameterizedTest
  @CsvSource({
    "-1.0000000180025095e-35, -1.0000000180025095e-35, 1",
    "-1.0000000180025095e-35, -1.0000000180025098e-35, -1",
    "1.0000000180025095e-35, 1.0000000180025095e-35, -1",
    "0, 1e-36, -1",
    "0, 1.1e-35, 1",
    "-1e-40, -1e-36, 1"
  })
  void readsValuesWithinTheZeroLimitAsZero(String threshold, double x, double expected) {
    assertThat(raw(one(stump(threshold, 2)), x)).isEqualTo(expected);
  }

  @Test
  void addsTheEquationsOfLinearLeaves() { // 59
    String tree =
        stump("0.5", 0)
            .replace(
                "is_linear=0",
                "is_linear=1\nleaf_const=10 20\nnum_features=1 0\nleaf_features=1  \nleaf_coeff=2.5  ");
    String text = model("regression", "a b", "[0:1] [0:1]", tree);
    assertThat(raw(text, 0.0, 4.0)).isEqualTo(20.0);
    assertThat(raw(text, 0.0, Double.NaN)).isEqualTo(-1.0); // a missing value takes the plain leaf
    assertThat(raw(text, 1.0, Double.NaN)).isEqualTo(20.0);
  }

  @Test
  void mapsLabelsByTheListInTheModel() { // 8, 60
    String text =
        model("regression", "letter x", "-1:3:4:0:1:2 [0:1]", categories(0, "16"))
            + "pandas_categorical:[[\"B\", \"F\", \"D\", \"I\", \"S\"]]\n";
    NativeModel read = read(text, null);
    assertThat(read.model().inputs().get(0).text()).isTrue();
    assertThat(raw(text, "S", 0.0)).isEqualTo(-1); // code 4
    assertThat(raw(text, "B", 0.0)).isEqualTo(1);
    assertThat(raw(text, "unseen", 0.0)).isEqualTo(1); // missing
    assertThat(raw(text, null, 0.0)).isEqualTo(1);
  }

  @Test
  void takesCodesAsTheyAreInAColumnWithoutALabelList() { // 33
    String text =
        model("regression", "a b c", "0:1:2 0:1:2 0:7:9", categories(2, "640"))
            + "pandas_categorical:[[\"x\", \"y\", \"z\"], [\"u\", \"v\", \"w\"]]\n";
    // Code 9 is in no list of three labels, so c holds the codes.
    assertThat(raw(text, "x", "u", 9.0)).isEqualTo(-1);
    assertThat(raw(text, "x", "u", 8.0)).isEqualTo(1);
  }

  @Test
  void asksForTheTypesWhereListsFitSeveralColumns() { // 33
    String text =
        model("regression", "a b", "0:1 0:1", categories(1, "1"))
            + "pandas_categorical:[[\"x\", \"y\"]]\n";
    assertThatThrownBy(() -> read(text, null))
        .hasMessageStartingWith(
            "SB-0301 model.txt holds 1 lists of categories for the categorical columns a, b.")
        .hasMessageContaining("signature");
    Model model = read(text, Set.of("b")).model();
    assertThat(model.inputs()).extracting(i -> i.text()).containsExactly(false, true);
  }

  @ParameterizedTest
  @CsvSource({"binary sigmoid:1, 1", "binary sigmoid:0.7, 0.7", "binary, 1"})
  void keepsTheSigmoidOfTheModel(String objective, double parameter) { // 62
    Model model = read(model(objective, "a", "[0:1]", stump("0.5", 0)), null).model();
    assertThat(ensemble(model).response().link()).isEqualTo(Link.SIGMOID);
    assertThat(ensemble(model).response().parameter()).isEqualTo(parameter);
    assertThat(model.task()).isEqualTo(Task.BINARY_CLASSIFICATION);
    assertThat(model.labels().orElseThrow().values()).containsExactly(0L, 1L);
  }

  @Test
  void averagesForestsOfTheModel() {
    String text = one(stump("0.5", 0)).replace("objective=", "average_output\nobjective=");
    TreeEnsemble forest = ensemble(read(text, null).model());
    assertThat(forest.rawIsSum()).isTrue();
    assertThat(forest.divisor()).isEqualTo(1);
  }

  @Test
  void takesTheNamesLightgbmMadeUpForNone() {
    assertThat(read(one(stump("1", 0)), null).model().namesKnown()).isFalse();
    assertThat(read(one(stump("1", 0)), null).model().inputs().get(0).name()).isEqualTo("f0");
    assertThat(read(model("regression", "a", "[0:1]", stump("1", 0)), null).model().namesKnown())
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "left_child=-1>left_child=0", // a circle
        "left_child=-1>left_child=-2", // a leaf with two parents
        "left_child=-1>left_child=5",
        "left_child=-1>left_child=-9",
        "left_child=-1>left_child=x",
        "split_feature=0>split_feature=3",
        "split_feature=0>split_feature=-1",
        "threshold=0.5>threshold=nan",
        "threshold=0.5>threshold=0.5f",
        "decision_type=0>decision_type=12",
        "num_leaves=2>num_leaves=2000000000",
        "num_leaves=2>num_leaves=0",
        "leaf_value=-1 1>leaf_value=-1",
        "max_feature_idx=0>max_feature_idx=5",
        "max_feature_idx=0>max_feature_idx=99999999",
        "num_tree_per_iteration=1>num_tree_per_iteration=3",
        "objective=regression>objective=binary sigmoid:-1",
        "end of trees>end",
        "tree\nversion>wood\nversion"
      })
  void refusesDamagedTextsAndSaysWhere(String change) {
    String[] parts = change.split(">", -1);
    String text = one(stump("0.5", 0));
    assertThat(text).contains(parts[0]);
    assertThatThrownBy(() -> read(text.replace(parts[0], parts[1]), null))
        .hasMessageStartingWith("SB-0300 model.txt is no readable LightGBM model: ");
  }

  @Test
  void refusesObjectivesItDoesNotKnowByName() {
    assertThatThrownBy(() -> read(model("odd", "a", "[0:1]", stump("1", 0)), null))
        .hasMessageStartingWith("SB-0301")
        .hasMessageContaining("the objective 'odd'");
  }

  /** An objective that was never compared with Python is not supported, so it is not known. */
  @Test
  void everyObjectiveIsCompared() throws IOException {
    Set<String> compared = new TreeSet<>();
    try (Stream<Path> paths = Files.walk(Fixtures.fixture("."))) {
      for (Path path : paths.filter(p -> p.endsWith("model.txt")).toList()) {
        Files.readAllLines(path).stream()
            .filter(line -> line.startsWith("objective="))
            .forEach(line -> compared.add(line.substring(10).split(" ")[0]));
      }
    }
    for (String name :
        List.of(
            "regression",
            "regression_l1",
            "huber",
            "fair",
            "poisson",
            "quantile",
            "mape",
            "gamma",
            "tweedie",
            "binary",
            "multiclass",
            "multiclassova",
            "cross_entropy",
            "cross_entropy_lambda",
            "lambdarank",
            "rank_xendcg",
            "regression_l2",
            "xentropy",
            "xentlambda",
            "custom",
            "none")) {
      String text = model(name, "Column_0", "[0:1]", stump("0.5", 2));
      if (compared.contains(name)) {
        assertThat(read(text, null).model().outputKinds()).isNotEmpty();
      } else {
        assertThatThrownBy(() -> read(text, null)).hasMessageContaining("objective '" + name);
      }
    }
    assertThat(compared).hasSizeGreaterThanOrEqualTo(16);
  }
}
