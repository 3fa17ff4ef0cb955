package io.scorebatch.registry.mlflow;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where the files of models can come from. Thread-safe. */
interface ArtifactSource extends AutoCloseable {
  /** Whether this source understands the location at all. */
  boolean handles(ArtifactLocation location);

  /**
   * Finds the model's folder and brings it to this machine; otherwise notes each place it tried.
   *
   * @param pinned what the location belongs to
   */
  Optional<Place> find(ArtifactLocation location, Pinned pinned, List<String> tried);

  @Override
  default void close() {}

  /**
   * @param folder local, with an MLmodel file
   * @param source where it came from, for results
   */
  record Place(Path folder, String source) {}
}
