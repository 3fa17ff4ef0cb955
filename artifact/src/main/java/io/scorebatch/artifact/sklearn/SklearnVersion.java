package io.scorebatch.artifact.sklearn;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A scikit-learn release. Immutable.
 *
 * @param minor of {@code 1.minor}
 * @param text as the file has it
 */
record SklearnVersion(int minor, String text) {
  private static final Pattern FORM = Pattern.compile("1\\.(\\d{1,2})(\\D.*)?");
  private static final int OLDEST = 0;
  private static final int NEWEST = 9;

  /** Parses what {@code _sklearn_version} says; refuses what is not 1.0 to 1.9. */
  static SklearnVersion parse(String text) {
    Matcher match = FORM.matcher(text);
    if (!match.matches()) {
      throw SklearnErrors.version(text);
    }
    int minor = Integer.parseInt(match.group(1));
    if (minor < OLDEST || minor > NEWEST) {
      throw SklearnErrors.version(text);
    }
    return new SklearnVersion(minor, text);
  }

  /** Whether it is release 1.{@code minor} or later. */
  boolean since(int release) {
    return minor >= release;
  }
}
