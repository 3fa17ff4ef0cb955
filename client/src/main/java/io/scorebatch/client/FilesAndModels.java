package io.scorebatch.client;

import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.registry.RegisteredVersions;
import io.scorebatch.api.registry.ResolvedModel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A registry beside single model files: what names a file is that file, all else is asked of the
 * registry. Thread-safe as the registry is.
 */
final class FilesAndModels implements ModelRegistry {
  private final ModelRegistry registry;
  private final Path folder;

  /**
   * @param folder the folder relative paths start from
   */
  FilesAndModels(ModelRegistry registry, Path folder) {
    this.registry = registry;
    this.folder = folder;
  }

  @Override
  public ResolvedModel resolve(String uri) {
    Path file = path(uri);
    if (file == null || !Files.isRegularFile(file)) {
      return registry.resolve(uri);
    }
    return new ResolvedModel(
        uri, String.valueOf(file.getFileName()), OptionalInt.empty(), file, uri, null, null);
  }

  private @Nullable Path path(String uri) {
    try {
      return folder.resolve(uri).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      return null; // the registry says what is wrong with it
    }
  }

  @Override
  public Optional<RegisteredVersions> versions(String name) {
    return registry.versions(name);
  }

  @Override
  public String description() {
    return registry.description();
  }

  @Override
  public void close() {
    registry.close();
  }
}
