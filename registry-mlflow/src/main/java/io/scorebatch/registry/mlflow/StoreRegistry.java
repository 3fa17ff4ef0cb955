package io.scorebatch.registry.mlflow;

import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.registry.RegisteredVersions;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.registry.mlflow.ArtifactSource.Place;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A registry: a store that knows where files are, and the sources files can come from. */
final class StoreRegistry implements ModelRegistry {
  private final ModelStore store;
  private final String description;
  private final Path baseFolder;
  private final List<ArtifactSource> sources;

  /**
   * @param baseFolder what plain paths start from
   * @param sources in the order they are asked
   */
  StoreRegistry(
      ModelStore store, String description, Path baseFolder, List<ArtifactSource> sources) {
    this.store = store;
    this.description = description;
    this.baseFolder = baseFolder;
    this.sources = List.copyOf(sources);
  }

  @Override
  public ResolvedModel resolve(String uri) {
    ModelUri parsed = ModelUri.parse(uri);
    Pinned pinned = parsed.pin(store);
    List<String> tried = new ArrayList<>();
    Place place =
        (parsed instanceof ModelUri.Folder ? plain(pinned, tried) : stored(pinned, tried))
            .orElseThrow(() -> RegistryErrors.artifactsMissing(uri, pinned, tried));
    return new ResolvedModel(
        uri,
        pinned.name(),
        pinned.version(),
        place.folder(),
        place.source(),
        pinned.runId(),
        pinned.modelId());
  }

  private Optional<Place> stored(Pinned pinned, List<String> tried) {
    for (ArtifactLocation location : pinned.locations()) {
      boolean known = false;
      for (ArtifactSource source : sources) {
        if (source.handles(location)) {
          known = true;
          Optional<Place> place = source.find(location, pinned, tried);
          if (place.isPresent()) {
            return place;
          }
        }
      }
      if (!known) {
        tried.add(location + " (this registry cannot read " + location.scheme() + ": locations)");
      }
    }
    return Optional.empty();
  }

  /** What a person names is there or not; it is not looked for elsewhere. */
  private Optional<Place> plain(Pinned pinned, List<String> tried) {
    ArtifactLocation location = pinned.locations().get(0);
    if (location.scheme().equals("s3")) {
      return stored(pinned, tried);
    }
    ArtifactLocation from =
        location.scheme().isEmpty()
            ? ArtifactLocation.of(baseFolder.resolve(location.root()).toString())
            : location;
    return new LocalArtifacts(List.of()).find(from, pinned, tried);
  }

  @Override
  public Optional<RegisteredVersions> versions(String name) {
    return store
        .model(name)
        .map(
            model ->
                new RegisteredVersions(
                    store.versions(name).stream().map(ModelStore.ModelVersion::version).toList(),
                    model.aliases()));
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public void close() {
    sources.forEach(ArtifactSource::close);
    store.close();
  }
}
