package io.scorebatch.model.catboost;

import ai.catboost.CatBoostError;
import ai.catboost.CatBoostModel;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Task;
import io.scorebatch.api.type.ColumnType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A loaded CatBoost model and what its metadata say. Holds native memory until it is closed; safe
 * for any number of threads.
 */
final class CatBoostFile implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern RELEASE = Pattern.compile("Branch: tags/v(\\d+(\\.\\d+)+)");
  private static final String BASE_WRAPPER = "CatBoost";
  private static final Set<String> BINARY = Set.of("Logloss", "CrossEntropy", "Focal");
  private static final Set<String> EXPONENT = Set.of("Poisson", "Tweedie");

  /** Losses whose raw value is what predict answers, for one or several targets. */
  private static final Set<String> PLAIN =
      Set.of(
          "RMSE",
          "MAE",
          "Quantile",
          "MultiQuantile",
          "Huber",
          "Expectile",
          "LogLinQuantile",
          "MAPE",
          "Lq",
          "LogCosh",
          "MultiRMSE",
          "MultiRMSEWithMissingValues",
          "PairLogit",
          "PairLogitPairwise",
          "YetiRank",
          "YetiRankPairwise",
          "QueryRMSE",
          "QuerySoftMax",
          "StochasticRank",
          "StochasticFilter",
          "LambdaMart",
          "GroupQuantile");

  private final Path path;
  private final CatBoostModel model;
  private final String loss;
  private final Optional<Labels> labels;
  private final boolean raw;
  private final List<ModelInput> inputs;
  private final boolean namesKnown;

  private CatBoostFile(Path path, CatBoostModel model, String wrapper) {
    this.path = path;
    this.model = model;
    Map<String, String> metadata = metadata();
    loss = text(metadata, "params", "/loss_function/type");
    Optional<Labels> classes = classes(metadata.get("class_params"));
    labels = isClassifierLoss() ? classes : Optional.empty();
    raw = wrapper.equals(BASE_WRAPPER);
    if (!isClassifierLoss() && !EXPONENT.contains(loss) && !PLAIN.contains(loss)) {
      throw CatBoostErrors.unsupportedLoss(path, loss);
    }
    if (isClassifierLoss() && labels.isEmpty()) {
      throw CatBoostErrors.unsupportedLoss(path, loss + ", without classes");
    }
    inputs = new ArrayList<>();
    List<String> unsupported = new ArrayList<>();
    boolean named = false;
    for (CatBoostModel.Feature feature : model.getFeatures()) {
      boolean category = feature instanceof CatBoostModel.CatFeature;
      if (!category && !(feature instanceof CatBoostModel.FloatFeature)) {
        unsupported.add(feature.getName());
      }
      named |= !feature.getName().equals(String.valueOf(feature.getFlatFeatureIndex()));
      inputs.add(new ModelInput(feature.getName(), category));
    }
    namesKnown = named;
    if (!unsupported.isEmpty()) {
      throw CatBoostErrors.unsupportedFeatures(path, unsupported);
    }
  }

  /**
   * Loads a model.
   *
   * @param wrapper the Python class it was logged as: {@code CatBoostClassifier}, {@code CatBoost}
   *     …; empty where that is not known
   */
  static CatBoostFile load(Path path, String wrapper) {
    if (!Files.isRegularFile(path)) {
      throw CatBoostErrors.missing(path);
    }
    CatBoostModel model;
    try {
      if (!CbmCheck.isCbm(path)) {
        throw CatBoostErrors.notBinary(path);
      }
      CbmCheck.check(path);
      model = CatBoostModel.loadModel(path.toString());
    } catch (CatBoostError | IOException | CbmCheck.DamagedException e) {
      throw CatBoostErrors.damaged(path, e);
    }
    try {
      return new CatBoostFile(path, model, wrapper);
    } catch (RuntimeException e) {
      close(path, model);
      throw e;
    }
  }

  /** The release that trained the model; {@code unknown} where the file does not say. */
  String version() {
    Matcher release = RELEASE.matcher(metadata().getOrDefault("catboost_version_info", ""));
    return release.find() ? release.group(1) : "unknown";
  }

  private Map<String, String> metadata() {
    return model.getMetadata();
  }

  private static JsonNode json(String text, Path path) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw CatBoostErrors.damaged(path, e);
    }
  }

  private String text(Map<String, String> metadata, String key, String pointer) {
    return json(metadata.getOrDefault(key, "{}"), path).at(pointer).asText();
  }

  private Optional<Labels> classes(@Nullable String parameters) {
    if (parameters == null) {
      return Optional.empty();
    }
    JsonNode found = json(parameters, path);
    JsonNode names = found.path("class_names");
    // Targets that are probabilities have no names: the classes are 0 and 1.
    JsonNode values = names.isEmpty() ? found.path("class_to_label") : names;
    List<Object> classes = new ArrayList<>();
    String kind = found.path("class_label_type").asText();
    ColumnType type =
        switch (kind) {
          case "String" -> ColumnType.Primitive.STRING;
          case "Boolean" -> ColumnType.Primitive.BOOLEAN;
          case "Float" -> ColumnType.Primitive.DOUBLE;
          default -> ColumnType.Primitive.LONG;
        };
    for (JsonNode value : values) {
      classes.add(
          switch (kind) {
            case "String" -> value.asText();
            case "Boolean" -> value.asBoolean();
            case "Float" -> value.asDouble();
            default -> value.asLong();
          });
    }
    return classes.size() < 2 ? Optional.empty() : Optional.of(new Labels(type, classes));
  }

  private boolean isBinary() {
    return BINARY.contains(loss);
  }

  private boolean isClassifierLoss() {
    return isBinary() || loss.equals("MultiClass") || loss.equals("MultiClassOneVsAll");
  }

  Path path() {
    return path;
  }

  CatBoostModel model() {
    return model;
  }

  List<ModelInput> inputs() {
    return inputs;
  }

  boolean namesKnown() {
    return namesKnown;
  }

  Optional<Labels> labels() {
    return labels;
  }

  String loss() {
    return loss;
  }

  Task task() {
    if (labels.isEmpty()) {
      return model.getPredictionDimension() == 1 ? Task.REGRESSION : Task.UNKNOWN;
    }
    return labels.get().size() == 2 ? Task.BINARY_CLASSIFICATION : Task.MULTICLASS_CLASSIFICATION;
  }

  /** The columns of each kind the model answers. */
  Map<OutputKind, List<ScoreColumn>> columns() {
    Map<OutputKind, List<ScoreColumn>> columns = new EnumMap<>(OutputKind.class);
    columns.put(OutputKind.RAW_MARGIN, rawColumns(OutputKind.RAW_MARGIN));
    if (labels.isPresent()) {
      Labels classes = labels.get();
      List<ScoreColumn> each = new ArrayList<>();
      for (int i = 0; i < classes.size(); i++) {
        each.add(ScoreColumn.number(OutputKind.PREDICT_PROBA, classes.text(i)));
      }
      columns.put(OutputKind.PREDICT_PROBA, each);
    }
    columns.put(
        OutputKind.PREDICT,
        labels.isPresent() && !raw
            ? List.of(ScoreColumn.label(OutputKind.PREDICT, labels.get()))
            : rawColumns(OutputKind.PREDICT));
    return columns;
  }

  private List<ScoreColumn> rawColumns(OutputKind kind) {
    int width = model.getPredictionDimension();
    List<ScoreColumn> columns = new ArrayList<>();
    for (int i = 0; i < width; i++) {
      int index = i;
      columns.add(
          ScoreColumn.number(
              kind,
              width == 1
                  ? kind.configName()
                  : labels.map(l -> l.text(index)).orElse(String.valueOf(index))));
    }
    return columns;
  }

  /** Turns the raw values of a row into what a kind answers; {@code to} is that kind's columns. */
  void answer(OutputKind kind, double[] values, double[] to) {
    if (kind == OutputKind.PREDICT_PROBA) {
      probabilities(values, to);
    } else if (kind == OutputKind.PREDICT && labels.isPresent() && !raw) {
      to[0] = isBinary() ? (values[0] > 0 ? 1 : 0) : largest(values);
    } else if (kind == OutputKind.PREDICT && EXPONENT.contains(loss) && !raw) {
      to[0] = Math.exp(values[0]);
    } else {
      System.arraycopy(values, 0, to, 0, values.length);
    }
  }

  private void probabilities(double[] values, double[] to) {
    if (isBinary()) {
      to[1] = sigmoid(values[0]);
      to[0] = 1 - to[1];
    } else if (loss.equals("MultiClassOneVsAll")) {
      for (int i = 0; i < values.length; i++) {
        to[i] = sigmoid(values[i]);
      }
    } else {
      double most = values[largest(values)];
      double sum = 0;
      for (int i = 0; i < values.length; i++) {
        to[i] = Math.exp(values[i] - most);
        sum += to[i];
      }
      for (int i = 0; i < values.length; i++) {
        to[i] /= sum;
      }
    }
  }

  private static int largest(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }

  private static double sigmoid(double value) {
    return 1 / (1 + Math.exp(-value));
  }

  @Override
  public void close() {
    close(path, model);
  }

  private static void close(Path path, CatBoostModel model) {
    try {
      model.close();
    } catch (CatBoostError e) {
      throw CatBoostErrors.failed(path, e);
    }
  }
}
