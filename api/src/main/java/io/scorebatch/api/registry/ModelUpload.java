package io.scorebatch.api.registry;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A model to register. Immutable.
 *
 * @param name registered name; three parts in a Unity Catalog
 * @param folder local folder with the MLmodel file; only read
 * @param alias alias to point at the version; it may point at another one before
 * @param description what the version is, for people
 * @param tags by key
 */
public record ModelUpload(
    String name,
    Path folder,
    Optional<String> alias,
    Optional<String> description,
    Map<String, String> tags) {
  public ModelUpload {
    requireNonNull(name, "name is null");
    requireNonNull(folder, "folder is null");
    requireNonNull(alias, "alias is null");
    requireNonNull(description, "description is null");
    tags = Map.copyOf(tags);
  }
}
