package io.scorebatch.model.onnx;

import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Task;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.model.onnx.Reading.Form;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the outputs of a file mean, in the terms of the library that trained it. The converters of
 * scikit-learn, XGBoost and LightGBM give a classifier a label first, then its probabilities in one
 * of three forms: a sequence of maps, a tensor, or one output a class. Outlier detectors give a
 * label and {@code scores}, which is the decision function, and on request {@code score_samples}.
 * All other outputs are what {@code predict} answers. Immutable.
 *
 * @param task what the model answers
 * @param labels its classes in the order of the probabilities
 * @param readings the columns of each kind it can be asked for
 */
record OnnxAnswers(Task task, Optional<Labels> labels, Map<OutputKind, List<Reading>> readings) {
  private static final String SCORES = "scores";
  private static final String SCORE_SAMPLES = "score_samples";

  OnnxAnswers {
    readings = Map.copyOf(readings);
  }

  static OnnxAnswers of(OnnxFile file) {
    List<GraphValue> outputs = file.outputs();
    for (GraphValue output : outputs) {
      if (!output.maps() && !output.isTable()) {
        throw OnnxErrors.unsupportedOutput(file.path(), output);
      }
    }
    Optional<OnnxAnswers> special = classifier(file);
    if (special.isEmpty()) {
      special = outlierDetector(outputs);
    }
    return special.orElseGet(() -> other(file, outputs));
  }

  Set<OutputKind> kinds() {
    return readings.keySet();
  }

  private static Optional<OnnxAnswers> classifier(OnnxFile file) {
    List<GraphValue> outputs = file.outputs();
    if (outputs.size() < 2 || !isLabel(outputs.get(0))) {
      return Optional.empty();
    }
    Optional<List<Object>> classes =
        zipMap(file).flatMap(GraphNode::classes).or(() -> classes(file, outputs.get(0)));
    if (classes.isEmpty()) {
      return Optional.empty();
    }
    Labels labels = labels(classes.get());
    Map<OutputKind, List<Reading>> readings = new EnumMap<>(OutputKind.class);
    readings.put(
        OutputKind.PREDICT,
        List.of(
            new Reading(
                ScoreColumn.label(OutputKind.PREDICT, labels), outputs.get(0), 0, 1, Form.LABELS)));
    Optional<List<Reading>> scores = scores(file, labels);
    if (scores.isEmpty()) {
      return Optional.empty();
    }
    readings.put(scores.get().get(0).column().kind(), scores.get());
    Task task = labels.size() == 2 ? Task.BINARY_CLASSIFICATION : Task.MULTICLASS_CLASSIFICATION;
    return Optional.of(new OnnxAnswers(task, Optional.of(labels), readings));
  }

  /** The node that makes maps of the probabilities, where the second output is one. */
  private static Optional<GraphNode> zipMap(OnnxFile file) {
    GraphValue second = file.outputs().get(1);
    return file.outputs().size() == 2 && second.maps()
        ? Optional.ofNullable(file.producers().get(second.name()))
            .filter(node -> node.operator().equals("ZipMap") && !node.inputs().isEmpty())
        : Optional.empty();
  }

  private static boolean isLabel(GraphValue output) {
    return output.element().filter(e -> e == Element.INT64 || e == Element.STRING).isPresent()
        && output.width() == 1;
  }

  /** The classes of the node that made the label: a classifier, or a pick among constants. */
  private static Optional<List<Object>> classes(OnnxFile file, GraphValue label) {
    return file.origin(label.name())
        .flatMap(
            node ->
                node.operator().equals("ArrayFeatureExtractor") && !node.inputs().isEmpty()
                    ? Optional.ofNullable(file.constants().get(node.inputs().get(0)))
                    : node.classes());
  }

  private static Labels labels(List<Object> classes) {
    ColumnType type =
        classes.get(0) instanceof String ? ColumnType.Primitive.STRING : ColumnType.Primitive.LONG;
    return new Labels(type, classes);
  }

  /** Probabilities or raw scores; empty where the other outputs are neither. */
  private static Optional<List<Reading>> scores(OnnxFile file, Labels labels) {
    List<GraphValue> rest = file.outputs().subList(1, file.outputs().size());
    GraphValue first = rest.get(0);
    int classes = labels.size();
    Optional<GraphNode> zipMap = zipMap(file);
    if (zipMap.isPresent()) {
      // What goes into the maps is a tensor: read there, it costs a fraction.
      String tensor = zipMap.get().inputs().get(0);
      GraphValue inside =
          new GraphValue(tensor, Optional.of(Element.FLOAT), "tensor of float", false, null);
      return Optional.of(probabilities(labels, inside));
    }
    if (rest.size() == 1 && first.element().filter(Element::isReal).isPresent()) {
      if (isRaw(file, first)) {
        return Optional.of(rawScores(labels, first));
      }
      return first.width() == classes || first.width() == GraphValue.FREE
          ? Optional.of(probabilities(labels, first))
          : Optional.empty();
    }
    return onePerClass(labels, rest);
  }

  /** zipmap='columns': outputs named by class, an i before numbers and an s before texts. */
  private static Optional<List<Reading>> onePerClass(Labels labels, List<GraphValue> outputs) {
    if (outputs.size() != labels.size()) {
      return Optional.empty();
    }
    List<Reading> readings = new ArrayList<>();
    String mark = labels.type() == ColumnType.Primitive.STRING ? "s" : "i";
    for (int i = 0; i < labels.size(); i++) {
      String name = mark + labels.text(i);
      Optional<GraphValue> output =
          outputs.stream()
              .filter(o -> o.name().equals(name) && o.element().filter(Element::isReal).isPresent())
              .findFirst();
      if (output.isEmpty()) {
        return Optional.empty();
      }
      readings.add(
          new Reading(
              ScoreColumn.number(OutputKind.PREDICT_PROBA, labels.text(i)),
              output.get(),
              0,
              1,
              Form.NUMBERS));
    }
    return Optional.of(readings);
  }

  /**
   * Whether the file itself tells that an output named probabilities holds raw scores. Trees do not
   * tell; their probabilities are checked when they are read.
   */
  private static boolean isRaw(OnnxFile file, GraphValue output) {
    return output.width() == 1
        || file.origin(output.name())
            .filter(
                node ->
                    (node.operator().equals("LinearClassifier")
                            && node.postTransform().equals("NONE"))
                        || (node.operator().equals("SVMClassifier") && !node.calibrated()))
            .isPresent();
  }

  private static List<Reading> probabilities(Labels labels, GraphValue output) {
    List<Reading> readings = new ArrayList<>();
    for (int i = 0; i < labels.size(); i++) {
      ScoreColumn column = ScoreColumn.number(OutputKind.PREDICT_PROBA, labels.text(i));
      readings.add(new Reading(column, output, i, labels.size(), Form.NUMBERS));
    }
    return readings;
  }

  /** scikit-learn gives two classes one score, that of the second; converters give both or one. */
  private static List<Reading> rawScores(Labels labels, GraphValue output) {
    OutputKind kind = OutputKind.DECISION_FUNCTION;
    int width = (int) output.width();
    if (labels.size() == 2) {
      ScoreColumn column = ScoreColumn.number(kind, kind.configName());
      return List.of(new Reading(column, output, width - 1, width, Form.NUMBERS));
    }
    List<Reading> readings = new ArrayList<>();
    for (int i = 0; i < labels.size(); i++) {
      ScoreColumn column = ScoreColumn.number(kind, labels.text(i));
      readings.add(new Reading(column, output, i, labels.size(), Form.NUMBERS));
    }
    return readings;
  }

  private static Optional<OnnxAnswers> outlierDetector(List<GraphValue> outputs) {
    boolean scores = outputs.size() >= 2 && outputs.get(1).name().equals(SCORES);
    boolean samples =
        outputs.size() == 2 || (outputs.size() == 3 && outputs.get(2).name().equals(SCORE_SAMPLES));
    if (!scores || !samples || outputs.get(0).element().filter(e -> e == Element.INT64).isEmpty()) {
      return Optional.empty();
    }
    Map<OutputKind, List<Reading>> readings = new EnumMap<>(OutputKind.class);
    List<OutputKind> kinds =
        List.of(OutputKind.PREDICT, OutputKind.DECISION_FUNCTION, OutputKind.SCORE_SAMPLES);
    for (int i = 0; i < outputs.size(); i++) {
      ScoreColumn column = ScoreColumn.number(kinds.get(i), kinds.get(i).configName());
      readings.put(kinds.get(i), List.of(new Reading(column, outputs.get(i), 0, 1, Form.NUMBERS)));
    }
    return Optional.of(new OnnxAnswers(Task.ANOMALY_DETECTION, Optional.empty(), readings));
  }

  private static OnnxAnswers other(OnnxFile file, List<GraphValue> outputs) {
    List<Reading> readings = new ArrayList<>();
    boolean numbers = true;
    for (GraphValue output : outputs) {
      if (output.maps()) {
        throw OnnxErrors.unsupportedOutput(file.path(), output);
      }
      int width = output.width() == GraphValue.FREE ? 1 : (int) output.width();
      boolean text = output.element().filter(e -> e == Element.STRING).isPresent();
      numbers &= output.element().filter(Element::isReal).isPresent();
      for (int i = 0; i < width; i++) {
        String name =
            outputs.size() == 1
                ? (width == 1 ? OutputKind.PREDICT.configName() : String.valueOf(i))
                : (width == 1 ? output.name() : output.name() + "." + i);
        ScoreColumn column =
            text
                ? new ScoreColumn(OutputKind.PREDICT, name, ScoreColumn.Type.TEXT, Optional.empty())
                : ScoreColumn.number(OutputKind.PREDICT, name);
        readings.add(new Reading(column, output, i, width, text ? Form.TEXTS : Form.NUMBERS));
      }
    }
    Task task = numbers && readings.size() == 1 ? Task.REGRESSION : Task.UNKNOWN;
    return new OnnxAnswers(
        task, Optional.empty(), Map.of(OutputKind.PREDICT, List.copyOf(readings)));
  }
}
