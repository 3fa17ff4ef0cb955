package io.scorebatch.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A model of the fixtures: rows, and what Python answered when the file was loaded as one class.
 *
 * @param folder of the case
 * @param description its case.json
 * @param entry the model among those of the case
 */
record FixtureModel(Path folder, JsonNode description, JsonNode entry) {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String BOOSTER = "xgboost.core.Booster";

  static List<FixtureModel> all() throws IOException {
    List<FixtureModel> models = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(Fixtures.fixture("."), 3)) {
      for (Path file : walk.filter(path -> path.endsWith("case.json")).sorted().toList()) {
        JsonNode description = JSON.readTree(file.toFile());
        Path folder = file.resolveSibling("").normalize();
        description
            .get("models")
            .forEach(m -> models.add(new FixtureModel(folder, description, m)));
      }
    }
    return models;
  }

  String library() {
    return description.get("library").asText();
  }

  String version() {
    return description.get("version").asText();
  }

  String wrapper() {
    return entry.get("wrapper").asText();
  }

  String format() {
    return entry.get("format").asText();
  }

  /** Whether a runtime of its own scores it. */
  boolean isForeign() {
    return library().equals("onnx") || library().equals("catboost");
  }

  boolean isPyfunc() {
    return wrapper().startsWith("mlflow.pyfunc");
  }

  /** Where it lies; a file that does not say what it is used as gets an MLmodel that does. */
  Path model(Path scratch) throws IOException {
    Path file = folder.resolve(entry.get("file").asText());
    if (Files.exists(file.resolveSibling("MLmodel"))) {
      return file.resolveSibling("");
    }
    boolean wrapped = format().startsWith("xgboost-") && !wrapper().equals(BOOSTER);
    boolean framed = format().equals("lightgbm-text") && !frame().isMissingNode();
    if (!wrapped && !framed) {
      return file;
    }
    Path made = Files.createDirectories(scratch.resolve("model"));
    String name = String.valueOf(file.getFileName());
    Files.write(made.resolve(name), Files.readAllBytes(file));
    Files.writeString(
        made.resolve("MLmodel"),
        wrapped
            ? "flavors:\n  xgboost: {data: " + name + ", model_class: " + wrapper() + "}\n"
            : "flavors:\n  lightgbm: {data: " + name + "}\n" + signature());
    return made;
  }

  private String signature() {
    List<String> columns = new ArrayList<>();
    for (JsonNode column : frame()) {
      String type = column.get("type").asText();
      columns.add(
          "{\"name\": \"" + column.get("name").asText() + "\", \"type\": \"" + type + "\"}");
    }
    return "signature:\n  inputs: '[" + String.join(", ", columns) + "]'\n";
  }

  /** The kinds of output Python answered. */
  JsonNode answers() {
    return entry.has("expected") ? entry.get("expected") : description.get("kinds");
  }

  Set<String> kinds() {
    Set<String> kinds = new TreeSet<>();
    answers().fieldNames().forEachRemaining(kinds::add);
    return kinds;
  }

  /** Columns of the frame that was scored; missing where a matrix was. */
  private JsonNode frame() {
    Path file = folder.resolve("input.json");
    return Files.exists(file) ? json(file).path("columns") : MissingNode.getInstance();
  }

  /**
   * Writes rows and answers as a recording.
   *
   * @param answers kinds of output with their files
   * @param predict the name the answers of predict are recorded under
   */
  void record(List<ModelInput> inputs, JsonNode answers, String predict, Path file)
      throws IOException {
    int rows = description.get("n_rows").asInt();
    ObjectNode root = JSON.createObjectNode();
    ArrayNode names = root.putArray("columns");
    List<ArrayNode> data = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      data.add(JSON.createArrayNode());
    }
    addInputs(inputs, names, data);
    answers
        .properties()
        .forEach(
            answer ->
                addAnswers(
                    answer.getKey().equals("predict") ? predict : answer.getKey(),
                    answer.getValue(),
                    names,
                    data));
    root.putArray("data").addAll(data);
    JSON.writeValue(file.toFile(), root);
  }

  private void addInputs(List<ModelInput> inputs, ArrayNode names, List<ArrayNode> data) {
    JsonNode frame = frame();
    double[] matrix = frame.isMissingNode() ? numbers("input.f64") : new double[0];
    int width = description.get("n_cols").asInt();
    for (int c = 0; c < inputs.size(); c++) {
      names.add(inputs.get(c).name());
      @Nullable JsonNode column = frame.isMissingNode() ? null : column(frame, inputs.get(c), c);
      for (int row = 0; row < data.size(); row++) {
        if (column == null) {
          add(data.get(row), matrix[row * width + c]);
        } else {
          add(data.get(row), column, column.get("values").get(row), inputs.get(c).text());
        }
      }
    }
  }

  private static JsonNode column(JsonNode frame, ModelInput input, int position) {
    for (JsonNode column : frame) {
      if (column.get("name").asText().equals(input.name())) {
        return column;
      }
    }
    return frame.get(position);
  }

  /** Labels that a model wants as codes are numbered by the list the training frame had. */
  private static void add(ArrayNode cells, JsonNode column, JsonNode value, boolean text) {
    if (value.isNull() || text) {
      cells.add(value.isNull() ? null : value.asText());
    } else if (column.get("type").asText().equals("string")) {
      int code = 0;
      while (code < column.path("pandas_categories").size()
          && !column.get("pandas_categories").get(code).equals(value)) {
        code++;
      }
      if (code < column.path("pandas_categories").size()) {
        cells.add(code);
      } else {
        cells.addNull();
      }
    } else {
      cells.add(value);
    }
  }

  private void addAnswers(String kind, JsonNode answer, ArrayNode names, List<ArrayNode> data) {
    int width = answer.get("width").asInt();
    for (int c = 0; c < width; c++) {
      names.add(width == 1 ? kind : kind + "_" + c);
    }
    String file = answer.get("file").asText();
    if (file.endsWith(".json")) {
      JsonNode labels = json(folder.resolve(file));
      for (int i = 0; i < labels.size(); i++) {
        // A frame of objects, as Python prints it.
        String text = labels.get(i).asText();
        boolean flag = kind.equals("transform") && (text.equals("True") || text.equals("False"));
        data.get(i / width).add(flag ? BooleanNode.valueOf(text.equals("True")) : labels.get(i));
      }
      return;
    }
    double[] numbers = numbers(file);
    for (int i = 0; i < numbers.length; i++) {
      add(data.get(i / width), numbers[i]);
    }
  }

  private static void add(ArrayNode cells, double value) {
    if (Double.isFinite(value)) {
      cells.add(value);
    } else {
      cells.add(Double.toString(value));
    }
  }

  private double[] numbers(String file) {
    try {
      ByteBuffer bytes =
          ByteBuffer.wrap(Files.readAllBytes(folder.resolve(file))).order(ByteOrder.LITTLE_ENDIAN);
      double[] numbers = new double[bytes.remaining() / Double.BYTES];
      bytes.asDoubleBuffer().get(numbers);
      return numbers;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode json(Path file) {
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return Stream.of(folder.getParent(), folder)
            .map(path -> String.valueOf(path.getFileName()))
            .collect(Collectors.joining("/"))
        + "/"
        + entry.get("file").asText()
        + " as "
        + wrapper().substring(wrapper().lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }
}
