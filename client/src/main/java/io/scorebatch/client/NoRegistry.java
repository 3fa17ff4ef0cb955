package io.scorebatch.client;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.registry.ResolvedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/** Stands where no registry was named: it finds models by plain path only. Thread-safe. */
final class NoRegistry implements ModelRegistry {
  private final Path base;

  /**
   * @param base the folder relative paths start from
   */
  NoRegistry(Path base) {
    this.base = base;
  }

  @Override
  public ResolvedModel resolve(String uri) {
    if (!uri.contains(":") && Files.exists(base.resolve(uri))) {
      Path folder = base.resolve(uri).toAbsolutePath().normalize();
      return new ResolvedModel(
          uri, String.valueOf(folder.getFileName()), OptionalInt.empty(), folder, uri, null, null);
    }
    throw ScorebatchException.of(
        ErrorCode.USAGE,
        "Model '" + uri + "' cannot be looked up: it is not said where the models are.",
        "",
        "give --registry URI, or set MLFLOW_REGISTRY_URI or MLFLOW_TRACKING_URI.");
  }

  @Override
  public String description() {
    return "none";
  }

  @Override
  public void close() {}
}
