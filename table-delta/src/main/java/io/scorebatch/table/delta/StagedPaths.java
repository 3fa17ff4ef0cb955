package io.scorebatch.table.delta;

import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Staged files' places in the folder they are staged in. */
final class StagedPaths {
  private StagedPaths() {}

  /** With slashes, whatever the system's own separator is. */
  static String relative(Path staging, StagedFile file) {
    Path path = file.file().toAbsolutePath().normalize();
    return staging.relativize(path).toString().replace('\\', '/');
  }

  /** The folder, made if need be. */
  static Path make(TableName table, Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw TableErrors.notWritable(table, "Folder " + folder + " cannot be made: " + e, e);
    }
    if (!Files.isWritable(folder)) {
      throw TableErrors.notWritable(table, "Folder " + folder + " does not let us write.", null);
    }
    return folder;
  }
}
