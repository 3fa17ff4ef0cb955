package io.scorebatch.remote;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Map;

/**
 * What a process was started with. Immutable.
 *
 * @param baseFolder what relative paths start from
 * @param variables the environment variables; values of secrets never reach a message
 */
public record Environment(Path baseFolder, Map<String, String> variables) {
  public Environment {
    requireNonNull(baseFolder, "baseFolder is null");
    variables = Map.copyOf(variables);
  }

  /** A variable that is set and not blank; otherwise the default. */
  public String variable(String name, String otherwise) {
    String value = variables.get(name);
    return value == null || value.isBlank() ? otherwise : value.strip();
  }

  /** Names only: values may be secrets. */
  @Override
  public String toString() {
    return "Environment[baseFolder=" + baseFolder + ", variables=" + variables.keySet() + "]";
  }
}
