package io.scorebatch.cli;

import io.scorebatch.client.Connections;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of commands that may start Python. */
final class PythonOptions {
  @Option(
      names = "--python",
      paramLabel = "PATH",
      description =
          "Interpreter with mlflow and the model's packages (environment: SCOREBATCH_PYTHON;"
              + " default: python3).")
  private @Nullable String python;

  @Option(
      names = "--allow-python",
      description =
          "Let Python load models; runs code that their files contain (environment:"
              + " SCOREBATCH_PYTHON_ALLOW=allow).")
  private boolean allowPython;

  Connections apply(Connections connections) {
    return connections.withPython(
        connections.python().orAllowed(allowPython).withInterpreter(python));
  }
}
