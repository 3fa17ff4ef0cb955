package io.scorebatch.registry.mlflow;

import io.scorebatch.remote.HttpService;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Files that an MLflow server hands out: what it keeps for its clients ({@code mlflow-artifacts:}),
 * and, for locations that this machine does not reach, what it reads itself from wherever it lies.
 */
final class ServedArtifacts implements ArtifactSource {
  private final HttpService server;
  private final ModelStore store;
  private final DownloadCache cache;

  ServedArtifacts(HttpService server, ModelStore store, DownloadCache cache) {
    this.server = server;
    this.store = store;
    this.cache = cache;
  }

  @Override
  public boolean handles(ArtifactLocation location) {
    return true;
  }

  @Override
  public Optional<Place> find(ArtifactLocation location, Pinned pinned, List<String> tried) {
    List<RemoteFolder> folders = new ArrayList<>();
    if (location.scheme().equals("mlflow-artifacts")) {
      if (!isOurs(location)) {
        tried.add(location + " (kept by another server: name that one as the registry)");
        return Optional.empty();
      }
      folders.add(ServedFolder.proxied(server, location.pathText().replaceAll("^/+|/+$", "")));
    } else {
      if (pinned.modelId() != null && ModelUri.MODEL_ID.matcher(pinned.modelId()).matches()) {
        folders.add(ServedFolder.ofModel(server, pinned.modelId()));
      }
      inRun(location, pinned).ifPresent(folders::add);
      if (folders.isEmpty()) {
        tried.add(location + " (the server hands out files of runs and logged models only)");
      }
    }
    for (RemoteFolder folder : folders) {
      Optional<RemoteFolder> model = RemoteModel.at(folder, tried);
      if (model.isPresent()) {
        return Optional.of(
            new Place(cache.fetch(model.get()), location + " by " + server.description()));
      }
    }
    return Optional.empty();
  }

  /** A location in the folder of the pinned run. */
  private Optional<RemoteFolder> inRun(ArtifactLocation location, Pinned pinned) {
    if (pinned.runId() == null) {
      return Optional.empty();
    }
    String runId = pinned.runId();
    return store
        .run(runId)
        .map(run -> run.artifactLocation().replaceAll("/+$", "") + "/")
        .filter(root -> location.toString().startsWith(root))
        .map(
            root ->
                ServedFolder.ofRun(
                    server,
                    runId,
                    location.toString().substring(root.length()).replaceAll("/+$", "")));
  }

  private boolean isOurs(ArtifactLocation location) {
    String authority = authority(location.root());
    return authority.isEmpty() || authority.equals(authority(server.base()));
  }

  private static String authority(String uri) {
    try {
      String authority = URI.create(uri).getAuthority();
      return authority == null ? "" : authority;
    } catch (IllegalArgumentException e) {
      return "";
    }
  }
}
