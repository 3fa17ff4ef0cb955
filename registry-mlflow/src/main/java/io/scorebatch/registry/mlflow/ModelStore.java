package io.scorebatch.registry.mlflow;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a registry knows about its models, whatever it keeps it in. Reads only; thread-safe.
 *
 * <p>Deleted versions are left out of every answer, as MLflow does.
 */
interface ModelStore extends AutoCloseable {
  /** Which store this is, for messages; holds no secrets. */
  String description();

  /**
   * Registered names, sorted.
   *
   * @param near a name that was asked for; large registries tell those of its schema only
   */
  List<String> modelNames(String near);

  /** Where {@link #modelNames} looked, for messages: {@code there}, {@code in schema main.ml}. */
  default String namesPlace(String near) {
    return "there";
  }

  Optional<RegisteredModel> model(String name);

  Optional<ModelVersion> version(String name, int version);

  /** All versions, the lowest first; empty where the model does not exist or has none. */
  List<ModelVersion> versions(String name);

  /** A model of MLflow 3 by its id {@code m-…}, registered or not. */
  Optional<LoggedModel> loggedModel(String modelId);

  Optional<Run> run(String runId);

  /** The models of MLflow 3 that a run logged, the newest first. */
  List<LoggedModel> loggedModels(String runId);

  @Override
  void close();

  /**
   * @param aliases version of each alias
   */
  record RegisteredModel(String name, Map<String, Integer> aliases) {
    public RegisteredModel {
      aliases = Map.copyOf(aliases);
    }
  }

  /**
   * @param stage {@code None}, {@code Staging}, {@code Production} or {@code Archived}
   * @param status {@code READY}, {@code PENDING_REGISTRATION} or {@code FAILED_REGISTRATION}
   * @param source where the version was registered from, as the client wrote it
   * @param storageLocation where its files are; null in stores that only know the source
   */
  record ModelVersion(
      String name,
      int version,
      String stage,
      String status,
      String source,
      @Nullable String storageLocation,
      @Nullable String runId,
      @Nullable String modelId) {
    boolean ready() {
      return status.equals("READY");
    }
  }

  /**
   * @param status {@code READY}, {@code PENDING}, {@code FAILED}, {@code UPLOAD_FAILED} or {@code
   *     UNSPECIFIED}
   */
  record LoggedModel(
      String id, String name, String artifactLocation, String status, @Nullable String runId) {
    /** Whether its files may be incomplete. */
    boolean unfinished() {
      return status.contains("PENDING") || status.contains("FAILED");
    }
  }

  /**
   * @param artifactLocation folder of the run's files
   */
  record Run(String id, String artifactLocation) {}
}
