package io.scorebatch.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.TreeEnsemble;
import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArtifactReaderTest {
  private final ArtifactReader reader = new ArtifactReader();

  @TempDir Path temp;

  private static final String XGB =
      """
      flavors:
        python_function: {loader_module: mlflow.xgboost, data: model.json}
        xgboost: {data: model.json, model_class: xgboost.sklearn.XGBRegressor, xgb_version: 2.1.4}
      mlflow_version: 2.22.1
      """;

  private static String model(int features, String names) {
    return """
        {"learner": {"feature_names": [%s],
          "learner_model_param": {"base_score": "5E-1", "num_feature": "%d"},
          "objective": {"name": "reg:squarederror"}, "gradient_booster": {"name": "gbtree", "model": {
            "tree_info": [], "trees": []}}}}
        """
        .formatted(names, features);
  }

  private static final String SPEC =
      """
      input_columns:
      - id: {source: training_data, include: false, data_type: bigint}
      - a: {table_name: c.s.t, feature_name: a, lookup_key: [id], data_type: double, source: feature_store}
      - b: {table_name: c.s.t, feature_name: b, lookup_key: [id], data_type: double, source: feature_store}
      input_tables:
      - c.s.t: {table_id: x}
      serialization_version: 11
      """;

  private Path write(String name, String text) throws IOException {
    Path file = temp.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private Path plainModel(int features) throws IOException {
    write("m/MLmodel", XGB);
    write("m/model.json", model(features, ""));
    return temp.resolve("m");
  }

  static Stream<Path> mlflowFolders() throws IOException {
    List<Path> folders;
    try (Stream<Path> all = Files.walk(Fixtures.fixture("."), 3)) {
      folders =
          all.filter(f -> f.endsWith("model") && f.toString().contains("/mlflow-"))
              .filter(f -> Files.exists(f.resolve("MLmodel")) && !f.toString().contains("catboost"))
              .sorted()
              .toList();
    }
    return folders.stream();
  }

  @ParameterizedTest
  @MethodSource("mlflowFolders")
  void readsEveryFolderThatMlflowWrote(Path folder) {
    ModelPackage read = reader.read(folder);
    boolean pyfunc = folder.toString().contains("pyfunc-");
    boolean unsigned =
        Stream.of("booster-categories", "no-signature", "text-forest")
            .anyMatch(folder.toString()::contains);
    assertThat(read.model().structure() instanceof ForeignModel).isEqualTo(pyfunc);
    assertThat(read.digest()).matches("[0-9a-f]{64}");
    assertThat(read.sizeBytes()).isPositive();
    if (!pyfunc) {
      assertThat(read.model().origin().version()).matches("\\d+\\.\\d+.*");
      assertThat(read.model().inputs()).isNotEmpty();
    }
    assertThat(read.pythonOutput())
        .contains(
            folder.toString().contains("predict-proba")
                ? OutputKind.PREDICT_PROBA
                : OutputKind.PREDICT);
    assertThat(read.notes().stream().anyMatch(n -> n.contains("no signature"))).isEqualTo(unsigned);
  }

  @Test
  void choosesNothingForAModelLoggedToAnswerWhatIsNotComputed() throws IOException {
    Path logged = Fixtures.fixture("mlflow-3.17.2/sklearn-forest-predict-proba/model");
    String description = Files.readString(logged.resolve("MLmodel"));
    assertThat(description).contains("predict_fn: predict_proba");
    write("l/MLmodel", description.replace("predict_fn: predict_proba", "predict_fn: score"));
    Files.copy(logged.resolve("model.pkl"), temp.resolve("l/model.pkl"));
    ModelPackage read = reader.read(temp.resolve("l"));
    assertThat(read.pythonOutput()).isEmpty();
    assertThat(read.model().outputKinds()).contains(OutputKind.PREDICT_PROBA);
    assertThatThrownBy(read::requirePythonOutput)
        .hasMessageStartingWith("SB-0306 The model was logged to answer score")
        .hasMessageContaining("set output_kind to one of predict, predict_proba.");
  }

  @Test
  void findsTheModelHoweverItsFolderIsWritten() throws IOException { // 23
    Path folder = plainModel(2);
    String digest = reader.read(folder).digest();
    for (Path way :
        List.of(
            Path.of(folder + "/"),
            folder.resolve("."),
            folder.resolve("x/.."),
            temp, // one level too high
            folder.resolve("MLmodel"))) {
      assertThat(reader.read(way).digest()).as(way.toString()).isEqualTo(digest);
    }
  }

  @Test
  void saysWhatLiesThereWhereNoModelIs() throws IOException { // 23
    write("wrong/notes.txt", "");
    write("wrong/sub/x", "");
    assertThatThrownBy(() -> reader.read(temp.resolve("wrong")))
        .hasMessageStartingWith("SB-0204 There is no MLmodel file in '" + temp.resolve("wrong"))
        .hasMessageContaining("The folder holds: notes.txt, sub/.");
    assertThatThrownBy(() -> reader.read(temp.resolve("wrnog")))
        .hasMessageStartingWith("SB-0204 There is no model folder")
        .hasMessageContaining("Beside it lie: wrong/.");
    assertThatThrownBy(() -> reader.read(temp.resolve("wrong/notes.txt")))
        .hasMessageContaining("is a file where a model folder belongs");
    for (int i = 0; i < 30; i++) {
      write("many/f" + (10 + i), "");
    }
    assertThatThrownBy(() -> reader.read(temp.resolve("many")))
        .hasMessageContaining("f29, ….")
        .hasMessageNotContaining("f30");
  }

  @Test
  void saysWhatLiesThereWhereTheWeightsAreMissing() throws IOException { // 23
    plainModel(2);
    Files.delete(temp.resolve("m/model.json"));
    assertThatThrownBy(() -> reader.read(temp.resolve("m")))
        .hasMessageStartingWith("SB-0204 The model in '" + temp.resolve("m"))
        .hasMessageContaining("names the file 'model.json', which is not there")
        .hasMessageContaining("holds: MLmodel.");
  }

  @Test
  void readsTheLayoutOfTheFeatureStoreClient() throws IOException {
    write(
        "fs/MLmodel",
        """
        flavors:
          python_function:
            loader_module: databricks.feature_store.mlflow_model
            data: data/feature_store
        """);
    write("fs/data/feature_store/feature_spec.yaml", SPEC);
    write("fs/data/feature_store/raw_model/MLmodel", XGB);
    write("fs/data/feature_store/raw_model/model.json", model(2, ""));
    ModelPackage read = reader.read(temp.resolve("fs"));
    assertThat(read.logged().folder()).isEqualTo(temp.resolve("fs"));
    assertThat(read.scored().folder()).isEqualTo(temp.resolve("fs/data/feature_store/raw_model"));
    assertThat(read.featureSpec()).isPresent();
    assertThat(read.model().inputs())
        .containsExactly(ModelInput.number("a"), ModelInput.number("b"));
    assertThat(read.model().structure()).isInstanceOf(TreeEnsemble.class);
    assertThat(read.notes())
        .containsExactly("The model has no signature; its inputs are those of feature_spec.yaml.");
    Files.delete(temp.resolve("fs/data/feature_store/feature_spec.yaml"));
    assertThatThrownBy(() -> reader.read(temp.resolve("fs"))).hasMessageStartingWith("SB-0305");
  }

  @Test
  void readsAFeatureSpecBesideAPlainModelWithoutSignature() throws IOException { // 100
    plainModel(2);
    write("m/feature_spec.yaml", SPEC);
    ModelPackage read = reader.read(temp.resolve("m"));
    assertThat(read.featureSpec()).isPresent();
    assertThat(read.model().inputs()).extracting(ModelInput::name).containsExactly("a", "b");
    assertThat(read.notes())
        .containsExactly("The model has no signature; its inputs are those of feature_spec.yaml.");
  }

  @Test
  void keepsTheNamesOfTheWeightsBeforeThoseOfTheSpec() throws IOException {
    plainModel(2);
    write("m/feature_spec.yaml", SPEC);
    write("m/model.json", model(2, "\"b\", \"a\""));
    assertThat(reader.read(temp.resolve("m")).model().inputs())
        .extracting(ModelInput::name)
        .containsExactly("b", "a");
    write("m/model.json", model(2, "\"b\", \"zz\""));
    assertThatThrownBy(() -> reader.read(temp.resolve("m")))
        .hasMessageContaining("takes the inputs zz, which feature_spec.yaml does not include")
        .hasMessageContaining("It includes: a, b.");
  }

  @Test
  void refusesASpecWithAnotherNumberOfColumns() throws IOException {
    plainModel(3);
    write("m/feature_spec.yaml", SPEC);
    assertThatThrownBy(() -> reader.read(temp.resolve("m")))
        .hasMessageContaining("takes 3 inputs, feature_spec.yaml names 2: a, b.");
  }

  @Test
  void namesInputsByTheSignatureWhereNothingElseDoes() throws IOException {
    plainModel(2);
    write(
        "m/MLmodel",
        XGB
            + "signature:\n  inputs: '[{\"type\": \"double\", \"name\": \"u\"}, {\"type\": \"double\","
            + " \"name\": \"v\"}]'\n");
    ModelPackage read = reader.read(temp.resolve("m"));
    assertThat(read.model().inputs()).extracting(ModelInput::name).containsExactly("u", "v");
    assertThat(read.model().namesKnown()).isTrue();
    assertThat(read.notes()).isEmpty();
  }

  @Test
  void refusesASignatureWithAnotherNumberOfColumns() throws IOException {
    plainModel(3);
    write("m/MLmodel", XGB + "signature: {inputs: '[{\"type\": \"double\", \"name\": \"u\"}]'}\n");
    assertThatThrownBy(() -> reader.read(temp.resolve("m")))
        .hasMessageStartingWith("SB-0300")
        .hasMessageContaining("takes 3 inputs, the signature names 1: u.");
  }

  /** LightGBM writes blanks in names as underscores; the columns of the table have blanks. */
  @Test
  void givesLightgbmItsNamesWithBlanksBack() throws IOException {
    write(
        "l/MLmodel",
        """
        flavors:
          python_function: {loader_module: mlflow.lightgbm, data: model.lgb}
          lightgbm: {data: model.lgb, lgb_version: 4.5.0, model_class: lightgbm.basic.Booster}
        signature: {inputs: '[{"type": "double", "name": "daily cost"}]'}
        """);
    write(
        "l/model.lgb",
        """
        tree
        max_feature_idx=0
        objective=regression
        feature_names=daily_cost
        feature_infos=[0:1]

        Tree=0
        num_leaves=1
        leaf_value=5
        end of trees
        """);
    ModelPackage read = reader.read(temp.resolve("l"));
    assertThat(read.model().inputs()).containsExactly(ModelInput.number("daily cost"));
    assertThat(read.model().origin().version()).isEqualTo("4.5.0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../secret", "/etc/passwd", "a/../../secret", "link", "..", "linked/x"})
  void refusesPathsThatLeadOutOfTheFolder(String name) throws IOException {
    plainModel(2);
    write("secret", "{}");
    write("outside/x", "{}");
    Files.createSymbolicLink(temp.resolve("m/link"), temp.resolve("secret"));
    Files.createSymbolicLink(temp.resolve("m/linked"), temp.resolve("outside"));
    write(
        "m/MLmodel",
        XGB.replace("data: model.json, model_class", "data: '" + name + "', model_class"));
    assertThatThrownBy(() -> reader.read(temp.resolve("m")))
        .isInstanceOfSatisfying(
            ScorebatchException.class,
            e -> assertThat(e.problem().code()).isEqualTo(ErrorCode.MODEL_REFUSED))
        .hasMessageContaining("leads out of the model's folder");
  }

  @Test
  void refusesALinkOutOfTheFolderEvenWhereNothingNamesIt() throws IOException {
    plainModel(2);
    Files.createSymbolicLink(temp.resolve("m/extra"), write("secret", "x"));
    assertThatThrownBy(() -> reader.read(temp.resolve("m"))).hasMessageStartingWith("SB-0302");
  }

  @Test
  void offersPythonAndTheReasonWhereNothingElseCanScore() throws IOException {
    write(
        "p/MLmodel", "flavors: {python_function: {loader_module: mine, python_version: 3.11.7}}\n");
    ModelPackage read = reader.read(temp.resolve("p"));
    ForeignModel foreign = (ForeignModel) read.model().structure();
    assertThat(foreign.runtime()).isEqualTo("python");
    assertThat(foreign.artifact()).isEqualTo(temp.resolve("p"));
    assertThat(foreign.attributes())
        .containsEntry("loader_module", "mine")
        .containsEntry(
            "reason", "Its flavors (python_function) are none that Scorebatch reads itself.");
    assertThat(read.notes()).anySatisfy(n -> assertThat(n).contains("Only Python can score"));
  }

  @Test
  void offersPythonForAPickleThatNamesUnknownThings() throws IOException {
    write(
        "s/MLmodel",
        """
        flavors:
          python_function: {loader_module: mlflow.sklearn, model_path: model.pkl}
          sklearn: {pickled_model: model.pkl, serialization_format: pickle, sklearn_version: 1.6.1}
        """);
    Files.write(
        temp.resolve("s/model.pkl"), "cos\nsystem\n(S'ls'\ntR.".getBytes(StandardCharsets.UTF_8));
    ForeignModel foreign = (ForeignModel) reader.read(temp.resolve("s")).model().structure();
    assertThat(foreign.attributes().get("reason")).contains("SB-0302").contains("os.system");
    write("s/MLmodel", "flavors: {sklearn: {pickled_model: model.pkl}}\n");
    assertThatThrownBy(() -> reader.read(temp.resolve("s")))
        .hasMessageStartingWith("SB-0302")
        .hasMessageContaining("os.system");
  }

  @Test
  void doesNotHideDamagedWeightsBehindPython() throws IOException {
    plainModel(2);
    write("m/model.json", "{\"learner\": ");
    assertThatThrownBy(() -> reader.read(temp.resolve("m"))).hasMessageStartingWith("SB-0300");
  }

  @Test
  void digestsPathsAndContents() throws Exception {
    plainModel(2);
    String digest = reader.read(temp.resolve("m")).digest();
    java.security.MessageDigest sha = java.security.MessageDigest.getInstance("SHA-256");
    for (String name : List.of("MLmodel", "model.json")) {
      byte[] content = Files.readAllBytes(temp.resolve("m").resolve(name));
      sha.update(name.getBytes(StandardCharsets.UTF_8));
      sha.update((byte) 0);
      sha.update(java.nio.ByteBuffer.allocate(8).putLong(0, content.length));
      sha.update(content);
    }
    assertThat(digest).isEqualTo(HexFormat.of().formatHex(sha.digest()));
    write("m/extra/readme.txt", "");
    assertThat(reader.read(temp.resolve("m")).digest()).isNotEqualTo(digest);
  }

  @Test
  void readsAFileByItsContent() throws IOException {
    Path file = write("any.bin", model(2, ""));
    ModelPackage read = reader.readFile(file);
    assertThat(read.model().origin().className()).isEqualTo("xgboost.core.Booster");
    assertThat(read.digest()).hasSize(64);
    assertThatThrownBy(() -> reader.readFile(temp.resolve("none.ubj")))
        .hasMessageStartingWith("SB-0204 There is no model file");
    assertThatThrownBy(() -> reader.readFile(write("empty.pkl", "")))
        .hasMessageStartingWith("SB-0300");
  }
}
