package io.scorebatch.registry.mlflow;

import io.scorebatch.api.error.ScorebatchException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The folder {@code mlruns} of MLflow 2 and 3: experiments, runs and registered models as YAML
 * files. Holds nothing, so it always tells the present state. Immutable.
 */
final class FileStore implements ModelStore {
  private static final String META = "meta.yaml";
  private static final String REGISTRY = "models";
  private static final int MOST_META_BYTES = 1 << 20;
  private static final Pattern VERSION_FOLDER = Pattern.compile("version-([0-9]{1,9})");
  private static final List<String> LOGGED_MODEL_STATUS =
      List.of("UNSPECIFIED", "PENDING", "READY", "FAILED");

  private final Path root;

  FileStore(Path root) {
    this.root = root;
  }

  /** Whether a folder is such a store: it registers models or describes an experiment. */
  static boolean isAt(Path folder) {
    return LocalFolders.folders(folder).stream()
        .anyMatch(
            child ->
                Files.isRegularFile(child.resolve(META))
                    || (child.getFileName().toString().equals(REGISTRY)
                        && LocalFolders.folders(child).stream()
                            .anyMatch(model -> Files.isRegularFile(model.resolve(META)))));
  }

  @Override
  public String description() {
    return "MLflow file store " + root;
  }

  @Override
  public List<String> modelNames(String near) {
    Path registry = root.resolve(REGISTRY);
    if (Files.isDirectory(registry) && !Files.isReadable(registry)) {
      throw unreadable(registry, "Listing it is not permitted.", null);
    }
    return LocalFolders.folders(registry).stream()
        .filter(model -> Files.isRegularFile(model.resolve(META)))
        .map(model -> model.getFileName().toString())
        .toList();
  }

  /** Names are compared with what is there, so no name can lead out of the store. */
  private Optional<Path> modelFolder(String name) {
    return modelNames(name).contains(name)
        ? Optional.of(root.resolve(REGISTRY).resolve(name))
        : Optional.empty();
  }

  @Override
  public Optional<RegisteredModel> model(String name) {
    return modelFolder(name)
        .map(
            folder -> {
              Map<String, Integer> aliases = new LinkedHashMap<>();
              Path aliasFolder = folder.resolve("aliases");
              for (String alias : LocalFolders.names(aliasFolder)) {
                String version = read(aliasFolder.resolve(alias)).strip();
                if (version.matches("[0-9]{1,9}")) {
                  aliases.put(alias, Integer.valueOf(version));
                }
              }
              return new RegisteredModel(name, aliases);
            });
  }

  @Override
  public Optional<ModelVersion> version(String name, int version) {
    return versions(name).stream().filter(found -> found.version() == version).findFirst();
  }

  @Override
  public List<ModelVersion> versions(String name) {
    List<ModelVersion> versions = new ArrayList<>();
    for (Path folder : modelFolder(name).map(LocalFolders::folders).orElse(List.of())) {
      Matcher number = VERSION_FOLDER.matcher(folder.getFileName().toString());
      if (!number.matches() || !Files.isRegularFile(folder.resolve(META))) {
        continue;
      }
      Map<?, ?> meta = meta(folder);
      String stage = Optional.ofNullable(text(meta, "current_stage")).orElse("None");
      if (stage.toLowerCase(Locale.ROOT).equals("deleted_internal")) {
        continue;
      }
      versions.add(
          new ModelVersion(
              name,
              Integer.parseInt(number.group(1)),
              stage,
              Optional.ofNullable(text(meta, "status")).orElse("READY"),
              Optional.ofNullable(text(meta, "source")).orElse(""),
              text(meta, "storage_location"),
              text(meta, "run_id"),
              text(meta, "model_id")));
    }
    versions.sort(Comparator.comparingInt(ModelVersion::version));
    return versions;
  }

  @Override
  public Optional<LoggedModel> loggedModel(String modelId) {
    for (Path experiment : experiments()) {
      Path folder = experiment.resolve(REGISTRY).resolve(modelId);
      if (ModelUri.MODEL_ID.matcher(modelId).matches()
          && Files.isRegularFile(folder.resolve(META))) {
        return Optional.of(meta(folder)).filter(FileStore::active).map(FileStore::loggedModel);
      }
    }
    return Optional.empty();
  }

  @Override
  public List<LoggedModel> loggedModels(String runId) {
    record Dated(LoggedModel model, String created) {}
    return runFolder(runId)
        .map(run -> LocalFolders.folders(run.resolveSibling(REGISTRY)))
        .orElse(List.of())
        .stream()
        .filter(folder -> Files.isRegularFile(folder.resolve(META)))
        .map(FileStore::meta)
        .filter(FileStore::active)
        .filter(meta -> runId.equals(text(meta, "source_run_id")))
        .map(
            meta ->
                new Dated(
                    loggedModel(meta),
                    Optional.ofNullable(text(meta, "creation_timestamp")).orElse("")))
        .sorted(Comparator.comparing(Dated::created).reversed())
        .map(Dated::model)
        .toList();
  }

  @Override
  public Optional<Run> run(String runId) {
    return runFolder(runId)
        .map(
            folder ->
                new Run(
                    runId,
                    Optional.ofNullable(text(meta(folder), "artifact_uri"))
                        .orElse(folder.resolve("artifacts").toString())));
  }

  private Optional<Path> runFolder(String runId) {
    if (!ModelUri.RUN_ID.matcher(runId).matches()) {
      return Optional.empty();
    }
    return experiments().stream()
        .map(experiment -> experiment.resolve(runId))
        .filter(folder -> Files.isRegularFile(folder.resolve(META)))
        .findFirst();
  }

  private List<Path> experiments() {
    return LocalFolders.folders(root).stream()
        .filter(folder -> Files.isRegularFile(folder.resolve(META)))
        .toList();
  }

  private static boolean active(Map<?, ?> meta) {
    return !"deleted".equals(text(meta, "lifecycle_stage"));
  }

  private static LoggedModel loggedModel(Map<?, ?> meta) {
    String status = Optional.ofNullable(text(meta, "status")).orElse("2");
    int number = status.matches("[0-3]") ? Integer.parseInt(status) : -1;
    return new LoggedModel(
        String.valueOf(text(meta, "model_id")),
        String.valueOf(text(meta, "name")),
        String.valueOf(text(meta, "artifact_location")),
        number < 0 ? status : LOGGED_MODEL_STATUS.get(number),
        text(meta, "source_run_id"));
  }

  @Override
  public void close() {}

  private static Map<?, ?> meta(Path folder) {
    Path file = folder.resolve(META);
    try {
      Object read =
          new Load(LoadSettings.builder().setLabel(file.toString()).build())
              .loadFromString(read(file));
      if (read instanceof Map<?, ?> map) {
        return map;
      }
      throw unreadable(file, "It is no YAML mapping.", null);
    } catch (YamlEngineException e) {
      throw unreadable(file, "It is no valid YAML: " + e.getMessage(), e);
    }
  }

  private static String read(Path file) {
    try {
      if (Files.size(file) > MOST_META_BYTES) {
        throw unreadable(file, "It is larger than 1 MiB.", null);
      }
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw unreadable(file, "Reading it failed: " + e.getMessage(), e);
    }
  }

  private static ScorebatchException unreadable(Path file, String why, @Nullable Exception cause) {
    return RegistryErrors.unreadable(
        "MLflow file " + file, why, "restore the file, or make it readable.", cause);
  }

  private static @Nullable String text(Map<?, ?> meta, String key) {
    Object value = meta.get(key);
    String text = value == null ? "" : value.toString();
    return text.isEmpty() ? null : text;
  }
}
