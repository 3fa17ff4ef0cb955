package io.scorebatch.client;

import static java.util.Objects.requireNonNull;

import io.scorebatch.model.python.PythonSettings;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether Python may be started to score models that only it can, and which Python. Loading a model
 * with it runs code that the model's files contain. Immutable.
 *
 * @param allowed whether it may be started
 * @param interpreter a path or a name on the {@code PATH}; empty for what the environment says
 */
public record Python(boolean allowed, Optional<String> interpreter) {
  public Python {
    requireNonNull(interpreter, "interpreter is null");
  }

  /**
   * What the environment says: {@code SCOREBATCH_PYTHON_ALLOW=allow} lets it start, {@code
   * SCOREBATCH_PYTHON} names the interpreter; otherwise it is off.
   */
  public static Python fromEnvironment() {
    return new Python(PythonSettings.fromEnvironment().allowed(), Optional.empty());
  }

  /** The same, allowed where {@code more} is true. */
  public Python orAllowed(boolean more) {
    return new Python(allowed || more, interpreter);
  }

  /** The same with another interpreter, where one is given. */
  public Python withInterpreter(@Nullable String value) {
    return value == null ? this : new Python(allowed, Optional.of(value));
  }

  PythonSettings settings() {
    PythonSettings usual = PythonSettings.fromEnvironment();
    return new PythonSettings(
        allowed,
        interpreter.orElse(usual.interpreter()),
        usual.workers(),
        usual.restarts(),
        usual.startTimeout(),
        usual.blockTimeout());
  }
}
