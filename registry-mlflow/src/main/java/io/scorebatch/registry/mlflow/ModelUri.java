package io.scorebatch.registry.mlflow;

import io.scorebatch.registry.mlflow.ModelStore.LoggedModel;
import io.scorebatch.registry.mlflow.ModelStore.ModelVersion;
import io.scorebatch.registry.mlflow.ModelStore.RegisteredModel;
import io.scorebatch.registry.mlflow.ModelStore.Run;
import io.scorebatch.remote.PercentEncoding;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model as a person asks for it. Values are immutable.
 *
 * <p>The forms and their meaning are those of MLflow's {@code models:/} and {@code runs:/} URIs.
 * Names may be percent-encoded.
 */
sealed interface ModelUri {
  Pattern MODEL_ID = Pattern.compile("m-[0-9a-f]{32}");
  Pattern RUN_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,255}");

  /** Asks the store what this stands for now. */
  Pinned pin(ModelStore store);

  /** {@code models:/name/3} */
  record Version(String name, int version) implements ModelUri {
    @Override
    public Pinned pin(ModelStore store) {
      return Versions.pin(store, Versions.required(store, name, version));
    }
  }

  /** {@code models:/name@alias} */
  record Alias(String name, String alias) implements ModelUri {
    @Override
    public Pinned pin(ModelStore store) {
      RegisteredModel model = Versions.requiredModel(store, name);
      Integer version = model.aliases().get(alias);
      if (version == null) {
        throw RegistryErrors.aliasNotFound(model, alias, store);
      }
      return Versions.pin(store, Versions.required(store, name, version));
    }
  }

  /** {@code models:/name/latest}: the highest version by number, so 10 comes after 9. */
  record Latest(String name) implements ModelUri {
    @Override
    public Pinned pin(ModelStore store) {
      Versions.requiredModel(store, name);
      List<ModelVersion> versions = store.versions(name);
      if (versions.isEmpty()) {
        throw RegistryErrors.noVersions(name, store);
      }
      return Versions.pin(store, versions.get(versions.size() - 1));
    }
  }

  /** {@code models:/name/Production}: the highest version in a stage. */
  record Stage(String name, String stage) implements ModelUri {
    @Override
    public Pinned pin(ModelStore store) {
      RegisteredModel model = Versions.requiredModel(store, name);
      List<ModelVersion> versions = store.versions(name);
      List<ModelVersion> inStage =
          versions.stream().filter(version -> version.stage().equalsIgnoreCase(stage)).toList();
      if (inStage.isEmpty()) {
        throw RegistryErrors.stageNotFound(model, stage, versions, store);
      }
      return Versions.pin(store, inStage.get(inStage.size() - 1));
    }
  }

  /** {@code models:/m-<id>}: a model of MLflow 3, registered or not. */
  record ById(String modelId) implements ModelUri {
    @Override
    public Pinned pin(ModelStore store) {
      LoggedModel model =
          store
              .loggedModel(modelId)
              .orElseThrow(() -> RegistryErrors.loggedModelNotFound(modelId, store));
      if (model.unfinished()) {
        throw RegistryErrors.loggedModelNotReady(model, store);
      }
      return new Pinned(
          model.name(),
          OptionalInt.empty(),
          List.of(ArtifactLocation.of(model.artifactLocation())),
          model.runId(),
          modelId);
    }
  }

  /**
   * {@code runs:/<run>/<path>}: files of a run (MLflow 2), or the model it logged last under that
   * name (MLflow 3).
   */
  record OfRun(String runId, String path) implements ModelUri {
    @Override
    public Pinned pin(ModelStore store) {
      Run run = store.run(runId).orElseThrow(() -> RegistryErrors.runNotFound(runId, store));
      List<ArtifactLocation> locations = new ArrayList<>();
      locations.add(new ArtifactLocation(run.artifactLocation(), path));
      String name = path.split("/", 2)[0];
      Optional<LoggedModel> logged =
          store.loggedModels(runId).stream().filter(model -> model.name().equals(name)).findFirst();
      logged.ifPresent(
          model ->
              locations.add(
                  new ArtifactLocation(
                      model.artifactLocation(),
                      path.equals(name) ? "" : path.substring(name.length() + 1))));
      return new Pinned(
          path.substring(path.lastIndexOf('/') + 1),
          OptionalInt.empty(),
          locations,
          runId,
          logged.map(LoggedModel::id).orElse(null));
    }
  }

  /** A folder, as a path or a {@code file:} URI; or one on an object store. */
  record Folder(String location) implements ModelUri {
    @Override
    public Pinned pin(ModelStore store) {
      ArtifactLocation where = ArtifactLocation.of(location);
      String text = where.pathText().replaceAll("[/\\\\.]+$", "");
      String name = text.substring(Math.max(text.lastIndexOf('/'), text.lastIndexOf('\\')) + 1);
      return new Pinned(
          name.isEmpty() ? location : name, OptionalInt.empty(), List.of(where), null, null);
    }
  }

  /**
   * Reads a URI.
   *
   * @throws io.scorebatch.api.error.ScorebatchException with examples, where it has none of the
   *     forms
   */
  static ModelUri parse(String uri) {
    String text = uri.strip();
    if (text.isEmpty()) {
      throw RegistryErrors.uriInvalid(uri, "It is empty.");
    }
    String scheme = ArtifactLocation.of(text).scheme();
    if (scheme.equals("models")) {
      return parseModels(uri, afterScheme(uri, text));
    }
    if (scheme.equals("runs")) {
      return parseRuns(uri, afterScheme(uri, text));
    }
    if (scheme.isEmpty() || scheme.equals("file") || scheme.equals("s3")) {
      return new Folder(text);
    }
    throw RegistryErrors.uriInvalid(uri, "Its scheme '" + scheme + "' names no kind of model.");
  }

  private static String afterScheme(String uri, String text) {
    String rest = text.substring(text.indexOf(':') + 1);
    if (rest.startsWith("//") && !rest.startsWith("///")) {
      throw RegistryErrors.uriInvalid(
          uri, "After the scheme comes one '/'; which registry to ask is a setting of its own.");
    }
    if (!rest.startsWith("/")) {
      throw RegistryErrors.uriInvalid(uri, "After the scheme comes a '/'.");
    }
    return rest.replaceAll("^/+", "");
  }

  private static ModelUri parseModels(String uri, String rest) {
    String path = rest.replaceAll("/+$", "");
    List<String> parts = List.of(path.split("/", -1));
    if (path.isEmpty() || parts.get(0).isBlank()) {
      throw RegistryErrors.uriInvalid(uri, "It names no model.");
    }
    if (parts.size() > 2) {
      throw RegistryErrors.uriInvalid(
          uri, "It has " + parts.size() + " parts; a model's name and a version make two.");
    }
    if (parts.size() == 2) {
      return parseSuffix(uri, parts.get(0), PercentEncoding.decode(parts.get(1)));
    }
    int at = path.lastIndexOf('@');
    if (at >= 0) {
      String name = PercentEncoding.decode(path.substring(0, at));
      String alias = PercentEncoding.decode(path.substring(at + 1));
      if (name.isBlank() || alias.isBlank()) {
        throw RegistryErrors.uriInvalid(uri, "A name and an alias stand around '@'.");
      }
      return new Alias(name, alias);
    }
    if (MODEL_ID.matcher(path).matches()) {
      return new ById(path);
    }
    throw RegistryErrors.uriInvalid(uri, "It says neither version nor alias.");
  }

  private static ModelUri parseSuffix(String uri, String encodedName, String suffix) {
    String name = PercentEncoding.decode(encodedName);
    if (suffix.isBlank()) {
      throw RegistryErrors.uriInvalid(uri, "It says neither version nor alias.");
    }
    Matcher digits = Pattern.compile("[0-9]+").matcher(suffix);
    if (digits.matches()) {
      try {
        return new Version(name, Integer.parseInt(suffix));
      } catch (NumberFormatException e) {
        throw RegistryErrors.uriInvalid(uri, "Version " + suffix + " is too large a number.");
      }
    }
    if (suffix.toLowerCase(Locale.ROOT).equals("latest")) {
      return new Latest(name);
    }
    if (suffix.startsWith("@")) {
      throw RegistryErrors.uriInvalid(
          uri, "An alias follows the name directly: models:/" + encodedName + suffix + ".");
    }
    return new Stage(name, suffix);
  }

  private static ModelUri parseRuns(String uri, String rest) {
    int slash = rest.indexOf('/');
    String runId = slash < 0 ? rest : rest.substring(0, slash);
    if (!RUN_ID.matcher(runId).matches()) {
      throw RegistryErrors.uriInvalid(uri, "'" + runId + "' is no run id.");
    }
    Deque<String> path = new ArrayDeque<>();
    for (String part : PercentEncoding.decode(slash < 0 ? "" : rest.substring(slash)).split("/")) {
      if (part.equals("..")) {
        if (path.pollLast() == null) {
          throw RegistryErrors.uriInvalid(uri, "Its '..' leads out of the run's folder.");
        }
      } else if (!part.isEmpty() && !part.equals(".")) {
        path.addLast(part);
      }
    }
    if (path.isEmpty()) {
      throw RegistryErrors.uriInvalid(uri, "It names no model of the run.");
    }
    return new OfRun(runId, String.join("/", path));
  }
}
