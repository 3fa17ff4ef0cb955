package io.scorebatch.registry.mlflow;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What is on the disk, for finding a model and for saying what is there instead. */
final class LocalFolders {
  private LocalFolders() {}

  /** Names in a folder, sorted; folders end with {@code /}. Empty where it cannot be read. */
  static List<String> names(Path folder) {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
      for (Path child : children) {
        names.add(child.getFileName() + (Files.isDirectory(child) ? "/" : ""));
      }
    } catch (IOException e) {
      return List.of();
    }
    return names.stream().sorted().toList();
  }

  /** Folders in a folder, sorted by name; empty where it is none. */
  static List<Path> folders(Path folder) {
    return names(folder).stream()
        .filter(name -> name.endsWith("/"))
        .map(name -> folder.resolve(name.substring(0, name.length() - 1)))
        .toList();
  }

  /** For a message: the nearest folder that does exist, and its first names. */
  static String whatExists(Path missing) {
    Path folder = missing.toAbsolutePath().normalize();
    while (folder != null && !Files.isDirectory(folder)) {
      folder = folder.getParent();
    }
    return folder == null ? "no folder above it exists" : folder + " holds " + holds(folder);
  }

  /** For a message: the first names in a folder. */
  static String holds(Path folder) {
    List<String> names = names(folder);
    return names.isEmpty() ? "nothing" : RegistryErrors.listed(names);
  }
}
