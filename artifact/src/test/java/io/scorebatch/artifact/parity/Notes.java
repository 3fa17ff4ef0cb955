package io.scorebatch.artifact.parity;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A committed list of what is not as it should be: a line each of a pattern of model files, a kind
 * of output (or {@code *} for the whole model) and a reason.
 */
final class Notes {
  private record Line(String pattern, String kind, String message) {
    boolean matches(String id, String wanted) {
      return kind.equals(wanted)
          && FileSystems.getDefault().getPathMatcher("glob:" + pattern).matches(Path.of(id));
    }

    @Override
    public String toString() {
      return pattern + " | " + kind + " | " + message;
    }
  }

  private final List<Line> lines = new ArrayList<>();
  private final Set<Line> met = new LinkedHashSet<>();

  Notes(String file) {
    try (InputStream in = Notes.class.getResourceAsStream(file)) {
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> line.split(" \\| ", 3))
          .forEach(p -> lines.add(new Line(p[0].strip(), p[1].strip(), p[2].strip())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The reason noted for a file and kind; empty where all must be well. */
  synchronized Optional<String> expected(String id, String kind) {
    for (Line line : lines) {
      if (line.matches(id, kind)) {
        met.add(line);
        return Optional.of(line.message());
      }
    }
    return Optional.empty();
  }

  /** Lines that no file met: they must go. */
  synchronized List<String> unmet() {
    return lines.stream().filter(line -> !met.contains(line)).map(Line::toString).toList();
  }
}
