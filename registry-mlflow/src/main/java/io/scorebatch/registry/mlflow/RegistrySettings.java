package io.scorebatch.registry.mlflow;

import static java.util.Objects.requireNonNull;

import io.scorebatch.remote.Environment;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a registry needs to know about this machine. Immutable.
 *
 * @param baseFolder what relative paths and {@code sqlite:///relative.db} start from
 * @param cacheFolder where downloaded models are kept; made on first use
 * @param environment the environment variables. Honoured are, for servers: {@code
 *     MLFLOW_TRACKING_USERNAME} and {@code MLFLOW_TRACKING_PASSWORD} (or {@code
 *     ~/.mlflow/credentials}), {@code MLFLOW_TRACKING_TOKEN}, {@code MLFLOW_TRACKING_INSECURE_TLS},
 *     {@code MLFLOW_TRACKING_SERVER_CERT_PATH}, {@code MLFLOW_HTTP_REQUEST_TIMEOUT}, {@code
 *     MLFLOW_HTTP_REQUEST_MAX_RETRIES}, {@code MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR}, {@code
 *     MLFLOW_WORKSPACE}. Values of secrets never reach a message.
 * @param maxDownloadBytes the most one model may weigh, where {@code SCOREBATCH_MAX_MODEL_BYTES}
 *     does not say; larger ones are refused before their download starts. All together may weigh
 *     {@code SCOREBATCH_MODEL_CACHE_BYTES} (default 64 GiB)
 */
public record RegistrySettings(
    Path baseFolder, Path cacheFolder, Map<String, String> environment, long maxDownloadBytes) {
  private static final long DEFAULT_MAX_DOWNLOAD_BYTES = 4L << 30;

  public RegistrySettings {
    requireNonNull(baseFolder, "baseFolder is null");
    requireNonNull(cacheFolder, "cacheFolder is null");
    environment = Map.copyOf(environment);
    if (maxDownloadBytes < 1) {
      throw new IllegalArgumentException("maxDownloadBytes is " + maxDownloadBytes);
    }
  }

  /** Settings of this process: its environment variables, downloads of up to 4 GiB a model. */
  public static RegistrySettings of(Path baseFolder, Path cacheFolder) {
    return new RegistrySettings(
        baseFolder, cacheFolder, System.getenv(), DEFAULT_MAX_DOWNLOAD_BYTES);
  }

  /** These settings with other environment variables. */
  public RegistrySettings withEnvironment(Map<String, String> variables) {
    return new RegistrySettings(baseFolder, cacheFolder, variables, maxDownloadBytes);
  }

  /** These settings with another bound on the size of one model. */
  public RegistrySettings withMaxDownloadBytes(long bytes) {
    return new RegistrySettings(baseFolder, cacheFolder, environment, bytes);
  }

  /** A number of bytes that a variable sets; otherwise the default. */
  long bytes(String variable, long otherwise) {
    String value = variable(variable, Long.toString(otherwise));
    if (!value.matches("[0-9]{1,18}")) {
      throw RegistryErrors.settingInvalid(variable, value);
    }
    return Long.parseLong(value);
  }

  /** What other rooms need of them. */
  Environment variables() {
    return new Environment(baseFolder, environment);
  }

  /** A variable that is set and not blank; otherwise the default. */
  String variable(String name, String otherwise) {
    return variables().variable(name, otherwise);
  }
}
