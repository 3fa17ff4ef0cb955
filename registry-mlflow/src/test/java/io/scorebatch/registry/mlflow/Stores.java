package io.scorebatch.registry.mlflow;

import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The committed stores, copied to where a test may change them. */
final class Stores {
  private Stores() {}

  /** Copies a store and gives the folder that holds it. */
  static Path copy(String name, Path into) {
    Path from = Fixtures.root().resolve("registry-mlflow/src/test/fixtures").resolve(name);
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Path to = into.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(to);
        } else {
          Files.copy(path, to);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return into;
  }

  static RegistrySettings settings(Path folder) {
    return RegistrySettings.of(folder, folder.resolve("cache")).withEnvironment(Map.of());
  }

  static List<String> names() {
    return List.of("sqlite-2.22.1", "sqlite-3.17.2", "file-2.22.1", "file-3.17.2");
  }
}
