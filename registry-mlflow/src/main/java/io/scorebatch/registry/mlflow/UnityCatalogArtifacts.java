package io.scorebatch.registry.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.remote.HttpService;
import io.scorebatch.remote.ObjectStore;
import io.scorebatch.remote.Patience;
import io.scorebatch.remote.S3Access;
import io.scorebatch.remote.S3Location;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Files of model versions in a Unity Catalog, read with temporary credentials that it hands out:
 * from S3 directly; where Databricks keeps the files in its own storage or in another cloud,
 * through addresses that it signs.
 */
final class UnityCatalogArtifacts implements ArtifactSource {
  private final HttpService server;
  private final UnityCatalogStore store;
  private final boolean databricks;
  private final RegistrySettings settings;
  private final Patience patience;
  private final DownloadCache cache;

  /**
   * @param databricks whether the server signs addresses of files
   */
  UnityCatalogArtifacts(
      HttpService server,
      UnityCatalogStore store,
      boolean databricks,
      RegistrySettings settings,
      Patience patience,
      DownloadCache cache) {
    this.server = server;
    this.store = store;
    this.databricks = databricks;
    this.settings = settings;
    this.patience = patience;
    this.cache = cache;
  }

  @Override
  public boolean handles(ArtifactLocation location) {
    return !location.scheme().isEmpty() && !location.scheme().equals("file");
  }

  @Override
  public Optional<Place> find(ArtifactLocation location, Pinned pinned, List<String> tried) {
    if (pinned.version().isEmpty()) {
      tried.add(location + " (only files of registered versions are handed out)");
      return Optional.empty();
    }
    int version = pinned.version().getAsInt();
    JsonNode given = store.temporaryCredentials(pinned.name(), version, "READ_MODEL_VERSION");
    Optional<S3Access> access =
        location.scheme().matches("s3a?")
                && given != null
                && !given.path("storage_mode").asText("").equals("DEFAULT_STORAGE")
            ? access(given, server, settings)
            : Optional.empty();
    if (access.isPresent()) {
      try (ObjectStore files =
          ObjectStore.open(
              access.get(),
              patience,
              ErrorCode.REGISTRY_UNREADABLE,
              ErrorCode.REGISTRY_NOT_WRITABLE)) {
        return fetch(new S3Folder(files, S3Location.of(location.toString())), location, tried);
      }
    }
    if (databricks) {
      return fetch(new SignedFolder(server, pinned.name(), version), location, tried);
    }
    List<String> kinds = new ArrayList<>();
    if (given != null) {
      given.fieldNames().forEachRemaining(kinds::add);
    }
    tried.add(
        location
            + " (the server hands out no credentials for it that can be used here: "
            + (kinds.isEmpty() ? "none" : RegistryErrors.listed(kinds))
            + ")");
    return Optional.empty();
  }

  /** S3 with the temporary credentials of an answer; empty where it has none for S3. */
  static Optional<S3Access> access(JsonNode given, HttpService server, RegistrySettings settings) {
    JsonNode aws = given.path("aws_temp_credentials");
    return aws.hasNonNull("access_key_id")
        ? Optional.of(
            S3Access.temporary(
                settings.variables(),
                "the temporary credentials of the " + server.description(),
                aws.path("access_key_id").asText(""),
                aws.path("secret_access_key").asText(""),
                aws.path("session_token").asText("")))
        : Optional.empty();
  }

  private Optional<Place> fetch(
      RemoteFolder folder, ArtifactLocation location, List<String> tried) {
    return RemoteModel.at(folder, tried)
        .map(model -> new Place(cache.fetch(model), location + " by " + server.description()));
  }
}
