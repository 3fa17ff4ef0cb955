package io.scorebatch.artifact.sklearn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.IsolationForest;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Pipeline;
import io.scorebatch.api.model.Task;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.TreeEnsemble;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.artifact.pickle.PickleReader;
import io.scorebatch.artifact.pickle.PyDict;
import io.scorebatch.artifact.pickle.PyObject;
import io.scorebatch.artifact.pickle.PySequence;
import io.scorebatch.artifact.skops.SkopsReader;
import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SklearnTranslatorTest {
  private final SklearnTranslator translator = new SklearnTranslator(Map.of());

  @Test
  void saysWhatAModelIs() throws IOException {
    Model model = model("sklearn-1.9.1/columns-text");
    assertThat(model.origin().library()).isEqualTo("scikit-learn");
    assertThat(model.origin().version()).isEqualTo("1.9.1");
    assertThat(model.origin().className()).isEqualTo("sklearn.pipeline.Pipeline");
    assertThat(model.task()).isEqualTo(Task.BINARY_CLASSIFICATION);
    assertThat(model.outputKinds())
        .containsExactlyInAnyOrder(OutputKind.PREDICT, OutputKind.PREDICT_PROBA);
    assertThat(model.labels().orElseThrow().type()).isEqualTo(ColumnType.Primitive.STRING);
    assertThat(model.labels().orElseThrow().values()).containsExactly("no", "yes");
  }

  @Test
  void namesInputsAndTellsTextFromNumbers() throws IOException {
    Model model = model("sklearn-1.9.1/columns-text");
    assertThat(model.namesKnown()).isTrue();
    assertThat(model.inputs().stream().map(ModelInput::name))
        .containsExactly("region", "cost", "plan", "usage", "visits", "active", "note");
    assertThat(model.inputs().stream().filter(ModelInput::text).map(ModelInput::name))
        .containsExactly("note");
    Model unnamed = model("sklearn-1.9.1/random-forest-binary");
    assertThat(unnamed.namesKnown()).isFalse();
    assertThat(unnamed.inputs().get(0)).isEqualTo(ModelInput.number("f0"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "random-forest-multiclass bigint [10, 20, 35]",
        "random-forest-strings string [high, low, middle]",
        "decision-tree-booleans boolean [false, true]"
      })
  void keepsTheTypeOfLabels(String expected) throws IOException {
    String[] parts = expected.split(" ", 3);
    Model model = model("sklearn-1.9.1/" + parts[0]);
    assertThat(model.labels().orElseThrow().type().sparkName()).isEqualTo(parts[1]);
    assertThat(model.labels().orElseThrow().values()).hasToString(parts[2]);
  }

  @Test
  void takesTheOffsetOfAnIsolationForestAsStored() throws IOException {
    assertThat(forest("isolation-forest-auto").offset()).isEqualTo(-0.5);
    // A contamination moves only the threshold, which is stored and never worked out again.
    assertThat(forest("isolation-forest-contamination").offset()).isNotEqualTo(-0.5);
  }

  @Test
  void readsEachTreeOfAnIsolationForestWithItsOwnColumns() throws IOException {
    IsolationForest forest = forest("isolation-forest-max-features");
    assertThat(forest.trees().features()).isEqualTo(5);
    // Trees count three features; as columns of the model they go beyond the third.
    assertThat(forest.trees().feature()).contains(3, 4);
  }

  @Test
  void letsNanPassOnlyWhereTheReleaseDid() throws IOException {
    assertThat(check("sklearn-1.2.2/random-forest-binary"))
        .isEqualTo(Transform.Accept.FINITE_FLOAT);
    assertThat(check("sklearn-1.4.2/random-forest-binary"))
        .isEqualTo(Transform.Accept.FINITE_FLOAT_OR_NAN);
    assertThat(check("sklearn-1.4.2/extra-trees-binary")).isEqualTo(Transform.Accept.FINITE_FLOAT);
    assertThat(check("sklearn-1.6.1/extra-trees-binary"))
        .isEqualTo(Transform.Accept.FINITE_FLOAT_OR_NAN);
    assertThat(model("sklearn-1.9.1/hist-regression").structure()).isInstanceOf(TreeEnsemble.class);
  }

  @Test
  void readsTheSameModelFromPickleAndSkops() throws IOException {
    Path folder = Fixtures.fixture("sklearn-1.9.1/decision-tree-strings");
    Model skops =
        translator.translate(
            SkopsReader.read("m", Files.readAllBytes(folder.resolve("model.skops"))), "skops");
    Model pickle = model("sklearn-1.9.1/decision-tree-strings");
    assertThat(skops.origin().format()).isEqualTo("skops");
    assertThat(skops.labels()).isEqualTo(pickle.labels());
    assertThat(tree(skops).trees().threshold()).isEqualTo(tree(pickle).trees().threshold());
    assertThat(tree(skops).trees().values()).isEqualTo(tree(pickle).trees().values());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.21.3", "0.24.2", "2.0.0", "1.10.0", "1.99", "unknown"})
  void refusesReleasesItDoesNotKnow(String version) {
    PyObject model =
        new PyObject(
            "sklearn.ensemble._iforest.IsolationForest",
            List.of(),
            Map.of("_sklearn_version", version));
    assertThatThrownBy(() -> translator.translate(model, "pickle"))
        .isInstanceOfSatisfying(
            ScorebatchException.class,
            e -> assertThat(e.problem().code()).isEqualTo(ErrorCode.MODEL_UNSUPPORTED))
        .hasMessageContaining(
            "scikit-learn " + version + " wrote the model; Scorebatch knows 1.0 to 1.9.");
  }

  @Test
  void refusesWhatRelease021WroteByItsRelease() {
    assertThatThrownBy(() -> model("sklearn-0.21.3/isolation-forest-auto"))
        .hasMessageContaining("scikit-learn 0.21.3 wrote the model");
  }

  @Test
  void showsTheClassTreeOfAModelItCannotScore() {
    PyObject process =
        new PyObject("sklearn.gaussian_process._gpr.GaussianProcessRegressor", List.of());
    PyObject scaler = new PyObject("sklearn.preprocessing._data.StandardScaler", List.of());
    PyObject pipeline = pipeline(scaler, process);
    assertThatThrownBy(() -> translator.translate(pipeline, "pickle"))
        .isInstanceOfSatisfying(
            ScorebatchException.class,
            e -> assertThat(e.problem().code()).isEqualTo(ErrorCode.MODEL_UNSUPPORTED))
        .hasMessageContaining(
            "does not score sklearn.gaussian_process._gpr.GaussianProcessRegressor natively")
        .hasMessageContaining("Pipeline(StandardScaler, GaussianProcessRegressor)")
        .hasMessageContaining("python: allow");
  }

  @Test
  void namesTheAttributeAnUnfittedModelLacks() {
    PyObject model =
        new PyObject(
            "sklearn.tree._classes.DecisionTreeRegressor",
            List.of(),
            Map.of("_sklearn_version", "1.6.1"));
    assertThatThrownBy(() -> translator.translate(model, "pickle"))
        .hasMessageContaining("DecisionTreeRegressor has no attribute n_features_in_.")
        .hasMessageContaining("Save a fitted model");
  }

  @Test
  void namesTheSettingItDoesNotKnow() throws IOException {
    PyObject svc = (PyObject) pickled("sklearn-1.9.1/svc-rbf-binary");
    Map<String, Object> attributes = new java.util.LinkedHashMap<>(svc.attributes());
    attributes.put("kernel", "precomputed");
    PyObject changed = new PyObject(svc.className(), List.of(), attributes);
    assertThatThrownBy(() -> translator.translate(changed, "pickle"))
        .hasMessageContaining("SVC has kernel=precomputed, which is not scored natively.");
  }

  @Test
  void refusesWhatIsNoModel() {
    assertThatThrownBy(() -> translator.translate(new PyDict(), "pickle"))
        .hasMessageContaining("The file holds dict of 0 where a fitted model is expected.");
  }

  private static PyObject pipeline(PyObject... steps) {
    List<PySequence> named =
        java.util.Arrays.stream(steps)
            .map(s -> new PySequence(PySequence.Kind.TUPLE, List.of("step", s)))
            .toList();
    return new PyObject(
        "sklearn.pipeline.Pipeline",
        List.of(),
        Map.of("_sklearn_version", "1.6.1", "steps", new PySequence(PySequence.Kind.LIST, named)));
  }

  private Transform.Accept check(String path) throws IOException {
    Pipeline pipeline = (Pipeline) model(path).structure();
    return ((Transform.Check) pipeline.steps().get(0)).accept();
  }

  private IsolationForest forest(String name) throws IOException {
    return (IsolationForest) model("sklearn-1.9.1/" + name).structure();
  }

  private static TreeEnsemble tree(Model model) {
    return (TreeEnsemble) ((Pipeline) model.structure()).estimator();
  }

  private Model model(String path) throws IOException {
    return translator.translate(pickled(path), "pickle");
  }

  /** The first pickle of a case. */
  private static Object pickled(String path) throws IOException {
    Path folder = Fixtures.fixture(path);
    try (Stream<Path> files = Files.list(folder)) {
      Path file =
          files
              .filter(f -> f.toString().endsWith(".pkl") || f.toString().endsWith(".joblib"))
              .sorted()
              .findFirst()
              .orElseThrow();
      return PickleReader.read(file.getFileName().toString(), Files.readAllBytes(file));
    }
  }
}
