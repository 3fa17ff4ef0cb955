package io.scorebatch.client;

import java.nio.file.Path;

/** Where this program keeps files between runs. */
final class Caches {
  private Caches() {}

  /** {@code SCOREBATCH_CACHE}, else {@code scorebatch} in the user's cache folder. */
  static Path folder() {
    String set = System.getenv("SCOREBATCH_CACHE");
    if (set != null && !set.isBlank()) {
      return Path.of(set);
    }
    return Path.of(System.getProperty("user.home", "."), ".cache", "scorebatch");
  }
}
