package io.scorebatch.artifact;

import io.scorebatch.api.error.ScorebatchException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A folder whose files name each other. No name leads out of it: neither {@code ..}, nor an
 * absolute path, nor a link. Immutable.
 *
 * @param root the folder, absolute and normalised
 * @param real the same without links
 */
record ArtifactFolder(Path root, Path real) {
  private static final int NAMES_SHOWN = 20;

  /**
   * The folder with the MLmodel file: the given one, or its only child.
   *
   * @throws ScorebatchException naming what lies there instead
   */
  static ArtifactFolder withMlModel(Path given) {
    Path folder = given.toAbsolutePath().normalize();
    if (Files.isRegularFile(folder)) {
      Path parent = folder.getParent();
      if (!folder.endsWith("MLmodel") || parent == null) {
        throw ArtifactErrors.notAFolder(folder);
      }
      folder = parent;
    }
    if (!Files.isDirectory(folder)) {
      throw ArtifactErrors.missingFolder(folder, namesAround(folder));
    }
    if (Files.isRegularFile(folder.resolve("MLmodel"))) {
      return of(folder);
    }
    List<Path> children =
        children(folder).stream().filter(c -> !c.getFileName().toString().startsWith(".")).toList();
    if (children.size() == 1 && Files.isRegularFile(children.get(0).resolve("MLmodel"))) {
      return of(children.get(0));
    }
    throw ArtifactErrors.noMlModel(folder, names(folder));
  }

  static ArtifactFolder of(Path root) {
    try {
      return new ArtifactFolder(root.toAbsolutePath().normalize(), root.toRealPath());
    } catch (IOException e) {
      throw ArtifactErrors.unreadable(root, e);
    }
  }

  /**
   * The file or folder of a name that a file in this folder holds.
   *
   * @throws ScorebatchException where the name leads out of the folder or to nothing
   */
  Path resolve(String name) {
    Path path;
    try {
      path = root.resolve(name).normalize();
    } catch (InvalidPathException e) {
      throw ArtifactErrors.pathEscapes(root, name);
    }
    if (name.isBlank() || Path.of(name).isAbsolute() || !path.startsWith(root)) {
      throw ArtifactErrors.pathEscapes(root, name);
    }
    if (!Files.exists(path)) {
      Path parent = path.getParent();
      Path shown = parent != null && Files.isDirectory(parent) ? parent : root;
      throw ArtifactErrors.missingFile(root, name, shown, names(shown));
    }
    checkInside(path);
    return path;
  }

  /** The folder of that name; as {@link #resolve}. */
  ArtifactFolder folder(String name) {
    Path path = resolve(name);
    if (!Files.isDirectory(path)) {
      throw ArtifactErrors.notAFolder(path);
    }
    return of(path);
  }

  /** The file of that name, where there is one. */
  Optional<Path> find(String name) {
    return Files.isRegularFile(root.resolve(name)) ? Optional.of(resolve(name)) : Optional.empty();
  }

  /** Fails where links lead out of the folder. */
  void checkInside(Path path) {
    try {
      if (!path.toRealPath().startsWith(real)) {
        throw ArtifactErrors.pathEscapes(root, relativeName(path));
      }
    } catch (FileSystemException e) {
      throw ArtifactErrors.pathEscapes(root, relativeName(path));
    } catch (IOException e) {
      throw ArtifactErrors.unreadable(path, e);
    }
  }

  /** Path below the root, parts joined with {@code /} on every system. */
  String relativeName(Path path) {
    return StreamSupport.stream(root.relativize(path).spliterator(), false)
        .map(Path::toString)
        .collect(Collectors.joining("/"));
  }

  /** A file as text. */
  static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (MalformedInputException e) {
      throw ArtifactErrors.notText(file);
    } catch (IOException e) {
      throw ArtifactErrors.unreadable(file, e);
    }
  }

  /** Up to 20 names in a folder, folders with a slash. */
  static List<String> names(Path folder) {
    List<String> names = new ArrayList<>();
    for (Path child : children(folder)) {
      if (names.size() == NAMES_SHOWN) {
        names.add("…");
        break;
      }
      names.add(child.getFileName() + (Files.isDirectory(child) ? "/" : ""));
    }
    return names;
  }

  private static List<String> namesAround(Path missing) {
    Path parent = missing.toAbsolutePath().getParent();
    return parent != null && Files.isDirectory(parent) ? names(parent) : List.of();
  }

  private static List<Path> children(Path folder) {
    try (Stream<Path> list = Files.list(folder)) {
      return list.sorted().toList();
    } catch (IOException e) {
      throw ArtifactErrors.unreadable(folder, e);
    }
  }
}
