package io.scorebatch.model.python;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How Python scores, and whether it may: loading a model with Python runs code that the model's
 * files contain. Immutable.
 *
 * @param allowed whether Python may be started at all
 * @param interpreter a path, or a name to be found on the {@code PATH}; its packages must hold
 *     mlflow (or mlflow-skinny), pandas, pyarrow and what the model needs
 * @param workers most processes a scorer runs at once, at least 1
 * @param restarts how often a scorer replaces a process that died
 * @param startTimeout how long a process may take to load the model
 * @param blockTimeout how long a process may take for a block of rows
 */
public record PythonSettings(
    boolean allowed,
    String interpreter,
    int workers,
    int restarts,
    Duration startTimeout,
    Duration blockTimeout) {
  /** System property: {@code allow} lets Python score. */
  public static final String ALLOW_PROPERTY = "scorebatch.python";

  /** System property: the interpreter. */
  public static final String INTERPRETER_PROPERTY = "scorebatch.python.interpreter";

  /** System property: most processes a scorer runs at once. */
  public static final String WORKERS_PROPERTY = "scorebatch.python.workers";

  /** System property: seconds a process may take for a block. */
  public static final String TIMEOUT_PROPERTY = "scorebatch.python.timeout";

  /** Environment variable: {@code allow}, {@code true}, {@code yes} or {@code 1} lets it score. */
  public static final String ALLOW_VARIABLE = "SCOREBATCH_PYTHON_ALLOW";

  /** Environment variable: the interpreter. */
  public static final String INTERPRETER_VARIABLE = "SCOREBATCH_PYTHON";

  private static final Set<String> YES = Set.of("allow", "true", "yes", "1");

  public PythonSettings {
    requireNonNull(interpreter, "interpreter is null");
    requireNonNull(startTimeout, "startTimeout is null");
    requireNonNull(blockTimeout, "blockTimeout is null");
    if (workers < 1 || restarts < 0) {
      throw new IllegalArgumentException("workers: " + workers + ", restarts: " + restarts);
    }
  }

  /** Python may score with this interpreter; the other settings have their usual values. */
  public static PythonSettings allow(String interpreter) {
    return new PythonSettings(
        true,
        interpreter,
        Math.min(4, Runtime.getRuntime().availableProcessors()),
        3,
        Duration.ofMinutes(5),
        Duration.ofMinutes(5));
  }

  /** What system properties say, then what environment variables say; off where neither does. */
  public static PythonSettings fromEnvironment() {
    return from(System::getProperty, System.getenv());
  }

  static PythonSettings from(
      Function<String, @Nullable String> properties, Map<String, String> environment) {
    String allow = first(properties.apply(ALLOW_PROPERTY), environment.get(ALLOW_VARIABLE), "no");
    String interpreter =
        first(
            properties.apply(INTERPRETER_PROPERTY),
            environment.get(INTERPRETER_VARIABLE),
            "python3");
    PythonSettings usual = allow(interpreter);
    return new PythonSettings(
        YES.contains(allow.strip().toLowerCase(Locale.ROOT)),
        interpreter,
        (int) number(properties, WORKERS_PROPERTY, usual.workers()),
        usual.restarts(),
        usual.startTimeout(),
        Duration.ofSeconds(number(properties, TIMEOUT_PROPERTY, usual.blockTimeout().toSeconds())));
  }

  private static long number(
      Function<String, @Nullable String> properties, String name, long usual) {
    String text = properties.apply(name);
    if (text == null) {
      return usual;
    }
    try {
      long value = Long.parseLong(text.strip());
      if (value >= 1 && value <= Integer.MAX_VALUE) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Told below, as a number that is out of range is.
    }
    throw PythonErrors.settingInvalid(name, text);
  }

  private static String first(
      @Nullable String property, @Nullable String variable, String otherwise) {
    if (property != null && !property.isBlank()) {
      return property;
    }
    return variable != null && !variable.isBlank() ? variable : otherwise;
  }
}
