package io.scorebatch.artifact.write;

import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelOrigin;
import io.scorebatch.artifact.yaml.YamlBlock;
import io.scorebatch.artifact.yaml.YamlValue;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How MLflow describes a plain model file: the settings of its flavor and of python_function, which
 * are what {@code mlflow.<flavor>.save_model} writes.
 *
 * @param name the flavor
 * @param fileName name of the file in the model's folder
 * @param settings of the flavor
 * @param python of python_function, without its environment
 * @param requirements packages the model needs
 * @param notes what the user should know
 */
record FileFlavor(
    String name,
    String fileName,
    Map<String, YamlValue> settings,
    Map<String, YamlValue> python,
    List<String> requirements,
    List<String> notes) {
  private static final String UNKNOWN = "unknown";
  private static final String BOOSTER = "xgboost.core.Booster";
  private static final int JOBLIB_SEARCHED = 1 << 20;

  static FileFlavor of(RawModel.File raw) throws IOException {
    ModelOrigin origin = raw.model().origin();
    String format =
        raw.model().structure() instanceof ForeignModel foreign
            ? foreign.runtime()
            : origin.format();
    return switch (format) {
      case "pickle" -> pickled(raw.file(), origin, "model.pkl", "cloudpickle");
      case "skops" -> pickled(raw.file(), origin, "model.skops", "skops");
      case "xgboost-json" -> xgboost(origin, "json", raw.modelClass());
      case "xgboost-ubj" -> xgboost(origin, "ubj", raw.modelClass());
      case "lightgbm-text" -> lightgbm();
      case "catboost" -> catboost(raw.model());
      case "onnx" -> onnx();
      default -> throw WriteErrors.noFlavor(raw.file(), format);
    };
  }

  private static FileFlavor pickled(
      Path file, ModelOrigin origin, String fileName, String serialization) throws IOException {
    boolean isSklearn = origin.library().equals("scikit-learn");
    Map<String, YamlValue> settings = new LinkedHashMap<>();
    settings.put("code", YamlBlock.plain("null"));
    settings.put("pickled_model", YamlBlock.text(fileName));
    settings.put("serialization_format", YamlBlock.text(serialization));
    settings.put("sklearn_version", YamlBlock.text(isSklearn ? origin.version() : UNKNOWN));
    List<String> requirements = new ArrayList<>(List.of("mlflow"));
    requirements.add(pinned(origin.library(), origin.version()));
    if (!isSklearn) {
      requirements.add("scikit-learn");
    }
    List<String> notes = new ArrayList<>();
    if (serialization.equals("skops")) {
      settings.put("skops_trusted_types", YamlBlock.texts(SkopsTypes.of(file)));
      requirements.add("skops");
    } else if (isJoblib(file)) {
      notes.add(
          "The file was written by joblib, which MLflow's sklearn flavor does not load: Scorebatch"
              + " scores the model, Python cannot. Save it with pickle for both.");
    }
    Map<String, YamlValue> python = new LinkedHashMap<>();
    python.put("loader_module", YamlBlock.text("mlflow.sklearn"));
    python.put("model_path", YamlBlock.text(fileName));
    python.put("predict_fn", YamlBlock.text("predict"));
    return new FileFlavor("sklearn", fileName, settings, python, requirements, notes);
  }

  /** Joblib puts arrays between the pickle's opcodes, or packs the whole file. */
  private static boolean isJoblib(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      String start =
          new String(in.readNBytes(JOBLIB_SEARCHED), java.nio.charset.StandardCharsets.ISO_8859_1);
      return !start.startsWith("\u0080") || start.contains("joblib.numpy_pickle");
    }
  }

  private static FileFlavor xgboost(
      ModelOrigin origin, String format, @Nullable String modelClass) {
    String file = "model." + format;
    Map<String, YamlValue> settings = new LinkedHashMap<>();
    settings.put("code", YamlBlock.plain("null"));
    settings.put("data", YamlBlock.text(file));
    settings.put("model_class", YamlBlock.text(Optional.ofNullable(modelClass).orElse(BOOSTER)));
    settings.put("model_format", YamlBlock.text(format));
    settings.put("xgb_version", YamlBlock.text(origin.version()));
    return new FileFlavor(
        "xgboost",
        file,
        settings,
        loader("mlflow.xgboost", file),
        List.of("mlflow", pinned("xgboost", origin.version())),
        List.of());
  }

  private static FileFlavor lightgbm() {
    String file = "model.lgb";
    Map<String, YamlValue> settings = new LinkedHashMap<>();
    settings.put("code", YamlBlock.plain("null"));
    settings.put("data", YamlBlock.text(file));
    settings.put("lgb_version", YamlBlock.text(UNKNOWN));
    settings.put("model_class", YamlBlock.text("lightgbm.basic.Booster"));
    return new FileFlavor(
        "lightgbm",
        file,
        settings,
        loader("mlflow.lightgbm", file),
        List.of("mlflow", "lightgbm"),
        List.of());
  }

  private static FileFlavor catboost(Model model) {
    String file = "model.cb";
    String type =
        switch (model.task()) {
          case BINARY_CLASSIFICATION, MULTICLASS_CLASSIFICATION -> "CatBoostClassifier";
          case REGRESSION -> "CatBoostRegressor";
          default -> "CatBoost";
        };
    Map<String, YamlValue> settings = new LinkedHashMap<>();
    settings.put("catboost_version", YamlBlock.text(model.origin().version()));
    settings.put("code", YamlBlock.plain("null"));
    settings.put("data", YamlBlock.text(file));
    settings.put("model_type", YamlBlock.text(type));
    settings.put("save_format", YamlBlock.text("cbm"));
    return new FileFlavor(
        "catboost",
        file,
        settings,
        loader("mlflow.catboost", file),
        List.of("mlflow", pinned("catboost", model.origin().version())),
        List.of());
  }

  private static FileFlavor onnx() {
    String file = "model.onnx";
    Map<String, YamlValue> settings = new LinkedHashMap<>();
    settings.put("code", YamlBlock.plain("null"));
    settings.put("data", YamlBlock.text(file));
    settings.put("onnx_version", YamlBlock.text(UNKNOWN));
    settings.put("providers", YamlBlock.texts(List.of("CPUExecutionProvider")));
    return new FileFlavor(
        "onnx",
        file,
        settings,
        loader("mlflow.onnx", file),
        List.of("mlflow", "onnx", "onnxruntime"),
        List.of());
  }

  private static Map<String, YamlValue> loader(String module, String file) {
    Map<String, YamlValue> python = new LinkedHashMap<>();
    python.put("data", YamlBlock.text(file));
    python.put("loader_module", YamlBlock.text(module));
    return python;
  }

  private static String pinned(String library, String version) {
    return version.matches("[0-9]+([.][0-9a-z]+)*") ? library + "==" + version : library;
  }
}
