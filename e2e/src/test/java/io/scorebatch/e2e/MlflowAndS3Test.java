package io.scorebatch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.registry.ModelPublisher;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.registry.ModelUpload;
import io.scorebatch.registry.mlflow.MlflowPublishers;
import io.scorebatch.registry.mlflow.MlflowRegistries;
import io.scorebatch.registry.mlflow.RegistrySettings;
import io.scorebatch.remote.Environment;
import io.scorebatch.remote.ObjectStore;
import io.scorebatch.remote.Patience;
import io.scorebatch.remote.S3Access;
import io.scorebatch.remote.S3Location;
import io.scorebatch.testing.FakeServer;
import io.scorebatch.testing.Fixtures;
import io.scorebatch.testing.PythonEnvironment;
import io.scorebatch.testing.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged program where nothing is on its machine: models in a running MLflow server that
 * keeps files on S3, tables on S3.
 */
class MlflowAndS3Test {
  private static final Demo DEMO = Demo.once();
  private static final String TABLES = "s3://lake/warehouse";

  private static final String PIPELINE =
      """
      version: 1
      catalog: main
      schema: ml
      tables: s3://lake/warehouse
      models:
        - model_name: cost_anomaly_detector
          model_uri: models:/main.ml.cost_anomaly_detector@champion
          feature_table: cost_features
          id_columns: [workspace_id, usage_date]
          output_table: cost_anomaly_predictions
          model_type: anomaly_detection
        - model_name: budget_forecaster
          source: {sql: "SELECT workspace_id, usage_date FROM main.ml.cost_features"}
          id_columns: [workspace_id, usage_date]
          output_table: budget_forecast_predictions
          model_type: regression
          prediction_alias: predicted_cost
      """;

  @TempDir private static Path folder;
  private static ServerProcess s3;
  private static ServerProcess mlflow;
  private static Map<String, String> variables = Map.of();

  @BeforeAll
  static void start() throws IOException {
    PythonEnvironment python =
        PythonEnvironment.require(
            Fixtures.root().resolve("e2e/src/test/python/requirements-mlflow.txt"),
            MlflowAndS3Test.class);
    s3 = ServerProcess.s3(python, folder.resolve("s3"), "lake", "models");
    Map<String, String> access =
        Map.of(
            "AWS_ENDPOINT_URL", s3.address(),
            "AWS_ACCESS_KEY_ID", "key",
            "AWS_SECRET_ACCESS_KEY", "s3cret",
            "AWS_REGION", "eu-west-1");
    Map<String, String> ofServer = new HashMap<>(access);
    ofServer.put("MLFLOW_S3_ENDPOINT_URL", s3.address());
    mlflow =
        ServerProcess.mlflow(
            python,
            folder.resolve("mlflow"),
            ofServer,
            "--default-artifact-root",
            "s3://models/kept",
            "--no-serve-artifacts");
    variables = new HashMap<>(access);
    variables.put("MLFLOW_TRACKING_URI", mlflow.address());
    variables.put("SCOREBATCH_CACHE", folder.resolve("cache").toString());
    register("main.ml.cost_anomaly_detector@champion", Optional.of("champion"));
    register("main.ml.budget_forecaster/latest", Optional.empty());
    upload("main/ml/cost_features", access);
  }

  @AfterAll
  static void stop() {
    for (ServerProcess process : Stream.of(mlflow, s3).filter(p -> p != null).toList()) {
      process.close();
    }
  }

  /** Registers a model of the demo with the server; its files go to S3. */
  private static void register(String model, Optional<String> alias) {
    RegistrySettings settings =
        RegistrySettings.of(DEMO.folder(), folder.resolve("cache")).withEnvironment(variables);
    try (ModelRegistry from = MlflowRegistries.open("sqlite:///mlflow.db", settings);
        ModelPublisher to = MlflowPublishers.open(mlflow.address(), settings)) {
      String name = model.replaceAll("[@/].*", "");
      Path files = from.resolve("models:/" + model).folder();
      assertThat(
              to.publish(new ModelUpload(name, files, alias, Optional.empty(), Map.of()))
                  .location())
          .startsWith("s3://models/kept/");
    }
  }

  private static void upload(String table, Map<String, String> access) throws IOException {
    Environment environment = new Environment(folder, access);
    Path root = DEMO.folder().resolve("warehouse");
    try (ObjectStore store =
            ObjectStore.open(
                S3Access.of(environment),
                Patience.of(environment),
                ErrorCode.TABLE_UNREADABLE,
                ErrorCode.TABLE_NOT_WRITABLE);
        Stream<Path> files = Files.walk(root.resolve(table))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        store.put(S3Location.of(TABLES + "/" + root.relativize(file)), file);
      }
    }
  }

  private static PackagedProgram.Result scorebatch(String... arguments) {
    return PackagedProgram.run(folder, variables, arguments);
  }

  private static String rows(String tables, String query) {
    PackagedProgram.Result rows =
        scorebatch("sql", "--tables", tables, "--format", "csv", query + " ORDER BY ALL");
    assertThat(rows.err()).isEmpty();
    return rows.out();
  }

  @Test
  void aNightGivesTheRowsItGivesWhereAllIsOnOneDisk() throws IOException {
    Files.writeString(folder.resolve("pipeline.yaml"), PIPELINE);
    for (int night = 0; night < 2; night++) {
      PackagedProgram.Result run = scorebatch("run");
      assertThat(run.err()).isEmpty();
      assertThat(run.out()).contains("2 of 2 models committed, 5,480 predictions");
      assertThat(run.exitCode()).isZero();
      // Each night is one new version, with the old one still there.
      assertThat(version("cost_anomaly_predictions", night)).contains("\"add\":");
    }
    String here = DEMO.folder().resolve("warehouse").toString();
    for (String table : List.of("cost_anomaly_predictions", "budget_forecast_predictions")) {
      String query = "SELECT * EXCLUDE (scored_at, model_version) FROM main.ml." + table;
      assertThat(rows(TABLES, query)).hasLineCount(2_741).isEqualTo(rows(here, query));
    }
    assertThat(results().get("provenance").get("registry").asText())
        .isEqualTo("MLflow server " + mlflow.address() + " (MLFLOW_TRACKING_URI)");
    assertThat(results().get("provenance").get("tables").asText()).contains(TABLES);
  }

  private static String version(String table, int version) throws IOException {
    Environment environment = new Environment(folder, variables);
    try (ObjectStore store =
        ObjectStore.open(
            S3Access.of(environment),
            Patience.of(environment),
            ErrorCode.TABLE_UNREADABLE,
            ErrorCode.TABLE_NOT_WRITABLE)) {
      S3Location log = S3Location.of(TABLES + "/main/ml/" + table + "/_delta_log");
      return new String(
          store.open(log.child("%020d.json".formatted(version)), 0, null).stream().readAllBytes(),
          java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  private static JsonNode results() throws IOException {
    try (Stream<Path> runs = Files.list(folder.resolve(".scorebatch/runs"))) {
      Path newest = runs.sorted().reduce((first, second) -> second).orElseThrow();
      return new ObjectMapper().readTree(newest.resolve("run_results.json").toFile());
    }
  }

  @Test
  void everyCommandTakesThePlacesFromTheEnvironment() throws IOException {
    Map<String, String> all = new HashMap<>(variables);
    all.put("SCOREBATCH_TABLES", TABLES);
    assertThat(
            PackagedProgram.run(folder, all, "inspect", "models:/main.ml.budget_forecaster/1")
                .out())
        .contains("main.ml.cost_features");
    String keys = "SELECT workspace_id, usage_date FROM main.ml.cost_features";
    PackagedProgram.Result score =
        PackagedProgram.run(
            folder,
            all,
            "score",
            "models:/main.ml.budget_forecaster/1",
            "--keys",
            keys,
            "--to",
            "main.scratch.forecast");
    assertThat(score.err()).isEmpty();
    PackagedProgram.Result joined =
        PackagedProgram.run(
            folder,
            all,
            "training-set",
            "--labels",
            keys + " LIMIT 5",
            "--lookup",
            "main.ml.cost_features:workspace_id,usage_date:daily_cost",
            "--to",
            "main.scratch.training");
    assertThat(joined.err()).isEmpty();
    assertThat(
            rows(
                TABLES,
                "SELECT (SELECT count(prediction) FROM main.scratch.forecast) AS f, (SELECT"
                    + " count(daily_cost) FROM main.scratch.training) AS t"))
        .isEqualTo("f,t\r\n2740,5\r\n");
  }

  @Test
  void aModelAndItsTablesMayBeInAUnityCatalog() throws IOException {
    String api = "/api/2.1/unity-catalog/";
    Path made = folder.resolve("made");
    RegistrySettings settings = RegistrySettings.of(DEMO.folder(), folder.resolve("cache"));
    try (FakeServer catalog = new FakeServer();
        ModelRegistry demo = MlflowRegistries.open("sqlite:///mlflow.db", settings)) {
      Path files = demo.resolve("models:/data_drift_detector/latest").folder();
      catalog
          .json(
              api + "models/main.ml.data_drift_detector/versions/1",
              "{\"model_name\": \"data_drift_detector\", \"version\": 1, \"status\": \"READY\","
                  + " \"storage_location\": \""
                  + files.toUri()
                  + "\"}")
          .json(
              api + "tables/main.ml.quality_features",
              table("quality_features", DEMO.folder().resolve("warehouse/main/ml")))
          .json(api + "schemas/main.ml", "{\"name\": \"ml\"}")
          .on(
              api + "tables",
              exchange -> {
                catalog.json(api + "tables/main.ml.drift", table("drift", made.resolve("main/ml")));
                exchange.json(200, "{}");
              });
      Files.writeString(
          folder.resolve("uc.yaml"),
          """
          version: 1
          catalog: main
          schema: ml
          tables: uc:ADDRESS
          registry: uc:ADDRESS
          models:
            - model_name: data_drift_detector
              model_uri: models:/main.ml.data_drift_detector/1
              feature_table: quality_features
              id_columns: [catalog_name, snapshot_date]
              output_table: drift
              model_type: anomaly_detection
          """
              .replace("ADDRESS", catalog.address()));
      PackagedProgram.Result run =
          PackagedProgram.run(
              folder,
              Map.of("SCOREBATCH_UC_TABLE_ROOT", made.toUri().toString()),
              "run",
              "-f",
              "uc.yaml");
      assertThat(run.err()).isEmpty();
      assertThat(run.out()).contains("1 of 1 models committed, 100 predictions");
      assertThat(catalog.requests())
          .filteredOn(request -> request.toString().equals("POST " + api + "tables"))
          .singleElement()
          .extracting(request -> request.body())
          .asString()
          .contains("\"table_type\":\"EXTERNAL\"", "made/main/ml/drift", "is_anomaly");
      String query = "SELECT * EXCLUDE (scored_at) FROM main.ml.";
      assertThat(rows("uc:" + catalog.address(), query + "drift"))
          .hasLineCount(101)
          .isEqualTo(
              rows(
                  DEMO.folder().resolve("warehouse").toString(), query + "data_drift_predictions"));
    }
  }

  private static String table(String name, Path schema) {
    return "{\"catalog_name\": \"main\", \"schema_name\": \"ml\", \"name\": \""
        + name
        + "\", \"table_id\": \"1\", \"table_type\": \"EXTERNAL\", \"data_source_format\":"
        + " \"DELTA\", \"storage_location\": \""
        + schema.resolve(name).toUri()
        + "\"}";
  }

  @Test
  void placesThatCannotBeReachedSayWhatToDo() {
    PackagedProgram.Result azure =
        scorebatch("sql", "--tables", "abfss://c@account.dfs.core.windows.net/t", "SELECT 1");
    assertThat(azure.exitCode()).isEqualTo(2);
    assertThat(azure.err()).contains("Of object stores, those that speak S3 are reached");
    PackagedProgram.Result bucket =
        scorebatch("sql", "--tables", "s3://absent/t", "SELECT * FROM main.ml.x");
    assertThat(bucket.exitCode()).isEqualTo(1);
    assertThat(bucket.err()).contains("NoSuchBucket").doesNotContain("s3cret");
  }
}
