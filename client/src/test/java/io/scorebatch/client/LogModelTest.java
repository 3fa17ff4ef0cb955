package io.scorebatch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.api.engine.SqlEngine;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.registry.PublishedModel;
import io.scorebatch.api.type.Column;
import io.scorebatch.artifact.ArtifactReader;
import io.scorebatch.artifact.spec.FeatureSpecParser;
import io.scorebatch.artifact.spec.FeatureSpecWriter;
import io.scorebatch.pipeline.config.FeatureLookup;
import io.scorebatch.pipeline.config.FeatureSet;
import io.scorebatch.testing.Fixtures;
import io.scorebatch.testing.PythonEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Models trained in Python get look-ups, are registered, and are scored by keys. */
class LogModelTest {
  private static final FeatureSet LOOKUPS =
      FeatureSet.of(FeatureLookup.parse("main.ml.features:id:f0,f1,f2,f3,f4"));

  @TempDir private Path folder = Path.of("");
  private Connections connections = Connections.fromEnvironment();

  /**
   * A trained model.
   *
   * @param fixture folder of its rows and answers
   * @param model its file or folder
   * @param modelClass for XGBoost files
   * @param expected what its {@code predict} answers
   * @param relativeError 0 for the same bits
   */
  private record Trained(
      String fixture,
      String model,
      @Nullable String modelClass,
      String expected,
      double relativeError) {
    Path path() {
      return Fixtures.fixture(fixture).resolve(model);
    }

    double[] answers() {
      return FeatureRows.numbers(Fixtures.fixture(fixture).resolve(expected));
    }

    @Override
    public String toString() {
      return fixture + "/" + model + (modelClass == null ? "" : " as " + modelClass);
    }
  }

  static List<Trained> trained() {
    String predict = "expected.predict.f64";
    String logistic = "sklearn-1.9.1/logistic-binary";
    String binary = "xgboost-3.2.0/binary";
    String classifier = "xgboost.sklearn.XGBClassifier";
    return List.of(
        new Trained(logistic, "model.pkl", null, predict, 0),
        new Trained(logistic, "model.skops", null, predict, 0),
        new Trained(binary, "model.ubj", null, "expected.booster.predict.f64", 0),
        new Trained(binary, "model.json", classifier, predict, 0),
        new Trained(binary, "model.pkl", null, predict, 0),
        new Trained("lightgbm-4.7.0/booster-regression", "model.txt", null, predict, 0),
        new Trained("catboost-1.2.8/regression", "model.cbm", null, predict, 1e-12),
        new Trained("onnx-1.19.1/forest-regression", "model.onnx", null, predict, 1e-5),
        new Trained("mlflow-3.17.2/sklearn-forest-skops", "model", null, predict, 0),
        new Trained("mlflow-3.17.2/xgboost-classifier", "model", null, predict, 0));
  }

  @BeforeEach
  void choosePlaces() {
    connections =
        Connections.fromEnvironment()
            .withFolder(folder)
            .withTables(folder.resolve("tables").toString())
            .withRegistry(folder.resolve("registry").toString());
  }

  private void writeFeatures(String fixture) throws IOException {
    Files.createDirectories(folder.resolve("tables"));
    try (FeatureEngineeringClient client =
        FeatureEngineeringClient.connect(connections.withoutStores().withTables("tables"))) {
      client.createTable(
          new TableDefinition("main.ml.features", List.of("id"), null, "Rows of a test.", Map.of()),
          FeatureRows.of(fixture).sql());
    }
  }

  private LogModel log(Trained trained, FeatureSet features) {
    LogModel log = LogModel.of(connections, trained.path().toString(), features);
    return trained.modelClass() == null ? log : log.modelClass(trained.modelClass());
  }

  private static final class Predictions implements SqlEngine.Rows {
    private final Map<Long, Double> byId = new TreeMap<>();
    private int prediction;

    @Override
    public void columns(List<Column> columns) {
      prediction = columns.stream().map(Column::name).toList().indexOf("prediction");
    }

    @Override
    public void row(List<@Nullable Object> values) {
      byId.put((Long) values.get(0), ((Number) values.get(prediction)).doubleValue());
    }
  }

  @ParameterizedTest
  @MethodSource("trained")
  void aModelIsScoredByKeysAsItsLibraryScoresIt(Trained trained) throws IOException {
    writeFeatures(trained.fixture());
    LogModel.Logged logged = log(trained, LOOKUPS).alias("champion").register("main.ml.scored");
    PublishedModel published = logged.model().orElseThrow();
    assertThat(published.uri()).isEqualTo("models:/main.ml.scored/1");
    Predictions predictions = new Predictions();
    try (FeatureEngineeringClient client = FeatureEngineeringClient.connect(connections)) {
      client
          .scoreBatch(
              "models:/main.ml.scored@champion", Keys.query("SELECT id FROM main.ml.features"))
          .forEachRow(predictions);
    }
    double[] answers = trained.answers();
    assertThat(predictions.byId).hasSize(answers.length);
    for (int row = 0; row < answers.length; row++) {
      double ours = predictions.byId.getOrDefault((long) row, Double.NaN);
      if (trained.relativeError() == 0) {
        assertThat(ours).as("row " + row).isEqualTo(answers[row]);
      } else {
        double scale = Math.max(1, Math.abs(answers[row]));
        assertThat(Math.abs(ours - answers[row]) / scale)
            .as("row " + row)
            .isLessThanOrEqualTo(trained.relativeError());
      }
    }
  }

  @Test
  void mlflowLoadsWhatWasWritten() throws IOException {
    PythonEnvironment python =
        PythonEnvironment.require(script("requirements-flavors.txt"), LogModelTest.class);
    List<String> arguments = new ArrayList<>();
    Map<String, Trained> byFolder = new LinkedHashMap<>();
    for (Trained trained : trained()) {
      writeFeatures(trained.fixture());
      Path model = folder.resolve("model-" + byFolder.size());
      Path rows = folder.resolve("rows-" + byFolder.size() + ".json");
      Files.writeString(rows, FeatureRows.of(trained.fixture()).json());
      log(trained, LOOKUPS.withLabels(List.of("churned"))).saveTo(model);
      byFolder.put(model.toString(), trained);
      arguments.add(model.toString());
      arguments.add(rows.toString());
    }
    String said =
        python.run(
            Map.of("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "true"),
            script("load_models.py"),
            arguments.toArray(new String[0]));
    JsonNode answer =
        new ObjectMapper().readTree(said.substring(said.indexOf("ANSWER ") + 7).strip());
    byFolder.forEach(
        (model, trained) -> {
          JsonNode found = answer.get(model);
          double[] answers = trained.answers();
          assertThat(found.get("predict")).as(trained.toString()).hasSize(answers.length);
          for (int row = 0; row < answers.length; row++) {
            assertThat(found.get("predict").get(row).asDouble())
                .as(trained + ", row " + row)
                .isCloseTo(answers[row], org.assertj.core.data.Offset.offset(1e-9));
          }
          assertThat(found.get("outer")).isEqualTo(found.get("predict"));
          assertThat(found.get("inputs").toString())
              .isEqualTo("[\"id\",\"f0\",\"f1\",\"f2\",\"f3\",\"f4\"]");
          assertThat(found.get("required").toString()).isEqualTo("[\"id\"]");
          assertThat(found.get("outputs").toString()).isEqualTo("[\"churned\"]");
          assertThat(found.get("params").toString()).isEqualTo("[\"result_type\"]");
          assertThat(found.get("loader").asText())
              .isEqualTo("databricks.feature_store.mlflow_model");
        });
  }

  private static Path script(String name) {
    return Fixtures.root().resolve("client/src/test/python").resolve(name);
  }

  @Test
  void writesTheLayoutOfTheFeatureEngineeringClient() throws IOException {
    Trained trained = trained().get(8);
    writeFeatures(trained.fixture());
    Path model = folder.resolve("model");
    log(trained, LOOKUPS).requirements(List.of("boto3==1.44.8")).saveTo(model);
    assertThat(files(model))
        .containsExactly(
            "MLmodel",
            "conda.yaml",
            "data/feature_store/feature_spec.yaml",
            "data/feature_store/raw_model/MLmodel",
            "data/feature_store/raw_model/conda.yaml",
            "data/feature_store/raw_model/model.skops",
            "data/feature_store/raw_model/python_env.yaml",
            "data/feature_store/raw_model/requirements.txt",
            "python_env.yaml",
            "requirements.txt");
    assertThat(Files.readString(model.resolve("MLmodel")))
        .startsWith(
            """
            flavors:
              python_function:
                data: data/feature_store
                env:
                  conda: conda.yaml
                  virtualenv: python_env.yaml
                loader_module: databricks.feature_store.mlflow_model
                python_version: 3.11.7
            mlflow_version: 3.17.2
            """)
        .contains("{\"type\": \"double\", \"name\": \"f4\", \"required\": false}");
    assertThat(Files.readAllLines(model.resolve("requirements.txt")))
        .endsWith("databricks-feature-lookup==1.*", "boto3==1.44.8");
    assertThat(Files.readString(model.resolve("conda.yaml")))
        .contains("- pip:\n  - mlflow\n")
        .contains("  - databricks-feature-lookup==1.*\n  - boto3==1.44.8\nname: mlflow-env\n");
    Path raw = model.resolve("data/feature_store/raw_model");
    for (String file : files(raw)) {
      assertThat(raw.resolve(file)).hasSameBinaryContentAs(trained.path().resolve(file));
    }
    String spec = Files.readString(model.resolve("data/feature_store/feature_spec.yaml"));
    assertThat(FeatureSpecWriter.write(FeatureSpecParser.parse(spec, "spec").spec()))
        .isEqualTo(spec);
    assertThat(new ArtifactReader().read(model).featureSpec().map(FeatureSpecWriter::write))
        .isEqualTo(Optional.of(spec));
    assertThat(spec)
        .startsWith(
            """
            input_columns:
            - id:
                data_type: bigint
                include: false
                topological_ordering: 0
                source: training_data
            - f0:
                table_name: main.ml.features
                feature_name: f0
                lookup_key:
                - id
                data_type: double
                topological_ordering: 1
                source: feature_store
            """)
        .endsWith("serialization_version: 9\n");
  }

  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString().replace('\\', '/'))
          .sorted()
          .toList();
    }
  }

  @Test
  void aModelThatHasLookupsGetsTheNewOnesInTheirPlace() throws IOException {
    Trained trained = trained().get(0);
    writeFeatures(trained.fixture());
    log(trained, LOOKUPS).register("churn");
    FeatureSet others =
        FeatureSet.of(FeatureLookup.parse("main.ml.features:customer:f0,f1,f2,f3,f4"));
    LogModel.Logged again =
        LogModel.of(connections, "models:/churn/1", others).alias("champion").register("churn");
    assertThat(again.model().orElseThrow().version()).isEqualTo(2);
    assertThat(
            FeatureEngineeringClient.inspect(connections, "models:/churn@champion")
                .model()
                .flatMap(ModelPackage::featureSpec)
                .orElseThrow()
                .requested())
        .extracting(c -> c.name())
        .containsExactly("customer");
    try (Stream<Path> specs = Files.walk(folder.resolve("registry/models/churn/version-2"))) {
      assertThat(specs.filter(p -> p.endsWith("feature_spec.yaml"))).hasSize(1);
    }
  }

  @Test
  void tellsAllThatIsWrongAndRegistersNothing() throws IOException {
    Trained trained = trained().get(8);
    writeFeatures(trained.fixture());
    FeatureSet wrong =
        FeatureSet.of(
            FeatureLookup.parse("main.ml.features:id:f0,f1,f2,f33"),
            FeatureLookup.parse("main.ml.featurs:id:f4"));
    ScorebatchException failure =
        catchThrowableOfType(
            ScorebatchException.class, () -> log(trained, wrong).register("churn"));
    assertThat(failure.problems().stream().map(p -> p.message()))
        .anySatisfy(m -> assertThat(m).contains("SB-0400", "main.ml.featurs", "main.ml.features"))
        .anySatisfy(m -> assertThat(m).contains("has no column 'f33'", "did you mean 'f3'?"))
        .anySatisfy(m -> assertThat(m).contains("is called with 'f3', 'f4', which nobody gives"));
    assertThat(folder.resolve("registry")).doesNotExist();
  }

  @Test
  void aJoblibFileIsScoredHereThoughMlflowCannotLoadIt() throws IOException {
    Trained trained =
        new Trained(
            "sklearn-1.6.1/random-forest-regression",
            "model.zlib.joblib",
            null,
            "expected.predict.f64",
            0);
    writeFeatures(trained.fixture());
    LogModel.Logged logged = log(trained, LOOKUPS).register("forest");
    assertThat(logged.notes())
        .anySatisfy(note -> assertThat(note).contains("written by joblib", "Save it with pickle"));
    assertThat(FeatureEngineeringClient.inspect(connections, "models:/forest/1").support())
        .isEqualTo(Inspection.Support.NATIVE);
  }

  @Test
  void anInvalidAliasIsRefusedBeforeAnythingIsRegistered() throws IOException {
    Trained trained = trained().get(0);
    writeFeatures(trained.fixture());
    for (String alias : List.of("latest", "v3", "a b", "")) {
      assertThat(
              catchThrowableOfType(
                  ScorebatchException.class,
                  () -> log(trained, LOOKUPS).alias(alias).register("churn")))
          .hasMessageContaining("'" + alias + "' cannot be an alias");
    }
    assertThat(folder.resolve("registry")).doesNotExist();
  }
}
