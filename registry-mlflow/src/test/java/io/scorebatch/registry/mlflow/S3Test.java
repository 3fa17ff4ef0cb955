package io.scorebatch.registry.mlflow;

import static io.scorebatch.registry.mlflow.LocalStoreTest.assertFailure;
import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.testing.PythonEnvironment;
import io.scorebatch.testing.ServerProcess;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real MLflow server whose artifacts lie on an S3 store, moto's, started by the test. */
class S3Test {
  @TempDir static Path folder;
  private static Map<String, String> variables = Map.of();
  private static ServerProcess moto;
  private static ServerProcess server;

  @BeforeAll
  static void start() {
    PythonEnvironment python = MlflowStores.environment(S3Test.class);
    moto = ServerProcess.s3(python, folder.resolve("moto"), "models");
    variables =
        Map.of(
            "MLFLOW_S3_ENDPOINT_URL", moto.address(),
            "AWS_ACCESS_KEY_ID", "key",
            "AWS_SECRET_ACCESS_KEY", "secret",
            "AWS_DEFAULT_REGION", "eu-west-1");
    server =
        MlflowStores.start(
            python,
            folder.resolve("server"),
            variables,
            "--default-artifact-root",
            "s3://models/kept",
            "--no-serve-artifacts");
  }

  @AfterAll
  static void stop() {
    for (ServerProcess process : List.of(server, moto)) {
      if (process != null) {
        process.close();
      }
    }
  }

  @Test
  void readsAVersionsFilesFromTheStore() {
    try (ModelRegistry registry =
        MlflowRegistries.open(
            server.address(), Stores.settings(folder).withEnvironment(variables))) {
      ResolvedModel model = registry.resolve("models:/main.ml.churn@champion");
      assertThat(model.version()).hasValue(2);
      assertThat(model.source())
          .isEqualTo("s3://models/kept/1/models/" + model.modelId() + "/artifacts");
      assertThat(model.folder()).isDirectoryContaining("glob:**/MLmodel");
      assertThat(model.folder()).isDirectoryContaining("glob:**/model.pkl");
      ResolvedModel inRun = registry.resolve("models:/copied/1");
      assertThat(inRun.source()).startsWith("s3://models/kept/1/");
      assertThat(registry.resolve(inRun.source()).folder()).isEqualTo(inRun.folder());
    }
  }

  @Test
  void readsTheSameThroughALocalStoresDatabase() {
    try (ModelRegistry registry =
        MlflowRegistries.open(
            "server/mlflow.db", Stores.settings(folder).withEnvironment(variables))) {
      assertThat(registry.resolve("models:/main.ml.churn/2").source()).startsWith("s3://models/");
    }
  }

  @Test
  void saysThatABucketIsMissing() {
    Map<String, String> other = new HashMap<>(variables);
    other.put("MLFLOW_S3_ENDPOINT_URL", moto.address());
    try (ModelRegistry registry =
        MlflowRegistries.open("server/mlflow.db", Stores.settings(folder).withEnvironment(other))) {
      assertFailure(
          () -> registry.resolve("s3://nowhere/model"),
          ErrorCode.REGISTRY_UNREADABLE,
          "The object store at s3://nowhere/model cannot be read. It answered 404 (NoSuchBucket).",
          "check the bucket's name");
      assertFailure(
          () -> registry.resolve("s3://models/kept/none"),
          ErrorCode.MODEL_ARTIFACT_MISSING,
          "Tried s3://models/kept/none (holds nothing).");
    }
  }
}
