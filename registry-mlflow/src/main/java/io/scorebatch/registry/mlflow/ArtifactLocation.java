package io.scorebatch.registry.mlflow;

import io.scorebatch.remote.PercentEncoding;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where files of a model are, as a store writes it: a plain path or a URI.
 *
 * @param root as stored
 * @param path below it, with {@code /}; empty for the root itself
 */
record ArtifactLocation(String root, String path) {
  // One letter before the colon is a Windows drive, not a scheme.
  private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):.*");

  static ArtifactLocation of(String root) {
    return new ArtifactLocation(root, "");
  }

  /** Lower case; the empty string for a plain path. */
  String scheme() {
    Matcher matcher = SCHEME.matcher(root);
    return matcher.matches() ? matcher.group(1).toLowerCase(Locale.ROOT) : "";
  }

  /** The path of a plain path, {@code file:} or {@code mlflow-artifacts:} location, decoded. */
  String pathText() {
    String text = root;
    if (!scheme().isEmpty()) {
      text = root.substring(scheme().length() + 1);
      if (text.startsWith("//")) {
        int slash = text.indexOf('/', 2);
        text = slash < 0 ? "/" : text.substring(slash);
      }
      text = PercentEncoding.decode(text);
      // file:///C:/models
      if (text.matches("/[A-Za-z]:[/\\\\].*")) {
        text = text.substring(1);
      }
    }
    return path.isEmpty() ? text : text + (text.endsWith("/") ? "" : "/") + path;
  }

  @Override
  public String toString() {
    return path.isEmpty() ? root : root + (root.endsWith("/") ? "" : "/") + path;
  }
}
