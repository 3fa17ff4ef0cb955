package io.scorebatch.artifact;

import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.ForeignModelReader;
import io.scorebatch.api.model.LoggedModel;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelOrigin;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Task;
import io.scorebatch.artifact.model.NativeModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Reads the weights that an MLmodel names, by the flavor it is best read by. Immutable.
 *
 * @param folder the folder of the MLmodel
 * @param logged the MLmodel
 * @param names what is known of the inputs
 */
record FlavorReader(ArtifactFolder folder, LoggedModel logged, InputNames names) {
  private static final String PYTHON = "python_function";
  private static final String UNKNOWN = "unknown";

  /** Flavors that are read natively: the key of the file and of the library's version. */
  private enum NativeFlavor {
    SKLEARN("sklearn", "pickled_model", "sklearn_version"),
    XGBOOST("xgboost", "data", "xgb_version"),
    LIGHTGBM("lightgbm", "data", "lgb_version");

    private final String flavor;
    private final String file;
    private final String version;

    NativeFlavor(String flavor, String file, String version) {
      this.flavor = flavor;
      this.file = file;
      this.version = version;
    }
  }

  NativeModel read() {
    for (NativeFlavor flavor : NativeFlavor.values()) {
      Map<String, String> settings = logged.flavors().get(flavor.flavor);
      if (settings != null) {
        return read(flavor, settings);
      }
    }
    for (String runtime : List.of("catboost", "onnx")) {
      Map<String, String> settings = logged.flavors().get(runtime);
      if (settings != null) {
        return foreignFile(runtime, settings);
      }
    }
    return python(
        "Its flavors ("
            + String.join(", ", logged.flavors().keySet())
            + ") are none that Scorebatch reads itself.");
  }

  private NativeModel foreignFile(String runtime, Map<String, String> settings) {
    String name = settings.get("data");
    if (name == null) {
      throw ArtifactErrors.settingMissing(folder.root(), runtime, "data");
    }
    Path file = folder.resolve(name);
    return orPython(() -> foreign(runtime, file, settings, settings));
  }

  /** What is read natively, or the model for Python where that is refused. */
  private NativeModel orPython(Supplier<NativeModel> reader) {
    try {
      return reader.get();
    } catch (ScorebatchException e) {
      if (logged.flavors().containsKey(PYTHON) && ArtifactReader.leavesPython(e)) {
        return python(e.problem().message());
      }
      throw e;
    }
  }

  private NativeModel read(NativeFlavor flavor, Map<String, String> settings) {
    String name = settings.get(flavor.file);
    if (name == null) {
      throw ArtifactErrors.settingMissing(folder.root(), flavor.flavor, flavor.file);
    }
    Path file = folder.resolve(name);
    String className = flavor == NativeFlavor.XGBOOST ? settings.get("model_class") : null;
    return orPython(
        () -> {
          NativeModel read = ModelFile.read(file, className, names.textColumns());
          return new NativeModel(
              withVersion(read.model(), settings.get(flavor.version)), read.notes());
        });
  }

  /** What the weights do not say, the MLmodel may. */
  private static Model withVersion(Model model, @org.jspecify.annotations.Nullable String version) {
    ModelOrigin origin = model.origin();
    if (version == null || !origin.version().equals(UNKNOWN)) {
      return model;
    }
    return new Model(
        new ModelOrigin(origin.library(), version, origin.className(), origin.format()),
        model.task(),
        model.inputs(),
        model.namesKnown(),
        model.labels(),
        model.outputLabels(),
        model.outputKinds(),
        model.structure());
  }

  private NativeModel python(String reason) {
    Map<String, String> settings = logged.flavors().get(PYTHON);
    if (settings == null) {
      throw ArtifactErrors.noKnownFlavor(folder.root(), logged.flavors().keySet());
    }
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put("reason", reason);
    copy(settings, attributes, "loader_module", "python_version");
    NativeModel model = foreign("python", folder.root(), settings, attributes);
    return new NativeModel(model.model(), List.of("Only Python can score this model. " + reason));
  }

  private static void copy(Map<String, String> from, Map<String, String> to, String... keys) {
    for (String key : keys) {
      String value = from.get(key);
      if (value != null) {
        to.put(key, value);
      }
    }
  }

  private NativeModel foreign(
      String runtime, Path artifact, Map<String, String> settings, Map<String, String> attributes) {
    String version = Optional.ofNullable(settings.get(runtime + "_version")).orElse(UNKNOWN);
    String className =
        Optional.ofNullable(settings.get("model_type"))
            .or(() -> Optional.ofNullable(logged.loaderModule()))
            .orElse(UNKNOWN);
    Model model =
        new Model(
            new ModelOrigin(runtime, version, className, runtime),
            Task.UNKNOWN,
            names.inputs(),
            !names.inputs().isEmpty(),
            Optional.empty(),
            Set.of(OutputKind.PREDICT),
            new ForeignModel(runtime, artifact, attributes));
    for (ForeignModelReader reader : ServiceLoader.load(ForeignModelReader.class)) {
      if (reader.runtime().equals(runtime)) {
        return new NativeModel(reader.complete(model, logged), List.of());
      }
    }
    return new NativeModel(model, List.of());
  }
}
