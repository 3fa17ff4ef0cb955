package io.scorebatch.artifact.pickle;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The exact names a pickle may use, from {@code globals.txt}: never a prefix, as packages of
 * well-known libraries hold functions that run code. Thread-safe.
 */
public final class GlobalNames {
  private static final Set<String> ALLOWED = load();

  private GlobalNames() {}

  /** Whether a class or function may be named; it stays inert all the same. */
  public static boolean allowed(String name) {
    return ALLOWED.contains(name);
  }

  private static Set<String> load() {
    try (InputStream in = GlobalNames.class.getResourceAsStream("globals.txt")) {
      if (in == null) {
        throw new IllegalStateException("globals.txt is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .collect(Collectors.toUnmodifiableSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
