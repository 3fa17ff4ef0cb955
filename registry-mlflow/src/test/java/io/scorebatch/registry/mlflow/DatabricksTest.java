package io.scorebatch.registry.mlflow;

import static io.scorebatch.registry.mlflow.LocalStoreTest.assertFailure;
import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.testing.FakeServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a fake of the REST interfaces of a Databricks workspace. */
class DatabricksTest {
  private static final String MODEL = "/api/2.1/unity-catalog/models/main.ml.churn";
  private static final byte[] MLMODEL = "flavors: {}\n".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;
  private final FakeServer workspace = new FakeServer();
  private final FakeServer cloud = new FakeServer();

  @BeforeEach
  void fill() {
    cloud.on("/MLmodel", exchange -> exchange.bytes(200, MLMODEL));
  }

  @AfterEach
  void stop() {
    workspace.close();
    cloud.close();
  }

  private ModelRegistry open(String uri, String... variables) {
    Map<String, String> environment = new HashMap<>();
    environment.put("DATABRICKS_CONFIG_FILE", "databrickscfg");
    for (int i = 0; i < variables.length; i += 2) {
      environment.put(variables[i], variables[i + 1]);
    }
    return MlflowRegistries.open(uri, Stores.settings(folder).withEnvironment(environment));
  }

  private List<String> callers() {
    return workspace.requests().stream()
        .map(each -> String.valueOf(each.authorization()))
        .distinct()
        .toList();
  }

  private void unityCatalog() {
    workspace
        .json(
            MODEL + "/versions/2",
            """
            {"model_name": "churn", "version": 2, "status": "READY", "run_id": "0123", "model_id": "m-1",
             "source": "dbfs:/x", "storage_location": "abfss://m@acme.dfs.core.windows.net/2"}
            """)
        .json(
            "/api/2.1/unity-catalog/temporary-model-version-credentials",
            "{\"azure_user_delegation_sas\": {\"sas_token\": \"sig=secret\"}}")
        .json(
            "/api/2.0/fs/directories/Models/main/ml/churn/2",
            """
            {"contents": [{"path": "/Models/main/ml/churn/2/data", "is_directory": true, "name": "data"}],
             "next_page_token": "p2"}
            """)
        .json(
            "/api/2.0/fs/directories/Models/main/ml/churn/2?page_token=p2",
            """
            {"contents": [{"path": "/Models/main/ml/churn/2/MLmodel", "is_directory": false,
              "file_size": 12, "name": "MLmodel"}]}
            """)
        .json("/api/2.0/fs/directories/Models/main/ml/churn/2/data", "{\"contents\": []}")
        .json(
            "/api/2.0/fs/create-download-url",
            "{\"url\": \""
                + cloud.address()
                + "/MLmodel?sig=s3cret\", \"headers\": [{\"name\": \"x-ms-key\", \"value\": \"v\"}]}");
  }

  @Test
  void readsAVersionOfUnityCatalogThroughAddressesTheWorkspaceSigns() {
    unityCatalog();
    try (ModelRegistry registry =
        open(
            "databricks-uc",
            "DATABRICKS_HOST",
            workspace.address() + "/",
            "DATABRICKS_TOKEN",
            "dapi-1")) {
      assertThat(registry.description())
          .isEqualTo("Unity Catalog of Databricks " + workspace.address());
      ResolvedModel model = registry.resolve("models:/main.ml.churn/2");
      assertThat(model.folder().resolve("MLmodel")).hasBinaryContent(MLMODEL);
      assertThat(model.runId()).isEqualTo("0123");
      assertThat(model.modelId()).isEqualTo("m-1");
      assertThat(model.source())
          .isEqualTo(
              "abfss://m@acme.dfs.core.windows.net/2 by Unity Catalog of Databricks "
                  + workspace.address());
    }
    assertThat(callers()).containsExactly("Bearer dapi-1");
    assertThat(workspace.requests())
        .anySatisfy(
            request ->
                assertThat(request.body())
                    .isEqualTo("{\"path\":\"/Models/main/ml/churn/2/MLmodel\"}"));
    // The address carries its own permission; the workspace's token stays with the workspace.
    assertThat(cloud.requests())
        .isNotEmpty()
        .allSatisfy(request -> assertThat(request.authorization()).isNull());
    assertThat(cloud.targets()).contains("GET /MLmodel?sig=s3cret");
  }

  @Test
  void showsNoSignatureWhereASignedAddressIsRefused() {
    unityCatalog();
    cloud.on("/MLmodel", exchange -> exchange.json(403, "{\"message\": \"sig=s3cret expired\"}"));
    try (ModelRegistry registry =
        open(
            "databricks-uc",
            "DATABRICKS_HOST",
            workspace.address(),
            "DATABRICKS_TOKEN",
            "dapi-1")) {
      assertFailure(
          () -> registry.resolve("models:/main.ml.churn/2"),
          ErrorCode.REGISTRY_UNREADABLE,
          "403, saying: *** expired.");
    }
  }

  @Test
  void takesHostAndTokenFromAProfile() throws IOException {
    Files.writeString(
        folder.resolve("databrickscfg"),
        """
        ; comment
        [DEFAULT]
        host = https://elsewhere.example
        token = wrong

        [prod]
        host  = %s
        token = dapi=with=equals
        """
            .formatted(workspace.address()));
    unityCatalog();
    try (ModelRegistry registry = open("databricks-uc://prod")) {
      assertThat(registry.resolve("models:/main.ml.churn/2").version()).hasValue(2);
    }
    assertThat(callers()).containsExactly("Bearer dapi=with=equals");
    try (ModelRegistry registry = open("databricks-uc", "DATABRICKS_CONFIG_PROFILE", "prod")) {
      assertThat(registry.description()).contains(workspace.address());
    }
    assertFailure(
        () -> open("databricks-uc://prdo"),
        ErrorCode.USAGE,
        "Setting profile 'prdo' cannot be used. File databrickscfg has the profiles DEFAULT, prod.",
        "Fix: set DATABRICKS_HOST and DATABRICKS_TOKEN, or add the profile to the file.");
    assertFailure(
        () -> open("databricks://scope:key"), ErrorCode.USAGE, "secret scopes can be read inside");
  }

  @Test
  void exchangesAServicePrincipalsSecretForATokenOnce() {
    unityCatalog();
    workspace.json("/oidc/v1/token", "{\"access_token\": \"oauth-1\", \"expires_in\": 3600}");
    try (ModelRegistry registry =
        open(
            "databricks-uc",
            "DATABRICKS_HOST",
            workspace.address(),
            "DATABRICKS_CLIENT_ID",
            "id",
            "DATABRICKS_CLIENT_SECRET",
            "secret")) {
      registry.resolve("models:/main.ml.churn/2");
    }
    assertThat(callers()).containsExactly("Basic aWQ6c2VjcmV0", "Bearer oauth-1");
    assertThat(workspace.requests().get(0).body())
        .isEqualTo("grant_type=client_credentials&scope=all-apis");
    assertThat(workspace.targets().stream().filter(each -> each.contains("oidc"))).hasSize(1);
  }

  @Test
  void saysThatATokenExpired() {
    workspace.on(
        MODEL + "/versions/2",
        exchange -> exchange.json(403, "{\"message\": \"Invalid access token dapi-1.\"}"));
    try (ModelRegistry registry =
        open(
            "databricks-uc",
            "DATABRICKS_HOST",
            workspace.address(),
            "DATABRICKS_TOKEN",
            "dapi-1")) {
      assertFailure(
          () -> registry.resolve("models:/main.ml.churn/2"),
          ErrorCode.REGISTRY_UNREADABLE,
          "It refused the token of DATABRICKS_HOST with 403, saying: Invalid access token ***.");
    }
  }

  @Test
  void readsTheOlderRegistryOfAWorkspace() {
    String api = "/api/2.0/mlflow/model-versions/";
    workspace
        .json(
            api + "get?name=churn&version=2",
            """
            {"model_version": {"name": "churn", "version": "2", "status": "READY",
             "current_stage": "Production", "source": "dbfs:/databricks/x", "run_id": "0123"}}
            """)
        .json(
            api + "get-download-uri?name=churn&version=2",
            "{\"artifact_uri\": \"dbfs:/databricks/mlflow-registry/1/models/churn\"}")
        .json(
            api + "list-artifacts?name=churn&version=2&path=",
            "{\"files\": [{\"path\": \"MLmodel\", \"is_dir\": false, \"file_size\": 12}]}")
        .json(
            api + "get-signed-download-uri?name=churn&version=2&path=MLmodel",
            "{\"signed_uri\": \"" + cloud.address() + "/MLmodel?sig=1\", \"headers\": null}");
    try (ModelRegistry registry =
        open("databricks", "DATABRICKS_HOST", workspace.address(), "DATABRICKS_TOKEN", "dapi-1")) {
      assertThat(registry.description())
          .isEqualTo("model registry of the Databricks workspace " + workspace.address());
      ResolvedModel model = registry.resolve("models:/churn/2");
      assertThat(model.folder().resolve("MLmodel")).hasBinaryContent(MLMODEL);
      assertThat(model.source()).startsWith("dbfs:/databricks/mlflow-registry/1/models/churn by ");
    }
  }
}
