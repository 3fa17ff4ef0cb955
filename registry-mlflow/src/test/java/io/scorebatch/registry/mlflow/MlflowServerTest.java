package io.scorebatch.registry.mlflow;

import static io.scorebatch.registry.mlflow.LocalStoreTest.assertFailure;
import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.remote.Credentials;
import io.scorebatch.remote.HttpService;
import io.scorebatch.remote.HttpSettings;
import io.scorebatch.testing.PythonEnvironment;
import io.scorebatch.testing.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real MLflow server, started by the test. */
class MlflowServerTest {
  @TempDir static Path folder;
  private static ServerProcess server;

  @BeforeAll
  static void start() {
    PythonEnvironment python = MlflowStores.environment(MlflowServerTest.class);
    server = MlflowStores.start(python, folder.resolve("server"), Map.of());
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  private static ModelRegistry open() {
    return MlflowRegistries.open(server.address() + "/", Stores.settings(folder));
  }

  private static String content(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void bringsAVersionsFilesToTheCache() throws IOException {
    try (ModelRegistry registry = open()) {
      assertThat(registry.description()).isEqualTo("MLflow server " + server.address());
      ResolvedModel model = registry.resolve("models:/main.ml.churn/2");
      assertThat(model.name()).isEqualTo("main.ml.churn");
      assertThat(model.version()).hasValue(2);
      assertThat(model.runId()).matches("[0-9a-f]{32}");
      assertThat(model.modelId()).matches("m-[0-9a-f]{32}");
      assertThat(model.folder()).startsWith(folder.toRealPath().resolve("cache/models"));
      assertThat(content(model.folder().resolve("MLmodel"))).contains(model.modelId());
      assertThat(model.folder()).isDirectoryContaining("glob:**/model.pkl");
      Path kept =
          folder.resolve("server/mlartifacts/1/models/" + model.modelId() + "/artifacts/model.pkl");
      assertThat(model.folder().resolve("model.pkl")).hasSameBinaryContentAs(kept);
      assertThat(model.source())
          .isEqualTo(
              "mlflow-artifacts:/1/models/"
                  + model.modelId()
                  + "/artifacts by MLflow server "
                  + server.address());
    }
  }

  @Test
  void findsVersionsByAliasStageAndHighestNumber() {
    try (ModelRegistry registry = open()) {
      assertThat(registry.resolve("models:/main.ml.churn@champion").version()).hasValue(2);
      assertThat(registry.resolve("models:/main.ml.churn@challenger").version()).hasValue(10);
      assertThat(registry.resolve("models:/main.ml.churn/latest").version()).hasValue(11);
      assertThat(registry.resolve("models:/main.ml.churn/Production").version()).hasValue(3);
      assertThat(registry.resolve("models:/two%20words/1").name()).isEqualTo("two words");
    }
  }

  @Test
  void findsModelsByIdByRunAndInARunsFolders() {
    try (ModelRegistry registry = open()) {
      ResolvedModel registered = registry.resolve("models:/main.ml.churn/1");
      ResolvedModel byId = registry.resolve("models:/" + registered.modelId());
      assertThat(byId.folder()).isEqualTo(registered.folder());
      assertThat(byId.name()).isEqualTo("model");
      ResolvedModel byRun = registry.resolve("runs:/" + registered.runId() + "/model");
      assertThat(byRun.folder()).isEqualTo(registered.folder());
      ResolvedModel copied = registry.resolve("models:/copied/1");
      ResolvedModel inRun = registry.resolve("runs:/" + copied.runId() + "/exported/nightly/.");
      assertThat(inRun.folder()).isEqualTo(copied.folder());
      // One level too high.
      assertThat(
              registry.resolve("runs:/" + copied.runId() + "/exported").folder().resolve("MLmodel"))
          .hasSameTextualContentAs(copied.folder().resolve("MLmodel"));
    }
  }

  @Test
  void readsThroughTheServerWhatItKeepsWhereThisMachineDoesNotReach() {
    RegistrySettings settings = Stores.settings(folder);
    HttpSettings http = HttpSettings.of(settings.variables(), ErrorCode.REGISTRY_UNREADABLE);
    HttpService service =
        new HttpService("server", server.address(), () -> Credentials.NONE, "", Map.of(), http);
    RestStore store = new RestStore(service);
    ServedArtifacts served =
        new ServedArtifacts(
            service,
            store,
            new DownloadCache(folder.resolve("cache"), 1 << 20, 1 << 20, http.patience()));
    List<String> tried = new ArrayList<>();
    try (ModelRegistry registry = open()) {
      Pinned logged = ModelUri.parse("models:/main.ml.churn/2").pin(store);
      assertThat(served.find(ArtifactLocation.of("s3://bucket/away"), logged, tried))
          .hasValueSatisfying(
              place ->
                  assertThat(place.folder())
                      .isEqualTo(registry.resolve("models:/main.ml.churn/2").folder()));
      String run = String.valueOf(registry.resolve("models:/copied/1").runId());
      RemoteFolder ofRun = ServedFolder.ofRun(service, run, "exported");
      assertThat(RemoteModel.at(ofRun, tried)).isPresent();
      assertThat(
              new DownloadCache(folder.resolve("other"), 1 << 20, 1 << 20, http.patience())
                  .fetch(RemoteModel.at(ofRun, tried).orElseThrow()))
          .isDirectoryContaining("glob:**/MLmodel");
    }
    assertThat(tried).isEmpty();
  }

  @Test
  void tellsWhatThereIsWhereSomethingIsMissing() {
    try (ModelRegistry registry = open()) {
      assertFailure(
          () -> registry.resolve("models:/main.ml.churm/1"),
          ErrorCode.MODEL_NOT_FOUND,
          "Model 'main.ml.churm' is not in the MLflow server " + server.address() + ".",
          "5 models are registered there: copied, empty, main.ml.chum, main.ml.churn, two words.",
          "Fix: did you mean 'main.ml.chum' or 'main.ml.churn'?");
      assertFailure(
          () -> registry.resolve("models:/main.ml.churn/5"),
          ErrorCode.MODEL_VERSION_NOT_FOUND,
          "It has versions 11, 10, 9, 8, 7, 6, 4, 3, 2, 1; deleted versions do not count.");
      assertFailure(
          () -> registry.resolve("models:/main.ml.churn@champoin"),
          ErrorCode.MODEL_ALIAS_NOT_FOUND,
          "It has challenger (version 10), champion (version 2).",
          "Fix: did you mean 'champion'?");
      assertFailure(
          () -> registry.resolve("models:/main.ml.churn/Prodution"),
          ErrorCode.MODEL_VERSION_NOT_FOUND,
          "Fix: did you mean 'Production'?");
      assertFailure(
          () -> registry.resolve("models:/m-00000000000000000000000000000000"),
          ErrorCode.MODEL_NOT_FOUND,
          "No model has the id 'm-00000000000000000000000000000000'");
      assertFailure(
          () -> registry.resolve("runs:/00000000000000000000000000000000/model"),
          ErrorCode.MODEL_NOT_FOUND,
          "No run has the id '00000000000000000000000000000000'");
      String run = registry.resolve("models:/main.ml.churn/1").runId();
      assertFailure(
          () -> registry.resolve("runs:/" + run + "/notes"),
          ErrorCode.MODEL_ARTIFACT_MISSING,
          "No MLmodel file was found for 'runs:/" + run + "/notes'",
          "(holds readme.txt)");
    }
  }

  @Test
  void saysThatAnAddressIsNotThatOfAServer() {
    try (ModelRegistry registry =
        MlflowRegistries.open(server.address() + "/models", Stores.settings(folder))) {
      assertFailure(
          () -> registry.resolve("models:/main.ml.churn/1"),
          ErrorCode.REGISTRY_UNREADABLE,
          "SB-0205 The MLflow server " + server.address() + "/models cannot be read.",
          "It refused GET /api/2.0/mlflow/model-versions/get with 404.",
          "Fix: check that the address is that of such a server");
    }
  }
}
