package io.scorebatch.registry.mlflow;

import static io.scorebatch.registry.mlflow.LocalStoreTest.assertFailure;
import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.testing.FakeServer;
import io.scorebatch.testing.FakeServer.Exchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a fake of the public REST interface 2.1 of Unity Catalog. */
class UnityCatalogTest {
  private static final String API = "/api/2.1/unity-catalog/";
  private static final String MODEL = API + "models/main.ml.churn";

  @TempDir Path temporary;
  private Path folder;
  private final FakeServer server = new FakeServer();

  @BeforeEach
  void fill() throws IOException {
    folder = temporary.toRealPath();
    Path model = Files.createDirectories(folder.resolve("store/churn/2"));
    Files.writeString(model.resolve("MLmodel"), "flavors: {}\n");
    server
        .json(
            MODEL + "?include_aliases=true",
            """
            {"name": "churn", "catalog_name": "main", "schema_name": "ml", "full_name": "main.ml.churn",
             "comment": null,
             "aliases": [{"alias_name": "champion", "version_num": 2}, {"alias_name": "old", "version_num": 1}]}
            """)
        .json(MODEL + "/versions/2", version(2, "READY", model.toUri().toString()))
        .json(MODEL + "/versions/10", version(10, "PENDING_REGISTRATION", "file:///x"))
        .json(
            MODEL + "/versions",
            "{\"model_versions\": ["
                + version(10, "PENDING_REGISTRATION", "file:///x")
                + "], \"next_page_token\": \"more\"}")
        .json(
            MODEL + "/versions?page_token=more",
            "{\"model_versions\": ["
                + version(2, "READY", "file:///y")
                + "], \"next_page_token\": null}")
        .json(
            API + "models?catalog_name=main&schema_name=ml",
            """
            {"registered_models": [{"name": "churn"}, {"name": "chum"}], "next_page_token": null}
            """);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static String version(int number, String status, String location) {
    return """
        {"model_name": "churn", "catalog_name": "main", "schema_name": "ml", "version": %d,
         "source": "dbfs:/run/model", "run_id": "0123", "status": "%s", "storage_location": "%s",
         "comment": null}
        """
        .formatted(number, status, location);
  }

  private ModelRegistry open(String... variables) {
    Map<String, String> environment = new HashMap<>();
    for (int i = 0; i < variables.length; i += 2) {
      environment.put(variables[i], variables[i + 1]);
    }
    return MlflowRegistries.open(
        "uc:" + server.address() + "/", Stores.settings(folder).withEnvironment(environment));
  }

  @Test
  void findsAVersionOnThisMachinesDisk() {
    try (ModelRegistry registry = open("MLFLOW_UC_OSS_TOKEN", "secret")) {
      assertThat(registry.description()).isEqualTo("Unity Catalog " + server.address());
      ResolvedModel model = registry.resolve("models:/main.ml.churn/2");
      assertThat(model.name()).isEqualTo("main.ml.churn");
      assertThat(model.version()).hasValue(2);
      assertThat(model.runId()).isEqualTo("0123");
      assertThat(model.folder()).isEqualTo(folder.resolve("store/churn/2"));
    }
    assertThat(server.targets()).containsExactly("GET " + MODEL + "/versions/2");
    assertThat(server.requests().get(0).authorization()).isEqualTo("Bearer secret");
  }

  @Test
  void pinsAliases() {
    try (ModelRegistry registry = open()) {
      assertThat(registry.resolve("models:/main.ml.churn@champion").version()).hasValue(2);
    }
    assertThat(server.targets())
        .containsExactly("GET " + MODEL + "?include_aliases=true", "GET " + MODEL + "/versions/2");
    assertThat(server.requests().get(0).authorization()).isNull();
  }

  @Test
  void takesTheHighestOfAllPagesForLatest() {
    try (ModelRegistry registry = open()) {
      assertFailure(
          () -> registry.resolve("models:/main.ml.churn/latest"),
          ErrorCode.MODEL_ARTIFACT_MISSING,
          "Version 10 of model 'main.ml.churn'",
          "is PENDING_REGISTRATION, not READY.",
          "or ask for version 2.");
    }
  }

  @Test
  void tellsWhatThereIsInTheSchema() {
    try (ModelRegistry registry = open()) {
      assertFailure(
          () -> registry.resolve("models:/main.ml.churm/1"),
          ErrorCode.MODEL_NOT_FOUND,
          "Model 'main.ml.churm' is not in the Unity Catalog " + server.address() + ".",
          "2 models are registered in schema main.ml: main.ml.chum, main.ml.churn.",
          "did you mean 'main.ml.chum' or 'main.ml.churn'?");
      assertFailure(
          () -> registry.resolve("models:/main.dev.churn/1"),
          ErrorCode.MODEL_NOT_FOUND,
          "No model is registered in schema main.dev.");
      assertFailure(
          () -> registry.resolve("models:/main.ml.churn/3"),
          ErrorCode.MODEL_VERSION_NOT_FOUND,
          "It has versions 10, 2;");
      assertFailure(
          () -> registry.resolve("models:/main.ml.churn@champoin"),
          ErrorCode.MODEL_ALIAS_NOT_FOUND,
          "It has champion (version 2), old (version 1).");
    }
  }

  @Test
  void saysWhichUrisItCannotAnswer() {
    try (ModelRegistry registry = open()) {
      assertFailure(
          () -> registry.resolve("models:/churn/1"),
          ErrorCode.MODEL_URI_INVALID,
          "'churn' is no model's name in the Unity Catalog " + server.address() + ".",
          "Fix: write models:/catalog.schema.model/3.");
      assertFailure(
          () -> registry.resolve("runs:/0123/model"),
          ErrorCode.MODEL_URI_INVALID,
          "'runs:/0123/…' cannot be found in the Unity Catalog ",
          "It holds registered models only");
      assertFailure(
          () -> registry.resolve("models:/m-00000000000000000000000000000000"),
          ErrorCode.MODEL_URI_INVALID,
          "It holds registered models only");
    }
    assertFailure(
        () -> MlflowRegistries.open("uc:localhost", Stores.settings(folder)),
        ErrorCode.USAGE,
        "write uc:http://host:8080");
  }

  @Test
  void saysThatTheCredentialsHandedOutFitNoStoreItCanRead() throws IOException {
    server
        .json(
            MODEL + "/versions/2",
            version(2, "READY", "abfss://models@acme.dfs.core.windows.net/2"))
        .json(
            API + "temporary-model-version-credentials",
            """
            {"azure_user_delegation_sas": {"sas_token": "sig=secret"}, "expiration_time": 1}
            """);
    try (ModelRegistry registry = open()) {
      assertFailure(
          () -> registry.resolve("models:/main.ml.churn/2"),
          ErrorCode.MODEL_ARTIFACT_MISSING,
          "abfss://models@acme.dfs.core.windows.net/2 (the server hands out no credentials for it"
              + " that can be used here: azure_user_delegation_sas, expiration_time)");
    }
    assertThat(server.requests().get(1).body())
        .isEqualTo(
            "{\"catalog_name\":\"main\",\"schema_name\":\"ml\",\"model_name\":\"churn\","
                + "\"version\":2,\"operation\":\"READ_MODEL_VERSION\"}");
  }

  @Test
  void readsFromS3WithTheTemporaryCredentialsHandedOut() {
    try (FakeServer s3 = new FakeServer()) {
      server
          .json(MODEL + "/versions/2", version(2, "READY", "s3://models/churn/2"))
          .json(
              API + "temporary-model-version-credentials",
              """
              {"aws_temp_credentials": {"access_key_id": "AKTEMP", "secret_access_key": "s3cret",
               "session_token": "t0ken"}, "expiration_time": 1}
              """);
      s3.on("/models", UnityCatalogTest::listing)
          .on(
              "/models/churn/2/MLmodel",
              exchange -> exchange.bytes(200, "flavors: {}\n".getBytes(StandardCharsets.UTF_8)));
      try (ModelRegistry registry =
          open("MLFLOW_S3_ENDPOINT_URL", s3.address(), "AWS_REGION", "eu-west-1")) {
        ResolvedModel model = registry.resolve("models:/main.ml.churn/2");
        assertThat(model.folder().resolve("MLmodel")).hasContent("flavors: {}");
        assertThat(model.source())
            .isEqualTo("s3://models/churn/2 by Unity Catalog " + server.address());
      }
      assertThat(s3.requests())
          .isNotEmpty()
          .allSatisfy(
              request -> assertThat(request.authorization()).contains("AKTEMP", "/eu-west-1/s3/"));
    }
  }

  private static void listing(Exchange exchange) throws IOException {
    exchange.bytes(
        200,
        """
        <ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>churn/2/MLmodel</Key>
        <Size>12</Size></Contents></ListBucketResult>
        """
            .getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void saysThatTemporaryCredentialsWereRefusedWithoutShowingThem() {
    try (FakeServer s3 = new FakeServer()) {
      server
          .json(MODEL + "/versions/2", version(2, "READY", "s3://models/churn/2"))
          .json(
              API + "temporary-model-version-credentials",
              """
              {"aws_temp_credentials": {"access_key_id": "AKTEMP", "secret_access_key": "s3cret",
               "session_token": "t0ken"}}
              """);
      s3.on(
          "/models",
          exchange ->
              exchange.bytes(
                  403,
                  "<Error><Code>ExpiredToken</Code><Message>t0ken</Message></Error>"
                      .getBytes(StandardCharsets.UTF_8)));
      try (ModelRegistry registry = open("MLFLOW_S3_ENDPOINT_URL", s3.address())) {
        assertFailure(
            () -> registry.resolve("models:/main.ml.churn/2"),
            ErrorCode.REGISTRY_UNREADABLE,
            "SB-0205 The object store at s3://models/churn/2 cannot be read. It refused the"
                + " temporary credentials of the Unity Catalog "
                + server.address()
                + " with 403 (ExpiredToken). Fix: renew the credentials if they have expired");
      }
    }
  }
}
