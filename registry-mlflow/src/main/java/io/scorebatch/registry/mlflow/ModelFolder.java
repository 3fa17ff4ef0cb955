package io.scorebatch.registry.mlflow;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The folder of a model: the one with the file {@code MLmodel}. */
final class ModelFolder {
  private static final String MARKER = "MLmodel";

  private ModelFolder() {}

  /**
   * The model's folder at or right beside the place named: the folder itself, the folder of a file
   * in it, or the only folder in it that holds a model.
   */
  static Optional<Path> at(Path place) {
    Path folder = place.toAbsolutePath().normalize();
    if (Files.isRegularFile(folder)) {
      Path parent = folder.getParent();
      return parent != null && isModel(parent) ? Optional.of(parent) : Optional.empty();
    }
    if (isModel(folder)) {
      return Optional.of(folder);
    }
    List<Path> below = models(folder);
    return below.size() == 1 ? Optional.of(below.get(0)) : Optional.empty();
  }

  /** For a message: what is at a place instead of a model. */
  static String instead(Path place) {
    Path folder = place.toAbsolutePath().normalize();
    if (Files.isRegularFile(folder)) {
      return folder + " (a file without an MLmodel beside it)";
    }
    if (!Files.isDirectory(folder)) {
      return folder + " (does not exist; " + LocalFolders.whatExists(folder) + ")";
    }
    List<Path> below = models(folder);
    if (below.size() > 1) {
      List<String> names = below.stream().map(path -> path.getFileName().toString()).toList();
      return folder
          + " (holds "
          + below.size()
          + " models: "
          + RegistryErrors.listed(names)
          + "; name one)";
    }
    return folder + " (holds " + LocalFolders.holds(folder) + ")";
  }

  private static boolean isModel(Path folder) {
    return Files.isRegularFile(folder.resolve(MARKER));
  }

  private static List<Path> models(Path folder) {
    return LocalFolders.folders(folder).stream().filter(ModelFolder::isModel).toList();
  }
}
