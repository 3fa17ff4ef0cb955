package io.scorebatch.testing;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the files are that Python libraries wrote for our tests. Each folder has a README. */
public final class Fixtures {
  private Fixtures() {}

  /** The root of the checkout. */
  public static Path root() {
    String root = System.getProperty("scorebatch.root");
    if (root == null) {
      throw new IllegalStateException("system property scorebatch.root is not set; run with Maven");
    }
    return Path.of(root);
  }

  /** A file or folder under {@code testing/fixtures}. */
  public static Path fixture(String relative) {
    Path path = root().resolve("testing/fixtures").resolve(relative);
    if (!Files.exists(path)) {
      throw new IllegalStateException("no fixture at " + path);
    }
    return path;
  }
}
