package io.scorebatch.registry.mlflow;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;

/** Files on S3, or on a store that speaks like it, read with this machine's own credentials. */
final class S3Artifacts implements ArtifactSource {
  private final RegistrySettings settings;
  private final Patience patience;
  private final DownloadCache cache;
  private @Nullable S3Client client;
  private String access = "";

  S3Artifacts(RegistrySettings settings, Patience patience, DownloadCache cache) {
    this.settings = settings;
    this.patience = patience;
    this.cache = cache;
  }

  @Override
  public boolean handles(ArtifactLocation location) {
    return location.scheme().matches("s3a?");
  }

  @Override
  public Optional<Place> find(ArtifactLocation location, Pinned pinned, List<String> tried) {
    RemoteFolder folder = S3Folder.of(client(), location, access);
    return RemoteModel.at(folder, tried)
        .map(model -> new Place(cache.fetch(model), location.toString()));
  }

  /** Made on first use: most stores need none. */
  private synchronized S3Client client() {
    if (client == null) {
      S3Access who = S3Access.of(settings);
      access = who.description();
      client = who.client(patience.timeout());
    }
    return client;
  }

  @Override
  public synchronized void close() {
    if (client != null) {
      client.close();
    }
  }
}
