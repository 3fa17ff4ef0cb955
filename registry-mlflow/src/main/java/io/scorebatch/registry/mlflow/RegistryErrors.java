package io.scorebatch.registry.mlflow;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.error.Suggestions;
import io.scorebatch.registry.mlflow.ModelStore.LoggedModel;
import io.scorebatch.registry.mlflow.ModelStore.ModelVersion;
import io.scorebatch.registry.mlflow.ModelStore.RegisteredModel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** All failures of finding a model, in three parts: what, why, fix. */
final class RegistryErrors {
  private static final int MOST_NAMES = 20;
  private static final String URI_FORMS =
      "write models:/name/3, models:/name@alias, models:/name/latest, models:/name/Production,"
          + " models:/m-<id>, runs:/<run id>/<path>, or a path.";

  private RegistryErrors() {}

  static ScorebatchException settingInvalid(String variable, String value) {
    return ScorebatchException.of(
        ErrorCode.USAGE,
        variable + " is '" + value + "'.",
        "That is no number of bytes.",
        "write a whole number, or unset it.");
  }

  static ScorebatchException uriInvalid(String uri, String why) {
    return ScorebatchException.of(
        ErrorCode.MODEL_URI_INVALID, "'" + uri + "' is no model URI.", why, URI_FORMS);
  }

  static ScorebatchException registryUriInvalid(String uri, String why, String fix) {
    return ScorebatchException.of(ErrorCode.USAGE, "'" + uri + "' is no model registry.", why, fix);
  }

  static ScorebatchException modelNotFound(String name, ModelStore store) {
    List<String> names = store.modelNames(name);
    String near = Suggestions.didYouMean(name, names);
    String why =
        names.isEmpty()
            ? "No model is registered " + store.namesPlace(name) + "."
            : counted(names.size(), "model")
                + " registered "
                + store.namesPlace(name)
                + ": "
                + listed(names)
                + ".";
    String fix = near.isEmpty() ? "register the model, or name the registry that holds it." : near;
    return ScorebatchException.of(
        ErrorCode.MODEL_NOT_FOUND,
        "Model '" + name + "' is not in the " + store.description() + ".",
        why,
        fix);
  }

  static ScorebatchException versionNotFound(String name, int version, ModelStore store) {
    List<ModelVersion> versions = store.versions(name);
    if (versions.isEmpty()) {
      return noVersions(name, store);
    }
    return ScorebatchException.of(
        ErrorCode.MODEL_VERSION_NOT_FOUND,
        "Model '" + name + "' has no version " + version + " in the " + store.description() + ".",
        "It has " + numbers(versions) + "; deleted versions do not count.",
        "ask for one of these, or for models:/" + name + "/latest.");
  }

  static ScorebatchException noVersions(String name, ModelStore store) {
    return ScorebatchException.of(
        ErrorCode.MODEL_VERSION_NOT_FOUND,
        "Model '" + name + "' has no versions in the " + store.description() + ".",
        "The name is registered, but no version was, or all were deleted.",
        "register a version of it.");
  }

  static ScorebatchException aliasNotFound(RegisteredModel model, String alias, ModelStore store) {
    List<String> aliases =
        new TreeMap<>(model.aliases())
            .entrySet().stream().map(e -> e.getKey() + " (version " + e.getValue() + ")").toList();
    String near = Suggestions.didYouMean(alias, model.aliases().keySet());
    return ScorebatchException.of(
        ErrorCode.MODEL_ALIAS_NOT_FOUND,
        "Model '"
            + model.name()
            + "' has no alias '"
            + alias
            + "' in the "
            + store.description()
            + ".",
        aliases.isEmpty() ? "It has no aliases." : "It has " + listed(aliases) + ".",
        near.isEmpty() ? "set the alias, or ask for a version: models:/name/3." : near);
  }

  static ScorebatchException stageNotFound(
      RegisteredModel model, String stage, List<ModelVersion> versions, ModelStore store) {
    List<String> stages = versions.stream().map(ModelVersion::stage).distinct().sorted().toList();
    String near = Suggestions.didYouMean(stage, stages);
    String why =
        versions.isEmpty()
            ? "It has no versions."
            : "Stages in use: " + listed(stages) + "; versions: " + numbers(versions) + ".";
    String fix =
        model.aliases().containsKey(stage)
            ? "'" + stage + "' is an alias: write models:/" + model.name() + "@" + stage + "."
            : near.isEmpty() ? "ask for a version, an alias or a stage in use." : near;
    return ScorebatchException.of(
        ErrorCode.MODEL_VERSION_NOT_FOUND,
        "Model '"
            + model.name()
            + "' has no version in stage '"
            + stage
            + "' in the "
            + store.description()
            + ".",
        why,
        fix);
  }

  static ScorebatchException versionNotReady(ModelVersion version, ModelStore store) {
    List<ModelVersion> ready =
        store.versions(version.name()).stream().filter(ModelVersion::ready).toList();
    return ScorebatchException.of(
        ErrorCode.MODEL_ARTIFACT_MISSING,
        "Version "
            + version.version()
            + " of model '"
            + version.name()
            + "' in the "
            + store.description()
            + " is "
            + version.status()
            + ", not READY.",
        "Its registration did not finish, so its files may be incomplete.",
        ready.isEmpty()
            ? "register it again."
            : "register it again, or ask for version "
                + ready.get(ready.size() - 1).version()
                + ".");
  }

  static ScorebatchException loggedModelNotReady(LoggedModel model, ModelStore store) {
    return ScorebatchException.of(
        ErrorCode.MODEL_ARTIFACT_MISSING,
        "Model '"
            + model.name()
            + "' with the id '"
            + model.id()
            + "' in the "
            + store.description()
            + " is "
            + model.status()
            + ", not READY.",
        "Logging it did not finish, so its files may be incomplete.",
        "log it again.");
  }

  static ScorebatchException loggedModelNotFound(String modelId, ModelStore store) {
    return ScorebatchException.of(
        ErrorCode.MODEL_NOT_FOUND,
        "No model has the id '" + modelId + "' in the " + store.description() + ".",
        "Ids of this form belong to models logged with MLflow 3; deleted ones do not count.",
        "check the id, or name the registry that holds it.");
  }

  static ScorebatchException runNotFound(String runId, ModelStore store) {
    return ScorebatchException.of(
        ErrorCode.MODEL_NOT_FOUND,
        "No run has the id '" + runId + "' in the " + store.description() + ".",
        "",
        "check the id, or name the tracking store that holds the run.");
  }

  /**
   * @param tried a line for each place: where, and what is there instead
   */
  static ScorebatchException artifactsMissing(String uri, Pinned pinned, List<String> tried) {
    String version = pinned.version().isPresent() ? " version " + pinned.version().getAsInt() : "";
    boolean plain =
        pinned.version().isEmpty() && pinned.runId() == null && pinned.modelId() == null;
    return ScorebatchException.of(
        ErrorCode.MODEL_ARTIFACT_MISSING,
        "No MLmodel file was found for '"
            + uri
            + "'"
            + (plain ? "" : " (model '" + pinned.name() + "'" + version + ")")
            + ".",
        "Tried " + String.join("; ", tried) + ".",
        plain
            ? "name the folder that holds the MLmodel file; a registered model is written"
                + " models:/name/3."
            : "copy the model's files to one of these places, or use the registry on a machine"
                + " that reaches them.");
  }

  static ScorebatchException unreadable(
      String registry, String why, String fix, @Nullable Throwable cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.REGISTRY_UNREADABLE, "The " + registry + " cannot be read.", why, fix),
        cause);
  }

  /** The first 20 names, and how many more there are. */
  static String listed(List<String> names) {
    String first = names.stream().limit(MOST_NAMES).collect(Collectors.joining(", "));
    int more = names.size() - MOST_NAMES;
    return more > 0 ? first + " and " + more + " more" : first;
  }

  private static String numbers(List<ModelVersion> versions) {
    List<String> newestFirst =
        new ArrayList<>(versions.stream().map(v -> Integer.toString(v.version())).toList());
    Collections.reverse(newestFirst);
    return (versions.size() == 1 ? "version " : "versions ") + listed(newestFirst);
  }

  private static String counted(int count, String noun) {
    return count == 1 ? "1 " + noun + " is" : count + " " + noun + "s are";
  }
}
