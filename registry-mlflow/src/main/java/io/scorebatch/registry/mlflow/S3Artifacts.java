package io.scorebatch.registry.mlflow;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.remote.ObjectStore;
import io.scorebatch.remote.Patience;
import io.scorebatch.remote.S3Access;
import io.scorebatch.remote.S3Location;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Files on S3, or on a store that speaks like it, read with this machine's own credentials. */
final class S3Artifacts implements ArtifactSource {
  private final RegistrySettings settings;
  private final Patience patience;
  private final DownloadCache cache;
  private @Nullable ObjectStore store;

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
    RemoteFolder folder = new S3Folder(store(), S3Location.of(location.toString()));
    return RemoteModel.at(folder, tried)
        .map(model -> new Place(cache.fetch(model), location.toString()));
  }

  /** Made on first use: most stores need none. */
  private synchronized ObjectStore store() {
    if (store == null) {
      store =
          ObjectStore.open(
              S3Access.of(settings.variables()),
              patience,
              ErrorCode.REGISTRY_UNREADABLE,
              ErrorCode.REGISTRY_NOT_WRITABLE);
    }
    return store;
  }

  @Override
  public synchronized void close() {
    if (store != null) {
      store.close();
    }
  }
}
