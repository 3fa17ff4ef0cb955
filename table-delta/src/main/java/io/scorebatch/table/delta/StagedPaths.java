package io.scorebatch.table.delta;

import io.scorebatch.api.table.StagedFile;
import java.nio.file.Path;

/** Staged files' places in the folder they are staged in. */
final class StagedPaths {
  private StagedPaths() {}

  /** With slashes, whatever the system's own separator is. */
  static String relative(Path staging, StagedFile file) {
    Path path = file.file().toAbsolutePath().normalize();
    return staging.relativize(path).toString().replace('\\', '/');
  }
}
