package io.scorebatch.pipeline.plan;

import static io.scorebatch.api.type.ColumnType.Primitive.DOUBLE;
import static io.scorebatch.api.type.ColumnType.Primitive.INT;
import static io.scorebatch.api.type.ColumnType.Primitive.STRING;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problems;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Signature;
import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.pipeline.config.ModelType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Which columns a model type has, and what the model is asked for. Pure. */
public final class PredictionColumns {
  private static final Set<OutputKind> ANOMALY_KINDS =
      Set.of(OutputKind.DECISION_FUNCTION, OutputKind.SCORE_SAMPLES, OutputKind.PREDICT);

  /** The column that says where a prediction comes from, where a model has fallbacks. */
  public static final String SOURCE = "prediction_source";

  private PredictionColumns() {}

  /** The column {@link #SOURCE}. */
  public static Column source() {
    return new Column(
        SOURCE,
        STRING,
        true,
        "What made the prediction: model, previous_version, manual, last_good or constant.");
  }

  /**
   * The output kinds a model is asked for.
   *
   * @throws io.scorebatch.api.error.ScorebatchException {@code OUTPUT_KIND_UNAVAILABLE} where the
   *     model cannot answer one
   */
  public static List<OutputKind> kinds(
      String modelName, ModelType type, Optional<OutputKind> asked, ModelPackage model) {
    List<OutputKind> kinds =
        switch (type) {
          case REGRESSION -> List.of(asked.orElse(OutputKind.PREDICT));
          case ANOMALY_DETECTION -> anomalyKinds(asked.orElse(OutputKind.DECISION_FUNCTION));
          case CLASSIFICATION -> List.of(asked.orElse(OutputKind.PREDICT_PROBA));
          case MULTICLASS ->
              asked.isPresent()
                  ? List.of(asked.get())
                  : List.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA);
          case RAW -> List.of(asked.orElseGet(model::requirePythonOutput));
        };
    Problems problems = new Problems();
    for (OutputKind kind : kinds) {
      if (!model.model().outputKinds().contains(kind)) {
        problems.add(
            ErrorCode.OUTPUT_KIND_UNAVAILABLE,
            "Model '"
                + modelName
                + "' ("
                + model.model().origin().className()
                + ") has no "
                + kind.configName()
                + ", which model_type "
                + lower(type)
                + " needs.",
            "It answers " + names(model.model()) + ".",
            "choose the model_type that fits a "
                + lower(model.model().task())
                + " model, or set output_kind.");
      }
    }
    if (type == ModelType.ANOMALY_DETECTION && !ANOMALY_KINDS.contains(kinds.get(0))) {
      problems.add(
          ErrorCode.OUTPUT_KIND_UNAVAILABLE,
          "Model '"
              + modelName
              + "' is asked for "
              + kinds.get(0).configName()
              + ", which tells no anomaly.",
          "model_type anomaly_detection takes decision_function, score_samples or predict.",
          "ask for one of these, or set model_type: raw.");
    }
    int outputs = model.model().outputLabels().size();
    boolean ofOneOutput =
        type == ModelType.CLASSIFICATION
            || type == ModelType.MULTICLASS
            || type == ModelType.ANOMALY_DETECTION;
    if (ofOneOutput && outputs > 0 && problems.isEmpty()) {
      problems.add(
          ErrorCode.OUTPUT_KIND_UNAVAILABLE,
          "Model '" + modelName + "' predicts " + outputs + " labels a row.",
          "model_type " + lower(type) + " is for one.",
          "set model_type: raw, which gives each label a column.");
    }
    int classes = model.model().labels().map(Labels::size).orElse(0);
    if (type == ModelType.CLASSIFICATION
        && kinds.get(0) == OutputKind.PREDICT_PROBA
        && problems.isEmpty()
        && classes != 2) {
      problems.add(
          ErrorCode.OUTPUT_KIND_UNAVAILABLE,
          "Model '"
              + modelName
              + "' has "
              + classes
              + " classes; model_type classification is for 2.",
          "The probability of 'the' positive class would be a silent choice.",
          "set model_type: multiclass.");
    }
    problems.throwIfAny();
    return kinds;
  }

  /** Only the decision function tells which scores are anomalies. */
  private static List<OutputKind> anomalyKinds(OutputKind asked) {
    return asked == OutputKind.SCORE_SAMPLES
        ? List.of(asked, OutputKind.DECISION_FUNCTION)
        : List.of(asked);
  }

  private static String names(Model model) {
    return String.join(
        ", ", model.outputKinds().stream().map(OutputKind::configName).sorted().toList());
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /** The prediction columns of a type, over the scores of the kinds chosen. */
  static List<OutputColumn> columns(PlanRequest request, List<ScoreColumn> scores) {
    ModelType type = request.type();
    OutputKind kind = scores.get(0).kind();
    List<OutputColumn> columns = new ArrayList<>();
    switch (type) {
      case ANOMALY_DETECTION -> anomaly(columns, request, scores);
      case CLASSIFICATION -> classification(columns, request, scores);
      case MULTICLASS -> multiclass(columns, kind, scores);
      case REGRESSION -> regression(columns, request, scores);
      case RAW -> raw(columns, request, scores);
    }
    if (type != ModelType.REGRESSION && request.predictionAlias().isPresent()) {
      OutputColumn prediction = columns.get(0);
      columns.add(
          new OutputColumn(
              new Column(
                  request.predictionAlias().get(),
                  prediction.column().type(),
                  true,
                  "The same value as " + prediction.column().name() + "."),
              prediction.value()));
    }
    return columns;
  }

  private static void anomaly(
      List<OutputColumn> columns, PlanRequest request, List<ScoreColumn> scores) {
    OutputKind kind = scores.get(0).kind();
    String what =
        switch (kind) {
          case PREDICT -> "-1 for an anomaly, 1 for a normal row, as the model's predict returns.";
          case SCORE_SAMPLES -> "Anomaly score without offset: lower is more abnormal.";
          default -> "Decision function: lower is more abnormal, below 0 is an anomaly.";
        };
    boolean label = scores.get(0).type() == ScoreColumn.Type.LABEL_INDEX;
    ColumnType number =
        kind == OutputKind.PREDICT ? signatureType(request.model(), 0, 1).orElse(DOUBLE) : DOUBLE;
    ColumnType type = label ? scores.get(0).labels().orElseThrow().type() : number;
    OutputValue value =
        label
            ? new OutputValue.Label(0, scores.get(0).labels().orElseThrow())
            : new OutputValue.Score(0);
    columns.add(column("prediction", type, what, value));
    columns.add(column("anomaly_score", type, "The same value as prediction.", value));
    columns.add(
        column(
            "is_anomaly",
            INT,
            kind == OutputKind.SCORE_SAMPLES
                ? "1 where the decision function is below 0, else 0."
                : "1 where prediction is below 0, else 0.",
            label
                ? labelBelowZero(scores.get(0).labels().orElseThrow())
                : new OutputValue.ScoreBelow(scores.size() - 1, 0)));
  }

  /** Labels -1 and 1: the index of -1 is the anomaly. */
  private static OutputValue labelBelowZero(Labels labels) {
    List<Object> flags = new ArrayList<>();
    for (Object label : labels.values()) {
      flags.add(label instanceof Number number && number.doubleValue() < 0 ? 1 : 0);
    }
    return new OutputValue.Label(0, new Labels(INT, flags));
  }

  private static void classification(
      List<OutputColumn> columns, PlanRequest request, List<ScoreColumn> scores) {
    OutputKind kind = scores.get(0).kind();
    double threshold = request.threshold();
    if (kind == OutputKind.PREDICT_PROBA) {
      String positive = scores.get(1).name();
      OutputValue probability = new OutputValue.Score(1);
      columns.add(
          column(
              "prediction",
              DOUBLE,
              "Probability of class '" + positive + "', 0 to 1.",
              probability));
      columns.add(column("probability", DOUBLE, "The same value as prediction.", probability));
      columns.add(
          column(
              "predicted_class",
              INT,
              "1 where probability is above " + threshold + ", else 0.",
              new OutputValue.ScoreAbove(1, threshold)));
      return;
    }
    single(columns, scores, binaryComment(kind, request.model().model().labels()));
  }

  /** Scores of two classes are those of the second: it is named. */
  private static String binaryComment(OutputKind kind, Optional<Labels> labels) {
    boolean score = kind == OutputKind.DECISION_FUNCTION || kind == OutputKind.RAW_MARGIN;
    return score && labels.isPresent() && labels.get().size() == 2
        ? kindComment(kind) + " Greater is more likely '" + labels.get().text(1) + "'."
        : kindComment(kind);
  }

  private static void multiclass(
      List<OutputColumn> columns, OutputKind kind, List<ScoreColumn> scores) {
    if (scores.get(0).type() == ScoreColumn.Type.LABEL_INDEX && scores.size() > 1) {
      Labels labels = scores.get(0).labels().orElseThrow();
      List<Integer> probabilities = new ArrayList<>();
      for (int i = 1; i < scores.size(); i++) {
        probabilities.add(i);
      }
      columns.add(
          column(
              "prediction",
              labels.type(),
              "The predicted label, in its own type.",
              new OutputValue.Label(0, labels)));
      columns.add(
          column(
              "probability",
              DOUBLE,
              "Probability of the predicted label, 0 to 1.",
              new OutputValue.ProbabilityOfLabel(0, probabilities)));
      columns.add(
          column(
              "probabilities",
              new ColumnType.MapOf(STRING, DOUBLE),
              "Probability of every label, by its text.",
              new OutputValue.ProbabilityMap(labels, probabilities)));
      return;
    }
    if (scores.size() == 1) {
      single(columns, scores, kindComment(kind));
    } else {
      array(columns, scores, kindComment(kind));
    }
  }

  private static void regression(
      List<OutputColumn> columns, PlanRequest request, List<ScoreColumn> scores) {
    OutputKind kind = scores.get(0).kind();
    if (scores.size() > 1) {
      several(columns, request, scores, "Predicted value");
      return;
    }
    single(columns, scores, kind == OutputKind.PREDICT ? "Predicted value." : kindComment(kind));
    request
        .predictionAlias()
        .ifPresent(
            alias ->
                columns.add(
                    column(
                        alias,
                        columns.get(0).column().type(),
                        "The same value as prediction.",
                        columns.get(0).value())));
  }

  private static void raw(
      List<OutputColumn> columns, PlanRequest request, List<ScoreColumn> scores) {
    OutputKind kind = scores.get(0).kind();
    if (scores.size() > 1) {
      several(columns, request, scores, "Output of the model's " + kind.configName());
      return;
    }
    if (scores.get(0).type() == ScoreColumn.Type.NUMBER && kind == OutputKind.PREDICT) {
      ColumnType type = signatureType(request.model(), 0, 1).orElse(DOUBLE);
      columns.add(column("prediction", type, kindComment(kind), new OutputValue.Score(0)));
      return;
    }
    single(columns, scores, binaryComment(kind, request.model().model().labels()));
  }

  /** The type the signature gives an output of several, where it is a number. */
  private static Optional<ColumnType> signatureType(ModelPackage model, int output, int outputs) {
    Optional<Signature> signature = model.logged().signature();
    if (signature.isEmpty() || signature.get().outputs().size() != outputs) {
      return Optional.empty();
    }
    return signature.get().outputs().get(output).type().filter(ColumnType::isNumeric);
  }

  private static void single(List<OutputColumn> columns, List<ScoreColumn> scores, String what) {
    ScoreColumn score = scores.get(0);
    if (scores.size() > 1) {
      array(columns, scores, what);
      return;
    }
    switch (score.type()) {
      case NUMBER -> columns.add(column("prediction", DOUBLE, what, new OutputValue.Score(0)));
      case TEXT -> columns.add(column("prediction", STRING, what, new OutputValue.Text(0)));
      case LABEL_INDEX -> {
        Labels labels = score.labels().orElseThrow();
        columns.add(column("prediction", labels.type(), what, new OutputValue.Label(0, labels)));
      }
    }
  }

  private static void array(List<OutputColumn> columns, List<ScoreColumn> scores, String what) {
    List<Integer> indices = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < scores.size(); i++) {
      indices.add(i);
      names.add(scores.get(i).name());
    }
    columns.add(
        column(
            "prediction",
            new ColumnType.ArrayOf(DOUBLE),
            what + " In order: " + String.join(", ", names) + ".",
            new OutputValue.ScoreArray(indices)));
  }

  /** Several outputs are columns; what there is a class of, one array with the classes named. */
  private static void several(
      List<OutputColumn> columns, PlanRequest request, List<ScoreColumn> scores, String what) {
    OutputKind kind = scores.get(0).kind();
    if (kind != OutputKind.PREDICT && kind != OutputKind.TRANSFORM) {
      array(columns, scores, kindComment(kind));
      return;
    }
    for (int i = 0; i < scores.size(); i++) {
      ScoreColumn score = scores.get(i);
      String name = "prediction_" + score.name();
      String comment = what + ", output " + score.name() + ".";
      columns.add(
          switch (score.type()) {
            case NUMBER ->
                column(
                    name,
                    signatureType(request.model(), i, scores.size()).orElse(DOUBLE),
                    comment,
                    new OutputValue.Score(i));
            case TEXT -> column(name, STRING, comment, new OutputValue.Text(i));
            case LABEL_INDEX -> {
              Labels labels = score.labels().orElseThrow();
              yield column(name, labels.type(), comment, new OutputValue.Label(i, labels));
            }
          });
    }
  }

  private static String kindComment(OutputKind kind) {
    return switch (kind) {
      case PREDICT -> "What the model's predict returns.";
      case PREDICT_PROBA -> "Probability of each class.";
      case DECISION_FUNCTION -> "Decision function of the model.";
      case SCORE_SAMPLES -> "Score before the offset: lower is more abnormal.";
      case RAW_MARGIN -> "Sum of the trees before the link function.";
      case TRANSFORM -> "What the model's transform returns.";
    };
  }

  private static OutputColumn column(String name, ColumnType type, String what, OutputValue value) {
    return new OutputColumn(new Column(name, type, true, what), value);
  }
}
