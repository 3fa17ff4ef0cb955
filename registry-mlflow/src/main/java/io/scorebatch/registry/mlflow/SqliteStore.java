package io.scorebatch.registry.mlflow;

import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.remote.PercentEncoding;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/**
 * The database of {@code sqlite:///mlflow.db}, as MLflow 2 and 3 write it. Opened read-only: a
 * training job may write meanwhile.
 *
 * <p>Later schemas only add tables and columns; what an older one lacks is left out of the queries.
 * Thread-safe: one query at a time.
 */
final class SqliteStore implements ModelStore {
  private static final List<String> LOGGED_MODEL_STATUS =
      List.of("UNSPECIFIED", "PENDING", "READY", "FAILED");

  private final Path file;
  private final String workspace;
  private final Connection connection;
  private final Map<String, Set<String>> columns = new LinkedHashMap<>();

  private SqliteStore(Path file, String workspace, Connection connection) {
    this.file = file;
    this.workspace = workspace;
    this.connection = connection;
  }

  /**
   * Opens a database and checks that it is one of MLflow's.
   *
   * @param workspace of MLflow 3.10 and later; older databases have none
   */
  static SqliteStore open(Path file, String workspace) {
    if (!Files.isRegularFile(file)) {
      throw RegistryErrors.unreadable(
          "MLflow database " + file,
          "There is no such file; " + LocalFolders.whatExists(file) + ".",
          "check the path: sqlite:///relative.db or sqlite:////absolute.db.",
          null);
    }
    SqliteStore store = new SqliteStore(file, workspace, connect(file));
    try {
      store.readColumns();
      return store;
    } catch (ScorebatchException e) {
      store.close();
      throw e;
    }
  }

  private static Connection connect(Path file) {
    // A write-ahead log needs a shared-memory file beside it, which a read-only folder refuses.
    // Where the log is empty nobody is writing, and the file can be read as it is.
    boolean immutable =
        !Files.isWritable(file.toAbsolutePath().getParent())
            && !Files.exists(file.resolveSibling(file.getFileName() + "-wal"));
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    config.setOpenMode(org.sqlite.SQLiteOpenMode.OPEN_URI);
    config.setBusyTimeout(30_000);
    String uri =
        "file:"
            + PercentEncoding.encodePath(file.toAbsolutePath().toString().replace('\\', '/'))
            + (immutable ? "?immutable=1" : "?mode=ro");
    try {
      return DriverManager.getConnection("jdbc:sqlite:" + uri, config.toProperties());
    } catch (SQLException e) {
      throw unreadable(file, e);
    }
  }

  private void readColumns() {
    for (Map<String, @Nullable Object> row :
        query(
            "SELECT t.name AS table_name, c.name AS column_name FROM sqlite_master t"
                + " JOIN pragma_table_info(t.name) c WHERE t.type = 'table'")) {
      columns
          .computeIfAbsent(text(row, "table_name"), table -> new HashSet<>())
          .add(text(row, "column_name"));
    }
    List<String> missing = new ArrayList<>();
    require(missing, "registered_models", "name");
    require(missing, "model_versions", "name", "version", "source", "run_id", "status");
    require(missing, "model_versions", "current_stage");
    require(missing, "runs", "run_uuid", "artifact_uri");
    if (!missing.isEmpty()) {
      boolean none = missing.size() == 4 && missing.stream().noneMatch(m -> m.contains("."));
      throw RegistryErrors.unreadable(
          description(),
          "It lacks " + String.join(", ", missing) + schemaVersion() + ".",
          none || !columns.containsKey("alembic_version")
              ? "name the database of an MLflow store, often mlflow.db."
              : "bring it to a newer schema: mlflow db upgrade sqlite:///"
                  + file.getFileName()
                  + " (keep a copy).",
          null);
    }
  }

  private void require(List<String> missing, String table, String... names) {
    Set<String> present = columns.get(table);
    if (present == null) {
      if (!missing.contains("table " + table)) {
        missing.add("table " + table);
      }
      return;
    }
    for (String name : names) {
      if (!present.contains(name)) {
        missing.add("column " + table + "." + name);
      }
    }
  }

  private String schemaVersion() {
    if (!columns.containsKey("alembic_version")) {
      return " and was not made by MLflow";
    }
    List<Map<String, @Nullable Object>> rows = query("SELECT version_num FROM alembic_version");
    return rows.isEmpty() ? "" : " (schema " + text(rows.get(0), "version_num") + ")";
  }

  @Override
  public String description() {
    return "MLflow database " + file;
  }

  @Override
  public List<String> modelNames(String near) {
    List<String> names = new ArrayList<>();
    for (Map<String, @Nullable Object> row : select("registered_models", "name", "1 = 1")) {
      names.add(text(row, "name"));
    }
    return names.stream().sorted().toList();
  }

  @Override
  public Optional<RegisteredModel> model(String name) {
    if (select("registered_models", "name", "name = ?", name).isEmpty()) {
      return Optional.empty();
    }
    Map<String, Integer> aliases = new LinkedHashMap<>();
    if (columns.containsKey("registered_model_aliases")) {
      for (Map<String, @Nullable Object> row :
          select("registered_model_aliases", "alias, version", "name = ?", name)) {
        aliases.put(text(row, "alias"), number(row, "version"));
      }
    }
    return Optional.of(new RegisteredModel(name, aliases));
  }

  @Override
  public Optional<ModelVersion> version(String name, int version) {
    return versions(name).stream().filter(found -> found.version() == version).findFirst();
  }

  @Override
  public List<ModelVersion> versions(String name) {
    String storage =
        has("model_versions", "storage_location") ? "storage_location" : "NULL AS storage_location";
    List<ModelVersion> versions = new ArrayList<>();
    for (Map<String, @Nullable Object> row :
        select(
            "model_versions",
            "version, current_stage, status, source, run_id, " + storage,
            "name = ? AND lower(coalesce(current_stage, 'None')) <> 'deleted_internal'"
                + " ORDER BY CAST(version AS INTEGER)",
            name)) {
      versions.add(
          new ModelVersion(
              name,
              number(row, "version"),
              Optional.ofNullable(optional(row, "current_stage")).orElse("None"),
              Optional.ofNullable(optional(row, "status")).orElse("READY"),
              Optional.ofNullable(optional(row, "source")).orElse(""),
              optional(row, "storage_location"),
              optional(row, "run_id"),
              null));
    }
    return versions;
  }

  @Override
  public Optional<LoggedModel> loggedModel(String modelId) {
    return loggedModels("model_id = ?", modelId).stream().findFirst();
  }

  @Override
  public List<LoggedModel> loggedModels(String runId) {
    return loggedModels("source_run_id = ?", runId);
  }

  private List<LoggedModel> loggedModels(String condition, String value) {
    if (!columns.containsKey("logged_models")) {
      return List.of();
    }
    List<LoggedModel> models = new ArrayList<>();
    for (Map<String, @Nullable Object> row :
        query(
            "SELECT model_id, name, artifact_location, status, source_run_id FROM logged_models"
                + " WHERE coalesce(lifecycle_stage, 'active') <> 'deleted' AND "
                + condition
                + " ORDER BY creation_timestamp_ms DESC, model_id",
            value)) {
      int status = number(row, "status");
      models.add(
          new LoggedModel(
              text(row, "model_id"),
              text(row, "name"),
              text(row, "artifact_location"),
              status >= 0 && status < LOGGED_MODEL_STATUS.size()
                  ? LOGGED_MODEL_STATUS.get(status)
                  : "status " + status,
              optional(row, "source_run_id")));
    }
    return models;
  }

  @Override
  public Optional<Run> run(String runId) {
    return query("SELECT artifact_uri FROM runs WHERE run_uuid = ?", runId).stream()
        .findFirst()
        .map(row -> new Run(runId, text(row, "artifact_uri")));
  }

  @Override
  public synchronized void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw unreadable(file, e);
    }
  }

  private boolean has(String table, String column) {
    return columns.getOrDefault(table, Set.of()).contains(column);
  }

  /** Rows of a registry table; of the chosen workspace where the schema knows workspaces. */
  private List<Map<String, @Nullable Object>> select(
      String table, String what, String condition, String... values) {
    List<String> all = new ArrayList<>();
    String inWorkspace = "";
    if (has(table, "workspace")) {
      inWorkspace = "workspace = ? AND ";
      all.add(workspace);
    }
    all.addAll(List.of(values));
    return query(
        "SELECT " + what + " FROM " + table + " WHERE " + inWorkspace + condition,
        all.toArray(new String[0]));
  }

  /** The SQL is ours, every value is bound. */
  private synchronized List<Map<String, @Nullable Object>> query(String sql, String... values) {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setString(i + 1, values[i]);
      }
      List<Map<String, @Nullable Object>> rows = new ArrayList<>();
      try (ResultSet result = statement.executeQuery()) {
        int count = result.getMetaData().getColumnCount();
        while (result.next()) {
          Map<String, @Nullable Object> row = new LinkedHashMap<>();
          for (int i = 1; i <= count; i++) {
            row.put(
                result.getMetaData().getColumnLabel(i).toLowerCase(Locale.ROOT),
                result.getObject(i));
          }
          rows.add(row);
        }
      }
      return rows;
    } catch (SQLException e) {
      throw unreadable(file, e);
    }
  }

  private static @Nullable String optional(Map<String, @Nullable Object> row, String column) {
    Object value = row.get(column);
    String text = value == null ? "" : value.toString();
    return text.isEmpty() ? null : text;
  }

  private static String text(Map<String, @Nullable Object> row, String column) {
    Object value = row.get(column);
    return value == null ? "" : value.toString();
  }

  private static int number(Map<String, @Nullable Object> row, String column) {
    Object value = row.get(column);
    return value instanceof Number number ? number.intValue() : Integer.parseInt(text(row, column));
  }

  private static ScorebatchException unreadable(Path file, SQLException e) {
    return RegistryErrors.unreadable(
        "MLflow database " + file,
        "SQLite says: " + e.getMessage() + ".",
        "check that the file is an SQLite database, that it may be read, and that no job holds a"
            + " lock on it.",
        e);
  }
}
