package io.scorebatch.registry.mlflow;

import io.scorebatch.registry.mlflow.RemoteFolder.RemoteFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds the folder with the file {@code MLmodel} on a server, as {@link ModelFolder} on a disk. */
final class RemoteModel {
  private static final String MARKER = "MLmodel";

  private RemoteModel() {}

  /**
   * The folder itself or the only folder in it that holds a model; otherwise notes what is there.
   */
  static Optional<RemoteFolder> at(RemoteFolder folder, List<String> tried) {
    List<RemoteFile> files = folder.list("");
    if (isModel(files)) {
      return Optional.of(folder);
    }
    List<RemoteFolder> below = new ArrayList<>();
    for (RemoteFile file : files) {
      if (file.directory() && isModel(folder.list(file.path()))) {
        below.add(new SubFolder(folder, file.path()));
      }
    }
    if (below.size() == 1) {
      return Optional.of(below.get(0));
    }
    List<String> names =
        files.stream().map(file -> file.path() + (file.directory() ? "/" : "")).sorted().toList();
    tried.add(
        folder.description()
            + " (holds "
            + (names.isEmpty() ? "nothing" : RegistryErrors.listed(names))
            + ")");
    return Optional.empty();
  }

  private static boolean isModel(List<RemoteFile> files) {
    return files.stream()
        .anyMatch(
            file ->
                !file.directory()
                    && file.path().substring(file.path().lastIndexOf('/') + 1).equals(MARKER));
  }
}
