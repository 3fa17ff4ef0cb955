package io.scorebatch.registry.mlflow;

import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.registry.ModelPublisher;
import io.scorebatch.api.registry.ModelUpload;
import io.scorebatch.api.registry.PublishedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/**
 * Registers models in the database of {@code sqlite:///mlflow.db}, in one transaction. Files go to
 * the folder of the default experiment, and are there before the version is.
 *
 * <p>MLflow 2 gets a version with a source; MLflow 3 a logged model and a version of it. A schema
 * whose revision is not known is refused: it may have rules we break.
 */
final class SqlitePublisher implements ModelPublisher {
  /** Revisions of the schema, in their order, from aliases of models to MLflow 3.17. */
  private static final List<String> REVISIONS =
      List.of(
          "3500859a5d39",
          "7f2a7d5fae7d",
          "2d6e25af4d3e",
          "acf3f17fdcc7",
          "867495a8f9d4",
          "5b0e9adcef9c",
          "4465047574b1",
          "f5a4f2784254",
          "0584bdc529eb",
          "400f98739977",
          "6953534de441",
          "bda7b8c39065",
          "cbc13b556ace",
          "770bee3ae1dd",
          "a1b2c3d4e5f6",
          "de4033877273",
          "1a0cddfcaa16",
          "534353b11cbc",
          "71994744cf8e",
          "3da73c924c2f",
          "bf29a5ff90ea",
          "1bd49d398cd23",
          "b7c8d9e0f1a2",
          "5d2d30f0abce",
          "c9d4e5f6a7b8",
          "2c33131f4dae",
          "d3e4f5a6b7c8",
          "d0e1f2a3b4c5",
          "c8d9e0f1a2b3",
          "1b5f0d9ad7c1",
          "e1f2a3b4c5d6",
          "76601a5f987d",
          "c3d6457b6d8a",
          "a5b4c3d2e1f0",
          "ae8bbe7743c9",
          "7d34483879f0",
          "da6fb0208061",
          "89d3d66ed43f",
          "b7e4c1a90f23",
          "a8b9c0d1e2f3",
          "c1d2e3f4a5b6",
          "c3d9e7f1a2b4",
          "6f8d9c3b2a1e",
          "1971f2d9a75b",
          "17e22815139b",
          "b7e2c1a4d9f3",
          "75868b020152",
          "dc11669786a5");

  private static final int READY = 2;

  private final Path file;
  private final String workspace;

  SqlitePublisher(Path file, String workspace) {
    this.file = file;
    this.workspace = workspace;
  }

  @Override
  public String description() {
    return "MLflow database " + file;
  }

  @Override
  public void close() {}

  @Override
  public PublishedModel publish(ModelUpload model) {
    UploadRules.check(model);
    if (!Files.isRegularFile(file)) {
      throw PublishErrors.unwritable(
          description(),
          "There is no such file; " + LocalFolders.whatExists(file) + ".",
          "make the database with MLflow (mlflow db upgrade sqlite:///"
              + file.getFileName()
              + "), or name a folder: a file store is made where there is none.",
          null);
    }
    @Nullable Path folder = null;
    try (Connection connection = connect()) {
      Database database = new Database(connection, workspace);
      String revision = database.revision();
      if (!REVISIONS.contains(revision)) {
        throw PublishErrors.unknownSchema(description(), revision, REVISIONS);
      }
      Experiment experiment = database.experiment();
      String modelId = "m-" + UUID.randomUUID().toString().replace("-", "");
      folder = artifactRoot(experiment).resolve("models").resolve(modelId);
      Path artifacts = folder.resolve("artifacts");
      UploadRules.copy(model.folder(), artifacts);
      int version = database.insert(model, experiment, modelId, artifacts.toString());
      connection.commit();
      return new PublishedModel(model.name(), version, artifacts.toString(), model.alias(), null);
    } catch (SQLException e) {
      discard(folder);
      throw PublishErrors.unwritable(
          description(),
          "SQLite says: " + e.getMessage() + ".",
          "check that the database may be written and that no job holds a lock on it.",
          e);
    } catch (IOException e) {
      discard(folder);
      throw PublishErrors.unwritable(
          description(),
          "Its files cannot be written: " + e + ".",
          "check that there is room and that the folder may be written.",
          e);
    } catch (ScorebatchException e) {
      discard(folder);
      throw e;
    }
  }

  private static void discard(@Nullable Path folder) {
    if (folder != null) {
      UploadRules.remove(folder);
    }
  }

  private Connection connect() throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(30_000);
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    config.enforceForeignKeys(true);
    Connection connection =
        DriverManager.getConnection("jdbc:sqlite:" + file, config.toProperties());
    connection.setAutoCommit(false);
    return connection;
  }

  private record Experiment(int id, String location) {}

  /** The experiment's own folder, or the same below the database where the store was moved. */
  private Path artifactRoot(Experiment experiment) {
    ArtifactLocation location = ArtifactLocation.of(experiment.location());
    Path beside = file.resolveSibling("mlruns").resolve(Integer.toString(experiment.id()));
    if (!location.scheme().isEmpty() && !location.scheme().equals("file")) {
      throw PublishErrors.foreignArtifacts(description(), experiment.location());
    }
    try {
      Path stored = Path.of(location.pathText()).normalize();
      boolean here = stored.isAbsolute() && Files.isDirectory(stored.resolveSibling(""));
      return here ? stored : beside;
    } catch (InvalidPathException e) {
      return beside;
    }
  }

  /** The statements of one transaction. Only columns that the schema has are named. */
  private record Database(Connection connection, String workspace) {
    String revision() throws SQLException {
      if (columns("alembic_version").isEmpty()) {
        return "none";
      }
      List<Object> found = query("SELECT version_num FROM alembic_version");
      return found.isEmpty() ? "none" : String.valueOf(found.get(0));
    }

    /** The default experiment, or the oldest that is not deleted. */
    Experiment experiment() throws SQLException {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "SELECT experiment_id, artifact_location FROM experiments"
                  + " WHERE lifecycle_stage = 'active'"
                  + (columns("experiments").contains("workspace") ? " AND workspace = ?" : "")
                  + " ORDER BY experiment_id LIMIT 1")) {
        if (columns("experiments").contains("workspace")) {
          statement.setString(1, workspace);
        }
        try (ResultSet rows = statement.executeQuery()) {
          return rows.next()
              ? new Experiment(
                  rows.getInt(1), Optional.ofNullable(rows.getString(2)).orElse("./mlruns/0"))
              : new Experiment(0, "./mlruns/0");
        }
      }
    }

    int insert(ModelUpload model, Experiment experiment, String modelId, String location)
        throws SQLException {
      long now = System.currentTimeMillis();
      boolean logged = !columns("logged_models").isEmpty();
      if (logged) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("model_id", modelId);
        row.put("experiment_id", experiment.id());
        row.put("name", "model");
        row.put("artifact_location", location);
        row.put("creation_timestamp_ms", now);
        row.put("last_updated_timestamp_ms", now);
        row.put("status", READY);
        row.put("lifecycle_stage", "active");
        put("INSERT", "logged_models", row);
      }
      Map<String, @Nullable Object> name = new LinkedHashMap<>();
      name.put("name", model.name());
      if (query("SELECT name FROM registered_models WHERE " + where(), values(name)).isEmpty()) {
        name.put("creation_time", now);
        name.put("last_updated_time", now);
        put("INSERT", "registered_models", name);
      } else {
        List<Object> values = new ArrayList<>(List.of(now));
        values.addAll(List.of(values(name)));
        update("UPDATE registered_models SET last_updated_time = ? WHERE " + where(), values);
      }
      return insertVersion(model, now, logged ? "models:/" + modelId : location, location);
    }

    private int insertVersion(ModelUpload model, long now, String source, String location)
        throws SQLException {
      Map<String, @Nullable Object> name = new LinkedHashMap<>();
      name.put("name", model.name());
      List<Object> newest =
          query("SELECT max(version) FROM model_versions WHERE " + where(), values(name));
      int version = 1 + (newest.get(0) instanceof Number number ? number.intValue() : 0);
      Map<String, @Nullable Object> row = new LinkedHashMap<>(name);
      row.put("version", version);
      row.put("creation_time", now);
      row.put("last_updated_time", now);
      row.put("description", model.description().orElse(null));
      row.put("current_stage", "None");
      row.put("source", source);
      row.put("status", "READY");
      if (columns("model_versions").contains("storage_location")) {
        row.put("storage_location", location);
      }
      put("INSERT", "model_versions", row);
      for (Map.Entry<String, String> tag : model.tags().entrySet()) {
        Map<String, @Nullable Object> of = new LinkedHashMap<>(name);
        of.put("version", version);
        of.put("key", tag.getKey());
        of.put("value", tag.getValue());
        put("INSERT", "model_version_tags", of);
      }
      if (model.alias().isPresent()) {
        Map<String, @Nullable Object> alias = new LinkedHashMap<>(name);
        alias.put("alias", model.alias().get());
        alias.put("version", version);
        put("INSERT OR REPLACE", "registered_model_aliases", alias);
      }
      return version;
    }

    private String where() throws SQLException {
      return "name = ?" + (hasWorkspace() ? " AND workspace = ?" : "");
    }

    private Object[] values(Map<String, @Nullable Object> name) throws SQLException {
      Object value = String.valueOf(name.get("name"));
      return hasWorkspace() ? new Object[] {value, workspace} : new Object[] {value};
    }

    private boolean hasWorkspace() throws SQLException {
      return columns("registered_models").contains("workspace");
    }

    /** The table and column names are ours, every value is bound. */
    private void put(String how, String table, Map<String, @Nullable Object> row)
        throws SQLException {
      Map<String, @Nullable Object> all = new LinkedHashMap<>(row);
      if (columns(table).contains("workspace")) {
        all.put("workspace", workspace);
      }
      String names = String.join("\", \"", all.keySet());
      String marks = "?" + ", ?".repeat(all.size() - 1);
      List<@Nullable Object> values = new ArrayList<>(all.values());
      update(how + " INTO " + table + " (\"" + names + "\") VALUES (" + marks + ")", values);
    }

    private void update(String sql, List<? extends @Nullable Object> values) throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        for (int i = 0; i < values.size(); i++) {
          statement.setObject(i + 1, values.get(i));
        }
        statement.executeUpdate();
      }
    }

    private List<String> columns(String table) throws SQLException {
      return query("SELECT name FROM pragma_table_info(?)", table).stream()
          .map(String::valueOf)
          .toList();
    }

    /** The first column of all rows; NULL as the text {@code null}. */
    private List<Object> query(String sql, Object... values) throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        for (int i = 0; i < values.length; i++) {
          statement.setObject(i + 1, values[i]);
        }
        List<Object> found = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            Object value = rows.getObject(1);
            found.add(value == null ? "null" : value);
          }
        }
        return found;
      }
    }
  }
}
