package io.scorebatch.registry.mlflow;

import io.scorebatch.remote.HttpService;
import java.util.List;
import java.util.Optional;

/** Files that the model registry of a Databricks workspace hands out for registered versions. */
final class RegisteredArtifacts implements ArtifactSource {
  private final HttpService server;
  private final DownloadCache cache;

  RegisteredArtifacts(HttpService server, DownloadCache cache) {
    this.server = server;
    this.cache = cache;
  }

  @Override
  public boolean handles(ArtifactLocation location) {
    return true;
  }

  @Override
  public Optional<Place> find(ArtifactLocation location, Pinned pinned, List<String> tried) {
    if (pinned.version().isEmpty()) {
      tried.add(location + " (only files of registered versions are handed out)");
      return Optional.empty();
    }
    RemoteFolder folder = new RegisteredFolder(server, pinned.name(), pinned.version().getAsInt());
    return RemoteModel.at(folder, tried)
        .map(model -> new Place(cache.fetch(model), location + " by " + server.description()));
  }
}
