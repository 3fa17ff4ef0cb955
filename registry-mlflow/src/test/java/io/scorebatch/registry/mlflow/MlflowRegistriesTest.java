package io.scorebatch.registry.mlflow;

import static io.scorebatch.registry.mlflow.LocalStoreTest.assertFailure;
import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.registry.ResolvedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MlflowRegistriesTest {
  private static final String ASK = "models:/main.ml.churn/2";

  @TempDir Path temporary;
  private Path folder;

  @BeforeEach
  void findRealFolder() throws IOException {
    folder = temporary.toRealPath();
  }

  private ModelRegistry open(String uri) {
    return MlflowRegistries.open(uri, Stores.settings(folder));
  }

  private void sql(Path database, String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sqlite:///mlflow.db",
        "sqlite:///./mlflow.db?timeout=30",
        "sqlite:////FOLDER/mlflow.db",
        "mlflow.db",
        "FOLDER/mlflow.db",
        "file://FOLDER/mlflow.db",
        ".",
        "./mlruns",
        "FOLDER/mlruns/",
        "file://FOLDER/mlruns",
      })
  void opensADatabaseByItsUriItsPathItsFolderOrTheArtifactsBesideIt(String uri) {
    Stores.copy("sqlite-3.17.2", folder);
    String resolved =
        uri.replace("////FOLDER", "///" + folder).replace("FOLDER", folder.toString());
    try (ModelRegistry registry = open(resolved)) {
      assertThat(registry.description()).isEqualTo("MLflow database " + folder + "/mlflow.db");
      assertThat(registry.resolve(ASK).version()).hasValue(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {".", "mlruns", "./mlruns/", "file://FOLDER/mlruns", "FOLDER"})
  void opensAFileStoreByItsFolderOrTheFolderAboveIt(String uri) {
    Stores.copy("file-3.17.2", folder);
    try (ModelRegistry registry = open(uri.replace("FOLDER", folder.toString()))) {
      assertThat(registry.description()).isEqualTo("MLflow file store " + folder + "/mlruns");
      assertThat(registry.resolve(ASK).version()).hasValue(2);
    }
  }

  @Test
  void asksOneRegistryOnlyAndSaysWhich() throws IOException {
    // Two stores with the same model name and different content.
    Stores.copy("file-2.22.1", folder.resolve("a"));
    Stores.copy("file-3.17.2", folder.resolve("b"));
    RegistrySettings settings =
        Stores.settings(folder)
            .withEnvironment(Map.of("MLFLOW_REGISTRY_URI", "a", "MLFLOW_TRACKING_URI", "b"));
    try (ModelRegistry registry = MlflowRegistries.openDefault(settings)) {
      assertThat(registry.description())
          .isEqualTo(
              "MLflow file store "
                  + folder
                  + "/a/mlruns (MLFLOW_REGISTRY_URI; MLFLOW_TRACKING_URI names another store and"
                  + " is not used)");
      assertThat(registry.resolve(ASK).folder()).startsWith(folder.resolve("a"));
    }
    try (ModelRegistry registry =
        MlflowRegistries.openDefault(
            settings.withEnvironment(Map.of("MLFLOW_TRACKING_URI", "b")))) {
      assertThat(registry.description())
          .isEqualTo("MLflow file store " + folder + "/b/mlruns (MLFLOW_TRACKING_URI)");
      assertThat(registry.resolve(ASK).folder()).startsWith(folder.resolve("b"));
    }
    Stores.copy("sqlite-2.22.1", folder.resolve("c"));
    try (ModelRegistry registry =
        MlflowRegistries.openDefault(Stores.settings(folder.resolve("c")))) {
      assertThat(registry.description())
          .isEqualTo("MLflow database " + folder.resolve("c/mlflow.db"));
    }
  }

  @Test
  void saysWhichOtherStoresTheEnvironmentNamesAndAreNotUsed() {
    Stores.copy("file-2.22.1", folder.resolve("a"));
    RegistrySettings settings =
        Stores.settings(folder)
            .withEnvironment(
                Map.of(
                    "MLFLOW_REGISTRY_URI",
                    folder.resolve("a").toString(),
                    "MLFLOW_TRACKING_URI",
                    "http://user:s3cret@host"));
    try (ModelRegistry registry = MlflowRegistries.open("./a", settings)) {
      assertThat(registry.description())
          .endsWith(
              "(MLFLOW_REGISTRY_URI; MLFLOW_TRACKING_URI names another store and is not used)")
          .doesNotContain("s3cret");
    }
    try (ModelRegistry registry =
        MlflowRegistries.open(
            "a", settings.withEnvironment(Map.of("MLFLOW_TRACKING_URI", "databricks")))) {
      assertThat(registry.description())
          .endsWith("(MLFLOW_TRACKING_URI names another store and is not used)");
    }
  }

  @Test
  void aRelativePlaceStartsFromTheFolderItIsNamedIn() {
    Path base = Path.of("/base%20/x");
    assertThat(
            Stream.of(
                    "sqlite:///m.db?timeout=3",
                    "sqlite:////abs/m.db",
                    "./mlruns",
                    "/abs/mlruns",
                    "http://host:5000",
                    "databricks-uc://p",
                    "databricks")
                .map(uri -> MlflowRegistries.absolute(uri, base)))
        .containsExactly(
            "sqlite:////base%2520/x/m.db?timeout=3",
            "sqlite:////abs/m.db",
            "/base%20/x/mlruns",
            "/abs/mlruns",
            "http://host:5000",
            "databricks-uc://p",
            "databricks");
  }

  @Test
  void movingAnAliasLeavesBothRunsAttributable() throws SQLException {
    Stores.copy("sqlite-3.17.2", folder);
    try (ModelRegistry registry = open("mlflow.db")) {
      ResolvedModel before = registry.resolve("models:/main.ml.churn@champion");
      sql(
          folder.resolve("mlflow.db"),
          "UPDATE registered_model_aliases SET version = 3 WHERE alias = 'champion'");
      ResolvedModel after = registry.resolve("models:/main.ml.churn@champion");
      assertThat(before.version()).hasValue(2);
      assertThat(after.version()).hasValue(3);
      assertThat(after.modelId()).isNotEqualTo(before.modelId());
      assertThat(after.folder()).isNotEqualTo(before.folder());
    }
  }

  @Test
  void readsWhatIsStillInTheWriteAheadLog() throws SQLException {
    Stores.copy("sqlite-3.17.2", folder);
    try (Connection writer =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("mlflow.db"));
        Statement statement = writer.createStatement()) {
      statement.execute("PRAGMA journal_mode = WAL");
      statement.execute("UPDATE registered_model_aliases SET version = 3");
      assertThat(folder.resolve("mlflow.db-wal")).isNotEmptyFile();
      try (ModelRegistry registry = open("mlflow.db")) {
        assertThat(registry.resolve("models:/main.ml.churn@champion").version()).hasValue(3);
      }
    }
  }

  @Test
  void readsOnlyTheWorkspaceChosen() throws SQLException {
    Stores.copy("sqlite-3.17.2", folder);
    sql(
        folder.resolve("mlflow.db"),
        "INSERT INTO registered_models (name, workspace) VALUES ('hidden', 'other')");
    try (ModelRegistry registry = open("mlflow.db")) {
      assertFailure(
          () -> registry.resolve("models:/hidden/1"),
          ErrorCode.MODEL_NOT_FOUND,
          "5 models are registered there");
    }
    try (ModelRegistry registry =
        MlflowRegistries.open(
            "mlflow.db",
            Stores.settings(folder).withEnvironment(Map.of("MLFLOW_WORKSPACE", "other")))) {
      assertFailure(
          () -> registry.resolve("models:/hidden/1"),
          ErrorCode.MODEL_VERSION_NOT_FOUND,
          "Model 'hidden' has no versions");
    }
  }

  @Test
  void refusesAVersionWhoseRegistrationDidNotFinish() throws SQLException {
    Stores.copy("sqlite-3.17.2", folder);
    sql(
        folder.resolve("mlflow.db"),
        "UPDATE model_versions SET status = 'PENDING_REGISTRATION' WHERE version = 11");
    try (ModelRegistry registry = open("mlflow.db")) {
      assertFailure(
          () -> registry.resolve("models:/main.ml.churn/latest"),
          ErrorCode.MODEL_ARTIFACT_MISSING,
          "Version 11 of model 'main.ml.churn' in the MLflow database ",
          " is PENDING_REGISTRATION, not READY.",
          "Fix: register it again, or ask for version 10.");
    }
  }

  @Test
  void refusesALoggedModelThatWasNotFinished() throws SQLException {
    Stores.copy("sqlite-3.17.2", folder);
    try (ModelRegistry registry = open("mlflow.db")) {
      ResolvedModel model = registry.resolve(ASK);
      sql(folder.resolve("mlflow.db"), "UPDATE logged_models SET status = 1");
      assertFailure(
          () -> registry.resolve("models:/" + model.modelId()),
          ErrorCode.MODEL_ARTIFACT_MISSING,
          "Model 'model' with the id '" + model.modelId() + "' in the MLflow database ",
          " is PENDING, not READY.");
    }
  }

  @Test
  void findsAModelAmongThousands() throws IOException {
    Stores.copy("file-3.17.2", folder);
    for (int i = 0; i < 1500; i++) {
      Path model = Files.createDirectories(folder.resolve("mlruns/models/a" + i));
      Files.writeString(model.resolve("meta.yaml"), "name: a" + i + "\n");
    }
    try (ModelRegistry registry = open("mlruns")) {
      assertThat(registry.resolve("models:/two words/1").version()).hasValue(1);
      assertFailure(
          () -> registry.resolve("models:/two worlds/1"),
          ErrorCode.MODEL_NOT_FOUND,
          "1505 models are registered there: a0, a1, a10, ",
          " and 1485 more.",
          "did you mean 'two words'?");
    }
  }

  @Test
  void findsTheFilesOfAVersionCopiedFromAnother() throws SQLException {
    Stores.copy("sqlite-3.17.2", folder);
    sql(
        folder.resolve("mlflow.db"),
        "UPDATE model_versions SET storage_location = NULL, source = 'models:/main.ml.churn/2'"
            + " WHERE name = 'copied'",
        // Two copies of each other have no files, and asking for them must end.
        "UPDATE model_versions SET storage_location = NULL, source = 'models:/two words/1'"
            + " WHERE name = 'main.ml.chum'",
        "UPDATE model_versions SET storage_location = NULL, source = 'models:/main.ml.chum/1'"
            + " WHERE name = 'two words'");
    try (ModelRegistry registry = open("mlflow.db")) {
      assertThat(registry.resolve("models:/copied/1").folder())
          .isEqualTo(registry.resolve(ASK).folder());
      assertFailure(
          () -> registry.resolve("models:/two words/1"),
          ErrorCode.MODEL_ARTIFACT_MISSING,
          "No MLmodel file was found for 'models:/two words/1'");
    }
  }

  @Test
  void findsWhatAServerKeptInItsArtifactFolder() throws SQLException, IOException {
    Stores.copy("sqlite-3.17.2", folder);
    Files.move(folder.resolve("mlruns"), folder.resolve("mlartifacts"));
    sql(
        folder.resolve("mlflow.db"),
        "UPDATE model_versions SET storage_location = replace(storage_location,"
            + " '/srv/registry-fixtures/sqlite-3.17.2/mlruns/', 'mlflow-artifacts:/')");
    try (ModelRegistry registry = open("mlflow.db")) {
      ResolvedModel model = registry.resolve(ASK);
      assertThat(model.folder()).startsWith(folder.resolve("mlartifacts/1/models"));
      assertThat(model.source()).startsWith("mlflow-artifacts:/1/models/m-");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "exported/nightly",
        "./exported/nightly/",
        "exported/nightly/.",
        "exported/./nightly/../nightly",
        "exported",
        "exported/nightly/model.pkl",
        "exported/nightly/MLmodel",
        "FOLDER/exported/nightly",
        "file://FOLDER/exported/nightly/",
      })
  void findsAModelByAnyWayToWriteItsPath(String uri) {
    Stores.copy("file-3.17.2", folder);
    try (ModelRegistry registry = open("mlruns")) {
      ResolvedModel model = registry.resolve(uri.replace("FOLDER", folder.toString()));
      assertThat(model.folder()).isEqualTo(folder.resolve("exported/nightly"));
      assertThat(model.version()).isEmpty();
      assertThat(model.runId()).isNull();
    }
  }

  @Test
  void saysWhatIsAtAPathInsteadOfAModel() throws IOException {
    Stores.copy("file-3.17.2", folder);
    try (ModelRegistry registry = open("mlruns")) {
      assertFailure(
          () -> registry.resolve("exprted/nightly"),
          ErrorCode.MODEL_ARTIFACT_MISSING,
          "SB-0204 No MLmodel file was found for 'exprted/nightly'. Tried "
              + folder
              + "/exprted/nightly (does not exist; "
              + folder
              + " holds exported/, mlruns/).",
          "Fix: name the folder that holds the MLmodel file; a registered model is written"
              + " models:/name/3.");
      Files.createDirectories(folder.resolve("exported/weekly"));
      Files.copy(
          folder.resolve("exported/nightly/MLmodel"), folder.resolve("exported/weekly/MLmodel"));
      assertFailure(
          () -> registry.resolve("exported"),
          ErrorCode.MODEL_ARTIFACT_MISSING,
          "exported (holds 2 models: nightly, weekly; name one)");
    }
  }

  @Test
  void saysWhatADatabaseLacks() throws SQLException, IOException {
    sql(folder.resolve("other.db"), "CREATE TABLE t (x INT)");
    assertFailure(
        () -> open("sqlite:///other.db"),
        ErrorCode.REGISTRY_UNREADABLE,
        "SB-0205 The MLflow database " + folder + "/other.db cannot be read.",
        "It lacks table registered_models, table model_versions, table runs and was not made by"
            + " MLflow.",
        "Fix: name the database of an MLflow store, often mlflow.db.");
    Stores.copy("sqlite-2.22.1", folder);
    sql(folder.resolve("mlflow.db"), "ALTER TABLE model_versions DROP COLUMN run_id");
    assertFailure(
        () -> open("sqlite:///mlflow.db"),
        ErrorCode.REGISTRY_UNREADABLE,
        "It lacks column model_versions.run_id (schema ",
        "Fix: bring it to a newer schema: mlflow db upgrade sqlite:///mlflow.db");
    Files.writeString(folder.resolve("text.db"), "this is no database but a text of some length");
    assertFailure(
        () -> open("sqlite:///text.db"), ErrorCode.REGISTRY_UNREADABLE, "file is not a database");
    assertFailure(
        () -> open("sqlite:///missing.db"),
        ErrorCode.REGISTRY_UNREADABLE,
        "There is no such file; " + folder + " holds ",
        "sqlite:///relative.db or sqlite:////absolute.db");
  }

  @Test
  void readsADatabaseOfATimeBeforeAliasesAndStorageLocations() throws SQLException {
    Stores.copy("sqlite-2.22.1", folder);
    sql(
        folder.resolve("mlflow.db"),
        "DROP TABLE registered_model_aliases",
        "ALTER TABLE model_versions DROP COLUMN storage_location");
    try (ModelRegistry registry = open("mlflow.db")) {
      assertThat(registry.resolve(ASK).version()).hasValue(2);
      assertFailure(
          () -> registry.resolve("models:/main.ml.churn@champion"),
          ErrorCode.MODEL_ALIAS_NOT_FOUND,
          "It has no aliases.");
    }
  }

  @Test
  void refusesWhatIsNoRegistry() {
    assertFailure(
        () -> open("postgresql+psycopg2://ml:secret@db/mlflow"),
        ErrorCode.USAGE,
        "'postgresql+psycopg2://…' is no model registry.",
        "name the server itself: http(s)://host:port");
    assertFailure(
        () -> open("sqlite://"), ErrorCode.USAGE, "write sqlite:///relative.db or sqlite:////abs");
    assertFailure(() -> open("gopher:x"), ErrorCode.USAGE, "It has none of the forms known.");
    assertFailure(() -> open(" "), ErrorCode.USAGE, "It has none of the forms known.");
    assertFailure(
        () -> open("missing"),
        ErrorCode.USAGE,
        "There is no folder " + folder + "/missing; " + folder + " holds nothing.");
    assertFailure(
        () -> open("."),
        ErrorCode.USAGE,
        "holds nothing; neither an mlflow.db nor the folders of an MLflow file store.");
  }

  @Test
  void namesABrokenFileOfAFileStore() throws IOException {
    Stores.copy("file-3.17.2", folder);
    Path meta = folder.resolve("mlruns/models/copied/version-1/meta.yaml");
    Files.writeString(meta, "- a\n- list\n");
    try (ModelRegistry registry = open("mlruns")) {
      assertFailure(
          () -> registry.resolve("models:/copied/1"),
          ErrorCode.REGISTRY_UNREADABLE,
          "The MLflow file " + meta + " cannot be read. It is no YAML mapping.");
    }
  }
}
