package io.scorebatch.registry.mlflow;

import io.scorebatch.testing.Fixtures;
import io.scorebatch.testing.PythonEnvironment;
import io.scorebatch.testing.ServerProcess;
import java.nio.file.Path;
import java.util.Map;

/** MLflow servers with the models of {@code write_store.py}. */
final class MlflowStores {
  private MlflowStores() {}

  static Path python(String name) {
    return Fixtures.root().resolve("registry-mlflow/src/test/python").resolve(name);
  }

  static PythonEnvironment environment(Class<?> test) {
    return PythonEnvironment.require(python("requirements-mlflow3.txt"), test);
  }

  /** Starts a server in an empty folder and logs the models to it. */
  static ServerProcess start(
      PythonEnvironment python, Path folder, Map<String, String> variables, String... options) {
    ServerProcess server = ServerProcess.mlflow(python, folder, variables, options);
    try {
      python.run(
          variables,
          python("write_store.py"),
          server.address(),
          folder.resolve("client").toString());
      return server;
    } catch (RuntimeException | AssertionError e) {
      server.close();
      throw e;
    }
  }
}
