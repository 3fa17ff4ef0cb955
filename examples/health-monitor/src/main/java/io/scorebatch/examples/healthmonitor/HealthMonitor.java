package io.scorebatch.examples.healthmonitor;

import io.scorebatch.client.Connections;
import io.scorebatch.client.FeatureEngineeringClient;
import io.scorebatch.client.TableDefinition;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Writes the reference workload to a folder: an MLflow store with the 25 trained models, the
 * feature tables in full size as Delta, the pipeline file and the analysts' queries.
 */
public final class HealthMonitor {
  /** The folder in which {@code train.py} made the store; paths in the store start with it. */
  private static final String TRAINED_IN = "/srv/health-monitor/";

  /** Columns of the store that hold paths. */
  private static final Map<String, List<String>> PATH_COLUMNS =
      Map.of(
          "experiments", List.of("artifact_location"),
          "runs", List.of("artifact_uri"),
          "logged_models", List.of("artifact_location"),
          "model_versions", List.of("storage_location", "source"));

  /** The analysts' queries of the domain COST. */
  public static final List<String> COST_QUERIES =
      List.of("todays_worst_cost_anomalies.sql", "anomalies_with_actual_cost.sql");

  /** The analysts' queries, in the order in which they are shown. */
  public static final List<String> QUERIES =
      List.of(
          "todays_worst_cost_anomalies.sql",
          "anomalies_with_actual_cost.sql",
          "anomalies_with_failing_jobs.sql");

  /** Tables of more rows are left out of the small edition. */
  private static final int SMALL_TABLE = 20_000;

  private HealthMonitor() {}

  /**
   * Writes everything to a folder, which is made if need be. What is there already is replaced;
   * tables get a new version.
   *
   * @param folder where
   * @param progress receives a line for each thing written
   * @return the pipeline file
   */
  public static Path write(Path folder, Consumer<String> progress) {
    return write(folder, Integer.MAX_VALUE, progress);
  }

  /**
   * Like {@link #write}, without the two tables of hundreds of thousands of rows: enough for the
   * models of the domains COST and QUALITY.
   */
  public static Path writeSmall(Path folder, Consumer<String> progress) {
    return write(folder, SMALL_TABLE, progress);
  }

  private static Path write(Path folder, int rowsAtMost, Consumer<String> progress) {
    Path root = folder.toAbsolutePath().normalize();
    try {
      Files.createDirectories(root.resolve("queries"));
      copy("manifest.json", root.resolve("manifest.json"));
      copy("pipeline.yaml", root.resolve("pipeline.yaml"));
      for (String query : QUERIES) {
        copy("queries/" + query, root.resolve("queries").resolve(query));
      }
      unpackRegistry(root);
      progress.accept("registry  " + root.resolve("mlflow.db"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the example to " + root, e);
    }
    writeTables(root, rowsAtMost, progress);
    return root.resolve("pipeline.yaml");
  }

  private static void writeTables(Path root, int rowsAtMost, Consumer<String> progress) {
    Connections connections =
        Connections.fromEnvironment().withFolder(root).withTables("warehouse");
    try (FeatureEngineeringClient client = FeatureEngineeringClient.connect(connections)) {
      for (Map<String, Object> table : tables()) {
        if (!(table.get("rows") instanceof Integer size) || size > rowsAtMost) {
          continue;
        }
        Map<String, String> comments = new LinkedHashMap<>();
        map(table.get("columns")).forEach((k, v) -> comments.put(k, String.valueOf(v)));
        TableDefinition definition =
            new TableDefinition(
                String.valueOf(table.get("name")),
                list(table.get("primary_key")),
                null,
                String.valueOf(table.get("comment")),
                comments);
        long rows = client.createTable(definition, resource("generator/" + table.get("sql")));
        progress.accept(
            String.format(
                java.util.Locale.ROOT, "table     %s  %,d rows", definition.name(), rows));
      }
    }
  }

  private static List<Map<String, Object>> tables() {
    Object root =
        new Load(LoadSettings.builder().build()).loadFromString(resource("generator/tables.yaml"));
    List<?> entries = (List<?>) map(root).get("tables");
    if (entries == null) {
      throw new IllegalStateException("tables.yaml has no tables");
    }
    return entries.stream().map(HealthMonitor::map).toList();
  }

  private static Map<String, Object> map(@Nullable Object node) {
    Map<String, Object> map = new LinkedHashMap<>();
    ((Map<?, ?>) java.util.Objects.requireNonNull(node))
        .forEach((k, v) -> map.put(String.valueOf(k), v));
    return map;
  }

  private static List<String> list(@Nullable Object node) {
    return ((List<?>) java.util.Objects.requireNonNull(node))
        .stream().map(String::valueOf).toList();
  }

  private static void unpackRegistry(Path root) throws IOException {
    try (InputStream in = open("registry.zip");
        ZipInputStream zip = new ZipInputStream(in, StandardCharsets.UTF_8)) {
      ZipEntry entry;
      while ((entry = zip.getNextEntry()) != null) {
        Path target = root.resolve(entry.getName()).normalize();
        if (!target.startsWith(root)) {
          throw new IOException("entry " + entry.getName() + " leaves the folder");
        }
        if (entry.isDirectory()) {
          Files.createDirectories(target);
        } else {
          Files.createDirectories(target.getParent());
          Files.copy(zip, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    moveStore(root);
  }

  /** Lets the store's paths start with the folder it now lies in, so that MLflow opens it too. */
  private static void moveStore(Path root) throws IOException {
    String here = root + "/";
    try (Connection db = DriverManager.getConnection("jdbc:sqlite:" + root.resolve("mlflow.db"))) {
      db.setAutoCommit(false);
      for (Map.Entry<String, List<String>> table : PATH_COLUMNS.entrySet()) {
        for (String column : table.getValue()) {
          String update =
              "UPDATE "
                  + table.getKey()
                  + " SET "
                  + column
                  + " = ? || substr("
                  + column
                  + ", ?)"
                  + " WHERE substr("
                  + column
                  + ", 1, ?) = ?";
          try (PreparedStatement statement = db.prepareStatement(update)) {
            statement.setString(1, here);
            statement.setInt(2, TRAINED_IN.length() + 1);
            statement.setInt(3, TRAINED_IN.length());
            statement.setString(4, TRAINED_IN);
            statement.executeUpdate();
          }
        }
      }
      db.commit();
    } catch (SQLException e) {
      throw new IOException("cannot move the store to " + root, e);
    }
  }

  private static void copy(String resource, Path target) throws IOException {
    try (InputStream in = open(resource)) {
      Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static String resource(String name) {
    try (InputStream in = open(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String name) {
    InputStream in = HealthMonitor.class.getResourceAsStream(name);
    if (in == null) {
      throw new IllegalStateException("resource " + name + " is missing");
    }
    return in;
  }
}
