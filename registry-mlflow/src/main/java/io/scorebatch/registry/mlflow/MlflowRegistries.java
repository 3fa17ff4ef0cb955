package io.scorebatch.registry.mlflow;

import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.remote.Patience;
import io.scorebatch.remote.PercentEncoding;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Opens MLflow registries by their URI.
 *
 * <table>
 * <caption>Forms</caption>
 * <tr><td>{@code sqlite:///relative.db}, {@code sqlite:////absolute.db}, a path to such a file</td>
 * <td>the database of a local store; opened read-only</td></tr>
 * <tr><td>a folder, {@code file:} URI or path</td><td>in this order: the {@code mlflow.db} in it;
 * the file store it is; the file store {@code mlruns} in it; where it only holds artifacts, the
 * {@code mlflow.db} beside it</td></tr>
 * <tr><td>{@code http://host:5000}, {@code https://…}</td><td>an MLflow server; see {@link
 * RegistrySettings#environment()} for credentials and TLS</td></tr>
 * <tr><td>{@code uc:http://host:8080}</td><td>an open source Unity Catalog, with the token of {@code
 * MLFLOW_UC_OSS_TOKEN}</td></tr>
 * <tr><td>{@code databricks-uc}, {@code databricks-uc://profile}</td><td>the Unity Catalog of a
 * Databricks workspace</td></tr>
 * <tr><td>{@code databricks}, {@code databricks://profile}</td><td>the older model registry of a
 * Databricks workspace</td></tr>
 * </table>
 *
 * <p>One registry answers everything: names, versions, runs and where files are. What else the
 * environment names is not asked, and {@link ModelRegistry#description()} says so.
 */
public final class MlflowRegistries {
  static final String FORMS =
      "name a folder (./mlruns), sqlite:///mlflow.db, http(s)://host:port of an MLflow server,"
          + " uc:http://host:port, or databricks-uc.";

  private static final String REGISTRY = "MLFLOW_REGISTRY_URI";
  private static final String TRACKING = "MLFLOW_TRACKING_URI";
  private static final Pattern RELATIVE_DATABASE =
      Pattern.compile("sqlite:///([^/?:].*)", Pattern.DOTALL);

  private MlflowRegistries() {}

  /**
   * The registry that the environment names: {@code MLFLOW_REGISTRY_URI}, otherwise {@code
   * MLFLOW_TRACKING_URI}, otherwise the store in the base folder.
   *
   * @throws io.scorebatch.api.error.ScorebatchException as {@link #open(String, RegistrySettings)}
   */
  public static ModelRegistry openDefault(RegistrySettings settings) {
    String tracking = settings.variable(TRACKING, settings.baseFolder().toString());
    return open(settings.variable(REGISTRY, tracking), settings);
  }

  /**
   * Opens a registry. The caller closes it.
   *
   * @throws io.scorebatch.api.error.ScorebatchException where the URI has none of the forms, or the
   *     store cannot be read
   */
  public static ModelRegistry open(String registryUri, RegistrySettings settings) {
    return open(registryUri, note(registryUri, settings), settings);
  }

  /**
   * The same registry, named in a way that does not depend on a folder.
   *
   * @param folder what a relative path in it starts from
   */
  public static String absolute(String registryUri, Path folder) {
    String uri = registryUri.strip();
    if (uri.isEmpty() || uri.matches("databricks(-uc)?")) {
      return uri;
    }
    Matcher relative = RELATIVE_DATABASE.matcher(uri);
    if (relative.matches()) {
      String base = folder.toString().replace("%", "%25").replace("?", "%3F");
      return "sqlite:///" + base + "/" + relative.group(1);
    }
    try {
      boolean path = ArtifactLocation.of(uri).scheme().isEmpty();
      return path ? folder.resolve(uri).normalize().toString() : uri;
    } catch (InvalidPathException e) {
      return uri; // told when it is opened
    }
  }

  /** Which variables name the registry, and which name another one. */
  private static String note(String uri, RegistrySettings settings) {
    List<String> notes = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (String variable : List.of(REGISTRY, TRACKING)) {
      String named = settings.variable(variable, "");
      if (named.isEmpty()) {
        continue;
      }
      boolean same =
          absolute(named, settings.baseFolder()).equals(absolute(uri, settings.baseFolder()));
      if (!same) {
        others.add(variable + " names another store and is not used");
      } else if (notes.isEmpty()) {
        notes.add(variable);
      }
    }
    notes.addAll(others);
    return notes.isEmpty() ? "" : " (" + String.join("; ", notes) + ")";
  }

  private static ModelRegistry open(String registryUri, String note, RegistrySettings settings) {
    String uri = registryUri.strip();
    ArtifactLocation location = ArtifactLocation.of(uri);
    String scheme = uri.matches("databricks(-uc)?") ? uri : location.scheme();
    try {
      if (scheme.equals("sqlite")) {
        return sqlite(settings.baseFolder().resolve(sqlitePath(uri)), note, settings);
      }
      if (!uri.isEmpty() && (scheme.isEmpty() || scheme.equals("file"))) {
        return folder(settings.baseFolder().resolve(location.pathText()), uri, note, settings);
      }
    } catch (InvalidPathException e) {
      throw RegistryErrors.registryUriInvalid(uri, e.getMessage() + ".", FORMS);
    }
    if (scheme.equals("http") || scheme.equals("https")) {
      return MlflowServer.open(uri, note, settings);
    }
    if (scheme.equals("uc")) {
      return UnityCatalogs.openSource(uri, note, settings);
    }
    if (scheme.equals("databricks-uc")) {
      return UnityCatalogs.databricks(uri, note, settings);
    }
    if (scheme.equals("databricks")) {
      return UnityCatalogs.workspace(uri, note, settings);
    }
    if (scheme.matches("(postgresql|mysql|mssql)([+].*)?")) {
      throw RegistryErrors.registryUriInvalid(
          scheme + "://…",
          "Scorebatch does not connect to the database of an MLflow server.",
          "name the server itself: http(s)://host:port (mlflow server --backend-store-uri …).");
    }
    throw RegistryErrors.registryUriInvalid(uri, "It has none of the forms known.", FORMS);
  }

  /** As SQLAlchemy reads it: three slashes for a relative path, four for an absolute one. */
  static String sqlitePath(String uri) {
    String rest = uri.substring("sqlite:".length());
    int query = rest.indexOf('?');
    String path = query < 0 ? rest : rest.substring(0, query);
    if (!path.startsWith("///") || path.length() == 3 || path.equals("///:memory:")) {
      throw RegistryErrors.registryUriInvalid(
          uri, "It names no file.", "write sqlite:///relative.db or sqlite:////absolute.db.");
    }
    return PercentEncoding.decode(path.substring(3));
  }

  private static ModelRegistry folder(
      Path given, String uri, String note, RegistrySettings settings) {
    Path folder = given.toAbsolutePath().normalize();
    if (Files.isRegularFile(folder)) {
      return sqlite(folder, note, settings);
    }
    if (Files.isRegularFile(folder.resolve("mlflow.db"))) {
      return sqlite(folder.resolve("mlflow.db"), note, settings);
    }
    if (FileStore.isAt(folder)) {
      return fileStore(folder, note, settings);
    }
    if (FileStore.isAt(folder.resolve("mlruns"))) {
      return fileStore(folder.resolve("mlruns"), note, settings);
    }
    if (Files.isDirectory(folder) && Files.isRegularFile(folder.resolveSibling("mlflow.db"))) {
      return sqlite(folder.resolveSibling("mlflow.db"), note, settings);
    }
    throw RegistryErrors.registryUriInvalid(
        uri,
        Files.isDirectory(folder)
            ? "Folder "
                + folder
                + " holds "
                + LocalFolders.holds(folder)
                + "; neither an mlflow.db nor the folders of an MLflow file store."
            : "There is no folder " + folder + "; " + LocalFolders.whatExists(folder) + ".",
        FORMS);
  }

  private static ModelRegistry sqlite(Path file, String note, RegistrySettings settings) {
    Path database = file.toAbsolutePath().normalize();
    SqliteStore store =
        SqliteStore.open(database, settings.variable("MLFLOW_WORKSPACE", "default"));
    return new StoreRegistry(
        store,
        store.description() + note,
        settings.baseFolder(),
        sources(List.of(database.resolveSibling("")), settings));
  }

  private static ModelRegistry fileStore(Path root, String note, RegistrySettings settings) {
    FileStore store = new FileStore(root);
    List<Path> folders = new ArrayList<>(List.of(root));
    if (root.getParent() != null) {
      folders.add(root.getParent());
    }
    return new StoreRegistry(
        store, store.description() + note, settings.baseFolder(), sources(folders, settings));
  }

  /** A local store may keep its files on an object store. */
  private static List<ArtifactSource> sources(List<Path> folders, RegistrySettings settings) {
    Patience patience = Patience.of(settings.variables());
    DownloadCache cache = DownloadCache.of(settings, patience);
    return List.of(new LocalArtifacts(folders), new S3Artifacts(settings, patience, cache));
  }
}
