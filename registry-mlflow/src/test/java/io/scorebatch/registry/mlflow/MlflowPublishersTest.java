package io.scorebatch.registry.mlflow;

import static io.scorebatch.registry.mlflow.LocalStoreTest.assertFailure;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.registry.ModelPublisher;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.registry.ModelUpload;
import io.scorebatch.api.registry.PublishedModel;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.testing.FakeServer;
import io.scorebatch.testing.Fixtures;
import io.scorebatch.testing.PythonEnvironment;
import io.scorebatch.testing.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Versions that we register, seen by real MLflow and by our own registry. */
class MlflowPublishersTest {
  private static final Path MODEL = Fixtures.fixture("mlflow-3.17.2/sklearn-forest-skops/model");
  private static final String NAME = "main.ml.scored";

  @TempDir Path folder;

  private static ModelUpload upload(String name, String alias) {
    return new ModelUpload(
        name, MODEL, Optional.of(alias), Optional.of("A test's."), Map.of("made by", "us"));
  }

  private PublishedModel publish(String uri, ModelUpload model) {
    try (ModelPublisher publisher = MlflowPublishers.open(uri, Stores.settings(folder))) {
      return publisher.publish(model);
    }
  }

  private ResolvedModel resolve(String uri, String model) {
    try (ModelRegistry registry = MlflowRegistries.open(uri, Stores.settings(folder))) {
      return registry.resolve(model);
    }
  }

  private static List<String> files(Path in) throws IOException {
    try (Stream<Path> all = Files.walk(in)) {
      return all.filter(Files::isRegularFile)
          .map(file -> in.relativize(file).toString().replace('\\', '/'))
          .sorted()
          .toList();
    }
  }

  private static void assertSame(Path copy) throws IOException {
    assertThat(files(copy)).isEqualTo(files(MODEL));
    for (String file : files(MODEL)) {
      assertThat(copy.resolve(file)).hasSameBinaryContentAs(MODEL.resolve(file));
    }
  }

  private static JsonNode mlflow(PythonEnvironment python, String... arguments) throws IOException {
    String said = python.run(MlflowStores.python("read_version.py"), arguments);
    return new ObjectMapper().readTree(said.substring(said.indexOf("ANSWER ") + 7));
  }

  private static void assertSeen(JsonNode seen, int version) throws IOException {
    assertThat(seen.get("version").asInt()).isEqualTo(version);
    assertThat(seen.get("status").asText()).isEqualTo("READY");
    assertThat(seen.get("stage").asText()).isEqualTo("None");
    assertThat(seen.get("description").asText()).isEqualTo("A test's.");
    assertThat(seen.get("tags").toString()).isEqualTo("{\"made by\":\"us\"}");
    assertThat(seen.get("versions"))
        .extracting(JsonNode::asInt)
        .isEqualTo(IntStream.rangeClosed(1, version).boxed().toList());
    assertThat(seen.get("aliases").get("champion").asInt()).isEqualTo(version);
    assertThat(seen.get("files")).extracting(JsonNode::asText).isEqualTo(files(MODEL));
    assertThat(seen.get("flavors").toString()).isEqualTo("[\"python_function\",\"sklearn\"]");
  }

  @ParameterizedTest
  @CsvSource({"sqlite:///FOLDER/mlflow.db", "file://FOLDER/mlruns"})
  void aFreshStoreOfMlflowsShowsOurVersionsToMlflow(String form) throws IOException {
    PythonEnvironment python = MlflowStores.environment(MlflowPublishersTest.class);
    String uri = form.replace("FOLDER", folder.toString());
    python.run(MlflowStores.python("read_version.py"), uri);
    publish(uri, upload(NAME, "challenger"));
    PublishedModel second = publish(uri, upload(NAME, "champion"));
    assertThat(second.uri()).isEqualTo("models:/main.ml.scored/2");
    ResolvedModel ours = resolve(uri, "models:/main.ml.scored@champion");
    assertThat(ours.version()).hasValue(2);
    assertSame(ours.folder());
    assertSeen(mlflow(python, uri, NAME, "champion"), 2);
    assertThat(mlflow(python, uri, NAME, "challenger").get("version").asInt()).isEqualTo(1);
  }

  @Test
  void aServerTakesFilesByItsProxyAndShowsThemToMlflow() throws IOException {
    PythonEnvironment python = MlflowStores.environment(MlflowPublishersTest.class);
    try (ServerProcess server = ServerProcess.mlflow(python, folder.resolve("server"), Map.of())) {
      publish(server.address(), upload(NAME, "champion"));
      PublishedModel second = publish(server.address(), upload(NAME, "champion"));
      JsonNode seen = mlflow(python, server.address(), NAME, "champion");
      assertSeen(seen, 2);
      assertThat(second.runId()).isEqualTo(seen.get("run").asText());
      assertSame(resolve(server.address(), "models:/main.ml.scored/2").folder());
      assertSame(resolve(server.address(), "runs:/" + second.runId() + "/model").folder());
      assertFailure(
          () ->
              publish(
                  server.address(),
                  new ModelUpload("bad/name", MODEL, Optional.empty(), Optional.empty(), Map.of())),
          ErrorCode.MODEL_URI_INVALID,
          "'bad/name' cannot be the name of a registered model.");
    }
  }

  @Test
  void aServerWhoseFilesAreOnS3GetsThemThere() throws IOException {
    PythonEnvironment python = MlflowStores.environment(MlflowPublishersTest.class);
    try (ServerProcess moto = ServerProcess.s3(python, folder.resolve("moto"), "models")) {
      Map<String, String> variables =
          Map.of(
              "MLFLOW_S3_ENDPOINT_URL", moto.address(),
              "AWS_ACCESS_KEY_ID", "key",
              "AWS_SECRET_ACCESS_KEY", "secret",
              "AWS_DEFAULT_REGION", "eu-west-1");
      RegistrySettings settings = Stores.settings(folder).withEnvironment(variables);
      try (ServerProcess server =
              ServerProcess.mlflow(
                  python,
                  folder.resolve("server"),
                  variables,
                  "--default-artifact-root",
                  "s3://models/kept",
                  "--no-serve-artifacts");
          ModelPublisher publisher = MlflowPublishers.open(server.address(), settings);
          ModelRegistry registry = MlflowRegistries.open(server.address(), settings)) {
        PublishedModel published = publisher.publish(upload(NAME, "champion"));
        assertThat(published.location())
            .isEqualTo("s3://models/kept/0/" + published.runId() + "/artifacts/model");
        assertSame(registry.resolve("models:/main.ml.scored@champion").folder());
      }
    }
  }

  @Test
  void aServerWhoseFilesAreOnThisDiskGetsThemThere() throws IOException {
    PythonEnvironment python = MlflowStores.environment(MlflowPublishersTest.class);
    Path disk = Files.createDirectories(folder.resolve("disk"));
    try (ServerProcess server =
        ServerProcess.mlflow(
            python,
            folder.resolve("server"),
            Map.of(),
            "--default-artifact-root",
            disk.toString(),
            "--no-serve-artifacts")) {
      PublishedModel published = publish(server.address(), upload(NAME, "champion"));
      assertSame(disk.resolve("0/" + published.runId() + "/artifacts/model"));
      assertSame(resolve(server.address(), "models:/main.ml.scored@champion").folder());
    }
  }

  static List<String> stores() {
    return Stores.names();
  }

  @ParameterizedTest
  @MethodSource("stores")
  void aStoreOfEachMlflowGetsTheNextVersionAndItsAliasMoves(String store) throws IOException {
    String uri = Stores.copy(store, folder.resolve("store")).toString();
    PublishedModel published = publish(uri, upload("main.ml.churn", "champion"));
    assertThat(published.version()).isEqualTo(12);
    ResolvedModel found = resolve(uri, "models:/main.ml.churn@champion");
    assertThat(found.version()).hasValue(12);
    assertThat(resolve(uri, "models:/main.ml.churn/latest").version()).hasValue(12);
    assertSame(found.folder());
    assertThat(found.folder().toRealPath().startsWith(folder.toRealPath())).isTrue();
    if (store.equals("sqlite-3.17.2")) {
      assertSame(resolve(uri, "models:/" + found.modelId()).folder());
    }
  }

  @Test
  void aFolderThatIsNotThereBecomesAFileStore() throws IOException {
    String uri = folder.resolve("new/mlruns").toString();
    assertThat(publish(uri, upload("churn", "champion")).version()).isEqualTo(1);
    assertSame(resolve(uri, "models:/churn@champion").folder());
  }

  @Test
  void aSchemaThatIsNotKnownIsRefusedAndNothingIsWritten() throws IOException, SQLException {
    Path store = Stores.copy("sqlite-3.17.2", folder.resolve("store"));
    List<String> before = files(store);
    try (Connection database =
            DriverManager.getConnection("jdbc:sqlite:" + store.resolve("mlflow.db"));
        Statement statement = database.createStatement()) {
      statement.executeUpdate("UPDATE alembic_version SET version_num = 'ffffffffffff'");
    }
    assertFailure(
        () -> publish(store.toString(), upload("main.ml.churn", "champion")),
        ErrorCode.REGISTRY_NOT_WRITABLE,
        "Its schema is revision 'ffffffffffff'; known are those of MLflow 2.4 to 3.17",
        "register through an MLflow server on that database");
    assertThat(files(store)).isEqualTo(before);
  }

  @Test
  void aFailedTransactionLeavesNoFiles() throws IOException, SQLException {
    Path store = Stores.copy("sqlite-3.17.2", folder.resolve("store"));
    List<String> before = files(store);
    try (Connection database =
            DriverManager.getConnection("jdbc:sqlite:" + store.resolve("mlflow.db"));
        Statement statement = database.createStatement()) {
      statement.executeUpdate(
          "CREATE TRIGGER full BEFORE INSERT ON registered_model_aliases BEGIN"
              + " SELECT RAISE(ABORT, 'no more aliases'); END");
    }
    assertFailure(
        () -> publish(store.toString(), upload("main.ml.churn", "champion")),
        ErrorCode.REGISTRY_NOT_WRITABLE,
        "no more aliases");
    assertThat(files(store)).isEqualTo(before);
    assertThat(resolve(store.toString(), "models:/main.ml.churn/latest").version()).hasValue(11);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sqlite-3.17.2", "file-3.17.2"})
  void versionsRegisteredAtOnceGetNumbersOfTheirOwn(String kind) throws Exception {
    String uri = Stores.copy(kind, folder.resolve("store")).toString();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Integer>> calls = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        calls.add(() -> publish(uri, upload("crowd", "champion")).version());
      }
      List<Integer> versions = new ArrayList<>();
      for (Future<Integer> each : threads.invokeAll(calls)) {
        versions.add(each.get());
      }
      assertThat(versions).containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6, 7, 8);
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void namesAndAliasesThatCannotBeAreRefused() {
    String uri = folder.resolve("mlruns").toString();
    for (String name : List.of("", " churn", "a/b", "a:b", "..", "../up", "a\\b")) {
      assertFailure(
          () -> publish(uri, upload(name, "champion")),
          ErrorCode.MODEL_URI_INVALID,
          "'" + name + "' cannot be the name of a registered model.");
    }
    for (String alias : List.of("latest", "Latest", "v1", "a/b", "..")) {
      assertFailure(
          () -> publish(uri, upload("churn", alias)),
          ErrorCode.MODEL_URI_INVALID,
          "'" + alias + "' cannot be an alias.");
    }
    assertThat(folder.resolve("mlruns")).doesNotExist();
  }

  @Test
  void placesThatTakeNoModelsSayWhatToDo() throws IOException {
    assertFailure(
        () -> publish("databricks-uc", upload("a.b.c", "champion")),
        ErrorCode.REGISTRY_NOT_WRITABLE,
        "which only the platform's own client can tell.");
    assertFailure(
        () -> publish("sqlite:///absent.db", upload("churn", "champion")),
        ErrorCode.REGISTRY_NOT_WRITABLE,
        "There is no such file",
        "mlflow db upgrade sqlite:///absent.db");
    Files.writeString(folder.resolve("notes.txt"), "no store");
    assertFailure(
        () -> publish(folder.toString(), upload("churn", "champion")),
        ErrorCode.USAGE,
        "holds notes.txt, which is no MLflow store.");
  }

  @Test
  void anOpenSourceUnityCatalogGetsAVersionItsFilesAndTheWordThatItIsComplete() throws IOException {
    String api = "/api/2.1/unity-catalog/models";
    Path storage = folder.resolve("storage/7");
    try (FakeServer server = new FakeServer()) {
      server
          .json(api, "{\"name\": \"scored\"}")
          .json(
              api + "/versions",
              "{\"version\": 7, \"status\": \"PENDING_REGISTRATION\", \"storage_location\": \""
                  + storage.toUri()
                  + "\"}")
          .json(api + "/main.ml.scored/versions/7/finalize", "{\"status\": \"READY\"}");
      String uri = "uc:" + server.address();
      PublishedModel published =
          publish(uri, new ModelUpload(NAME, MODEL, Optional.empty(), Optional.of("x"), Map.of()));
      assertThat(published.version()).isEqualTo(7);
      assertSame(storage);
      assertThat(server.requests().stream().map(r -> r.toString() + " " + r.body()))
          .containsExactly(
              "GET " + api + "/main.ml.scored ",
              "POST "
                  + api
                  + " {\"name\":\"scored\",\"catalog_name\":\"main\",\"schema_name\":\"ml\"}",
              "POST "
                  + api
                  + "/versions {\"model_name\":\"scored\",\"catalog_name\":\"main\","
                  + "\"schema_name\":\"ml\",\"source\":\""
                  + MODEL.toUri()
                  + "\",\"comment\":\"x\"}",
              "PATCH "
                  + api
                  + "/main.ml.scored/versions/7/finalize"
                  + " {\"full_name\":\"main.ml.scored\",\"version\":7}");
      UploadRules.remove(storage);
      assertFailure(
          () -> publish(uri, upload(NAME, "champion")),
          ErrorCode.REGISTRY_NOT_WRITABLE,
          "Version 7 of 'main.ml.scored' is registered, but the alias 'champion'",
          "The server keeps no aliases.");
    }
  }

  @Test
  void filesGoToS3WithTheTemporaryCredentialsOfTheUnityCatalog() throws IOException {
    String api = "/api/2.1/unity-catalog/";
    try (FakeServer server = new FakeServer();
        FakeServer s3 = new FakeServer()) {
      server
          .json(api + "models/main.ml.scored", "{\"name\": \"scored\"}")
          .json(
              api + "models/versions",
              "{\"version\": 3, \"storage_location\": \"s3://bucket/m/3\"}")
          .json(
              api + "temporary-model-version-credentials",
              "{\"aws_temp_credentials\": {\"access_key_id\": \"AKTEMP\", \"secret_access_key\":"
                  + " \"s3cret\", \"session_token\": \"t0ken\"}}")
          .json(api + "models/main.ml.scored/versions/3/finalize", "{\"status\": \"READY\"}");
      for (String file : files(MODEL)) {
        s3.on("/bucket/m/3/" + file, exchange -> exchange.bytes(200, new byte[0]));
      }
      RegistrySettings settings =
          Stores.settings(folder)
              .withEnvironment(Map.of("AWS_ENDPOINT_URL", s3.address(), "AWS_REGION", "eu-west-1"));
      try (ModelPublisher publisher = MlflowPublishers.open("uc:" + server.address(), settings)) {
        PublishedModel published =
            publisher.publish(
                new ModelUpload(NAME, MODEL, Optional.empty(), Optional.empty(), Map.of()));
        assertThat(published.location()).isEqualTo("s3://bucket/m/3");
        assertThat(server.targets())
            .containsExactly(
                "GET " + api + "models/main.ml.scored",
                "POST " + api + "models/versions",
                "POST " + api + "temporary-model-version-credentials",
                "PATCH " + api + "models/main.ml.scored/versions/3/finalize");
        assertThat(server.requests().get(2).body())
            .isEqualTo(
                "{\"catalog_name\":\"main\",\"schema_name\":\"ml\",\"model_name\":\"scored\","
                    + "\"version\":3,\"operation\":\"READ_WRITE_MODEL_VERSION\"}");
        assertThat(s3.targets())
            .containsExactlyElementsOf(
                files(MODEL).stream().map(file -> "PUT /bucket/m/3/" + file).toList());
        assertThat(s3.requests())
            .allSatisfy(request -> assertThat(request.authorization()).contains("AKTEMP"));
        s3.on("/bucket/m/3/MLmodel", exchange -> exchange.bytes(403, new byte[0]));
        assertFailure(
            () ->
                publisher.publish(
                    new ModelUpload(NAME, MODEL, Optional.empty(), Optional.empty(), Map.of())),
            ErrorCode.REGISTRY_NOT_WRITABLE,
            "Version 3 of 'main.ml.scored' was made and waits for its files",
            "refused the temporary credentials of the Unity Catalog",
            "nobody is given the version that waits.");
      }
    }
  }

  @Test
  void aUnityCatalogWhoseStorageIsElsewhereIsRefused() throws IOException {
    String api = "/api/2.1/unity-catalog/models";
    try (FakeServer server = new FakeServer()) {
      server
          .json(api, "{\"name\": \"scored\"}")
          .json(api + "/versions", "{\"version\": 1, \"storage_location\": \"gs://bucket/m/1\"}");
      assertFailure(
          () -> publish("uc:" + server.address(), upload(NAME, "champion")),
          ErrorCode.REGISTRY_NOT_WRITABLE,
          "It keeps its files at 'gs://bucket/m/1', where this machine cannot write them.");
    }
  }
}
