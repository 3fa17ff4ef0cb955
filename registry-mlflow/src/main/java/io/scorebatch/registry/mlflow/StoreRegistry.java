package io.scorebatch.registry.mlflow;

import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.registry.ResolvedModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A registry: a store that knows where files are, and the places files can come from. */
final class StoreRegistry implements ModelRegistry {
  private final ModelStore store;
  private final String description;
  private final Path baseFolder;
  private final LocalArtifacts local;

  StoreRegistry(ModelStore store, String description, Path baseFolder, LocalArtifacts local) {
    this.store = store;
    this.description = description;
    this.baseFolder = baseFolder;
    this.local = local;
  }

  @Override
  public ResolvedModel resolve(String uri) {
    ModelUri parsed = ModelUri.parse(uri);
    Pinned pinned = parsed.pin(store);
    LocalArtifacts places =
        parsed instanceof ModelUri.Folder ? new LocalArtifacts(List.of()) : local;
    List<String> tried = new ArrayList<>();
    for (ArtifactLocation location : pinned.locations()) {
      ArtifactLocation from = parsed instanceof ModelUri.Folder ? absolute(location) : location;
      Optional<LocalArtifacts.Found> found = places.find(from, tried);
      if (found.isPresent()) {
        Path folder = found.get().folder();
        String source =
            found.get().moved() ? location + " (moved to " + folder + ")" : location.toString();
        return new ResolvedModel(
            uri, pinned.name(), pinned.version(), folder, source, pinned.runId(), pinned.modelId());
      }
    }
    throw RegistryErrors.artifactsMissing(uri, pinned, tried);
  }

  private ArtifactLocation absolute(ArtifactLocation location) {
    return location.scheme().isEmpty()
        ? ArtifactLocation.of(baseFolder.resolve(location.root()).toString())
        : location;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public void close() {
    store.close();
  }
}
