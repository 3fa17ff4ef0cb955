package io.scorebatch.artifact.write;

import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.LoggedModel;
import io.scorebatch.artifact.mlmodel.MlModelFile;
import io.scorebatch.artifact.spec.FeatureSpecWriter;
import io.scorebatch.artifact.yaml.YamlBlock;
import io.scorebatch.artifact.yaml.YamlValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Writes a model with the features it needs, in the layout of Databricks' feature engineering
 * client: the trained model stays whole in {@code data/feature_store/raw_model}, and {@code
 * data/feature_store/feature_spec.yaml} says where its inputs come from.
 */
public final class FeatureModelWriter {
  private static final String LOADER = "databricks.feature_store.mlflow_model";
  private static final String LOOKUP_PACKAGE = "databricks-feature-lookup==1.*";
  private static final String STORE = "data/feature_store";
  private static final String ML_MODEL = "MLmodel";
  private static final DateTimeFormatter MOMENT =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS", java.util.Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final FeatureModel model;
  private final Path folder;
  private final List<String> notes = new ArrayList<>();

  private FeatureModelWriter(FeatureModel model, Path folder) {
    this.model = model;
    this.folder = folder;
  }

  /**
   * Writes the model to a new folder, which is there as a whole or not at all.
   *
   * @return what the user should know
   * @throws ScorebatchException where the folder exists or cannot be written, or the trained model
   *     has no python_function
   */
  public static List<String> write(FeatureModel model, Path folder) {
    Path target = folder.toAbsolutePath().normalize();
    Path unfinished = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID());
    if (Files.exists(target)) {
      throw WriteErrors.exists(target);
    }
    FeatureModelWriter writer = new FeatureModelWriter(model, unfinished);
    try {
      Files.createDirectories(unfinished);
      writer.write();
      Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw WriteErrors.failed(target, e);
    } finally {
      delete(unfinished);
    }
    return List.copyOf(writer.notes);
  }

  private void write() throws IOException {
    Path store = folder.resolve(STORE);
    Path raw = store.resolve("raw_model");
    Files.createDirectories(store);
    if (model.raw() instanceof RawModel.Folder trained) {
      copy(trained.folder(), raw);
    } else {
      describe((RawModel.File) model.raw(), raw);
    }
    LoggedModel logged = MlModelFile.parse(Files.readString(raw.resolve(ML_MODEL)), raw);
    Map<String, String> python = logged.flavors().get("python_function");
    if (python == null) {
      throw WriteErrors.noPythonFunction(
          model.raw() instanceof RawModel.Folder trained ? trained.folder() : raw,
          logged.flavors().keySet());
    }
    Files.writeString(store.resolve("feature_spec.yaml"), FeatureSpecWriter.write(model.spec()));
    List<String> added = new ArrayList<>(List.of(LOOKUP_PACKAGE));
    added.addAll(model.extraRequirements());
    PythonEnvironmentFiles.extend(raw, folder, added);
    Map<String, YamlValue> settings = new LinkedHashMap<>();
    settings.put("data", YamlBlock.text(STORE));
    environment(folder).ifPresent(env -> settings.put("env", env));
    settings.put("loader_module", YamlBlock.text(LOADER));
    settings.put(
        "python_version",
        YamlBlock.text(
            python.getOrDefault("python_version", PythonEnvironmentFiles.PYTHON_VERSION)));
    Map<String, YamlValue> root = new LinkedHashMap<>();
    root.put("flavors", YamlBlock.fields(Map.of("python_function", YamlBlock.fields(settings))));
    if (logged.mlflowVersion() != null) {
      root.put("mlflow_version", YamlBlock.text(logged.mlflowVersion()));
    }
    finish(folder, root, SignatureText.of(model.spec(), model.labels(), notes));
  }

  /** Gives a plain file the folder that MLflow would have written for it. */
  private void describe(RawModel.File plain, Path raw) throws IOException {
    FileFlavor flavor = FileFlavor.of(plain);
    notes.addAll(flavor.notes());
    Files.createDirectories(raw);
    Files.copy(plain.file(), raw.resolve(flavor.fileName()));
    PythonEnvironmentFiles.create(raw, flavor.requirements());
    Map<String, YamlValue> python = new LinkedHashMap<>();
    environment(raw).ifPresent(env -> python.put("env", env));
    python.putAll(flavor.python());
    python.put("python_version", YamlBlock.text(PythonEnvironmentFiles.PYTHON_VERSION));
    Map<String, YamlValue> flavors = new LinkedHashMap<>();
    flavors.put("python_function", YamlBlock.fields(python));
    flavors.put(flavor.name(), YamlBlock.fields(flavor.settings()));
    Map<String, YamlValue> root = new LinkedHashMap<>();
    root.put("flavors", YamlBlock.fields(flavors));
    finish(raw, root, Optional.empty());
  }

  private void finish(Path where, Map<String, YamlValue> root, Optional<YamlValue> signature)
      throws IOException {
    root.put("model_uuid", YamlBlock.text(UUID.randomUUID().toString().replace("-", "")));
    signature.ifPresent(value -> root.put("signature", value));
    root.put("utc_time_created", YamlBlock.text(moment(model.createdAt())));
    Files.writeString(where.resolve(ML_MODEL), YamlBlock.write(YamlBlock.fields(root)));
  }

  private static String moment(Instant instant) {
    return MOMENT.format(instant);
  }

  private static Optional<YamlValue> environment(Path where) {
    Map<String, YamlValue> files = new LinkedHashMap<>();
    if (Files.isRegularFile(where.resolve(PythonEnvironmentFiles.CONDA))) {
      files.put("conda", YamlBlock.text(PythonEnvironmentFiles.CONDA));
    }
    if (Files.isRegularFile(where.resolve(PythonEnvironmentFiles.VIRTUALENV))) {
      files.put("virtualenv", YamlBlock.text(PythonEnvironmentFiles.VIRTUALENV));
    }
    return files.isEmpty() ? Optional.empty() : Optional.of(YamlBlock.fields(files));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : (Iterable<Path>) all::iterator) {
        Path target = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else if (!path.equals(from.resolve("feature_spec.yaml"))) {
          Files.copy(path, target);
        }
      }
    }
  }

  private static void delete(Path unfinished) {
    if (!Files.exists(unfinished)) {
      return;
    }
    try (Stream<Path> all = Files.walk(unfinished)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw WriteErrors.failed(unfinished, e);
    }
  }
}
