package io.scorebatch.registry.mlflow;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can go wrong when a model is registered. */
final class PublishErrors {
  private PublishErrors() {}

  static ScorebatchException nameInvalid(String name, String why) {
    return ScorebatchException.of(
        ErrorCode.MODEL_URI_INVALID,
        "'" + name + "' cannot be the name of a registered model.",
        why,
        "choose a name such as churn or main.ml.churn.");
  }

  static ScorebatchException aliasInvalid(String alias, String why) {
    return ScorebatchException.of(
        ErrorCode.MODEL_URI_INVALID,
        "'" + alias + "' cannot be an alias.",
        why,
        "choose letters, digits, '_' and '-', for example champion.");
  }

  static ScorebatchException noModel(String folder) {
    return ScorebatchException.of(
        ErrorCode.MODEL_ARTIFACT_MISSING,
        "There is no MLmodel file in '" + folder + "'.",
        "Only whole MLflow models are registered.",
        "name the folder that holds the MLmodel file.");
  }

  static ScorebatchException unwritable(
      String registry, String why, String fix, @Nullable Throwable cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.REGISTRY_NOT_WRITABLE,
            "The model cannot be registered in the " + registry + ".",
            why,
            fix),
        cause);
  }

  static ScorebatchException unknownSchema(String registry, String revision, List<String> known) {
    return unwritable(
        registry,
        "Its schema is revision '"
            + revision
            + "'; known are those of MLflow 2.4 to 3.17, the newest '"
            + known.get(known.size() - 1)
            + "'. Writing to an unknown schema could damage it.",
        "register through an MLflow server on that database (mlflow server --backend-store-uri …),"
            + " or use a newer Scorebatch.",
        null);
  }

  static ScorebatchException foreignArtifacts(String registry, String location) {
    return unwritable(
        registry,
        "It keeps its files at '" + location + "', where this machine cannot write them.",
        "register through the MLflow server that owns these files: http(s)://host:port.",
        null);
  }

  static ScorebatchException notOffered(String registry) {
    return unwritable(
        registry,
        "A model with look-ups is registered there together with what the platform knows of its"
            + " feature tables, which only the platform's own client can tell.",
        "register in an MLflow server, a local store or an open source Unity Catalog; or train and"
            + " log it with the platform's client.",
        null);
  }

  static ScorebatchException leftWaiting(
      String registry, String name, int version, ScorebatchException cause) {
    return unwritable(
        registry,
        "Version "
            + version
            + " of '"
            + name
            + "' was made and waits for its files, which could not be stored: "
            + cause.problem().what()
            + " "
            + cause.problem().why(),
        cause.problem().fix() + " Then register again; nobody is given the version that waits.",
        cause);
  }

  static ScorebatchException aliasNotSet(
      String registry, String name, int version, String alias, Throwable cause) {
    return unwritable(
        registry,
        "Version "
            + version
            + " of '"
            + name
            + "' is registered, but the alias '"
            + alias
            + "' could not be set: "
            + cause.getMessage(),
        "set the alias with the registry's own tools, or leave --alias out; the version stays.",
        cause);
  }
}
