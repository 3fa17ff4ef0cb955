package io.scorebatch.registry.mlflow;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.registry.ModelPublisher;
import io.scorebatch.remote.HttpSettings;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Opens registries for writing, by the URIs of {@link MlflowRegistries}: databases, file stores,
 * MLflow servers and open source Unity Catalogs. A folder that does not exist or is empty becomes a
 * file store. Registries of Databricks are refused.
 */
public final class MlflowPublishers {
  private MlflowPublishers() {}

  /**
   * Opens a registry. The caller closes it.
   *
   * @throws io.scorebatch.api.error.ScorebatchException where the URI has none of the forms, or
   *     nothing can be registered there
   */
  public static ModelPublisher open(String registryUri, RegistrySettings settings) {
    String uri = registryUri.strip();
    ArtifactLocation location = ArtifactLocation.of(uri);
    String scheme = uri.matches("databricks(-uc)?") ? uri : location.scheme();
    try {
      if (scheme.equals("sqlite")) {
        return sqlite(settings.baseFolder().resolve(MlflowRegistries.sqlitePath(uri)), settings);
      }
      if (!uri.isEmpty() && (scheme.isEmpty() || scheme.equals("file"))) {
        return folder(settings.baseFolder().resolve(location.pathText()), uri, settings);
      }
    } catch (InvalidPathException e) {
      throw RegistryErrors.registryUriInvalid(uri, e.getMessage() + ".", MlflowRegistries.FORMS);
    }
    HttpSettings http = HttpSettings.of(settings.variables(), ErrorCode.REGISTRY_UNREADABLE);
    return switch (scheme) {
      case "http", "https" ->
          new ServerPublisher(MlflowServer.service(uri, http, settings), settings, http.patience());
      case "uc" ->
          new UnityCatalogPublisher(
              UnityCatalogs.openSourceService(uri, http, settings), settings, http.patience());
      case "databricks", "databricks-uc" ->
          throw PublishErrors.notOffered("model registry of Databricks");
      default ->
          throw RegistryErrors.registryUriInvalid(
              scheme.isEmpty() ? uri : scheme + ":…",
              "It has none of the forms known.",
              MlflowRegistries.FORMS);
    };
  }

  private static ModelPublisher sqlite(Path file, RegistrySettings settings) {
    return new SqlitePublisher(
        file.toAbsolutePath().normalize(), settings.variable("MLFLOW_WORKSPACE", "default"));
  }

  private static ModelPublisher folder(Path given, String uri, RegistrySettings settings) {
    Path folder = given.toAbsolutePath().normalize();
    if (Files.isRegularFile(folder)) {
      return sqlite(folder, settings);
    }
    if (Files.isRegularFile(folder.resolve("mlflow.db"))) {
      return sqlite(folder.resolve("mlflow.db"), settings);
    }
    if (FileStore.isAt(folder)) {
      return new FilePublisher(folder);
    }
    if (FileStore.isAt(folder.resolve("mlruns"))) {
      return new FilePublisher(folder.resolve("mlruns"));
    }
    if (Files.isDirectory(folder) && Files.isRegularFile(folder.resolveSibling("mlflow.db"))) {
      return sqlite(folder.resolveSibling("mlflow.db"), settings);
    }
    if (LocalFolders.names(folder).isEmpty()) {
      return new FilePublisher(folder);
    }
    throw RegistryErrors.registryUriInvalid(
        uri,
        "Folder " + folder + " holds " + LocalFolders.holds(folder) + ", which is no MLflow store.",
        MlflowRegistries.FORMS);
  }
}
