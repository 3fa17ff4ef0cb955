package io.scorebatch.api.registry;

import java.util.Optional;

/**
 * Finds registered models. Thread-safe.
 *
 * <p>URIs: {@code models:/name/3}, {@code models:/name@alias}, {@code models:/name/latest} (the
 * numerically highest version), {@code models:/name/Production} (a stage), {@code models:/m-<id>},
 * {@code runs:/<run>/<path>}, or a plain path. Names may have three parts ({@code
 * catalog.schema.model}).
 */
public interface ModelRegistry extends AutoCloseable {
  /**
   * Resolves a URI to a version and a local folder. What an alias pointed at is decided here, once.
   *
   * @throws io.scorebatch.api.error.ScorebatchException with what was tried and what exists
   */
  ResolvedModel resolve(String uri);

  /** Versions and aliases of a registered name; empty where the registry knows no such name. */
  default Optional<RegisteredVersions> versions(String name) {
    return Optional.empty();
  }

  /** Which registry this is, for messages and results; holds no secrets. */
  String description();

  @Override
  void close();
}
