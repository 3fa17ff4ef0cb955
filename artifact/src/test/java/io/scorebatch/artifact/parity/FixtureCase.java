package io.scorebatch.artifact.parity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One folder of fixtures: models of one training, rows to score, what Python answered. */
record FixtureCase(Path folder, JsonNode description) {
  private static final JsonMapper JSON = new JsonMapper();
  private static final List<String> LIBRARIES = List.of("sklearn", "xgboost", "lightgbm", "mlflow");

  /** A model file of a case, loaded as one class. */
  record Entry(FixtureCase fixture, JsonNode description) {
    Path file() {
      return fixture.folder.resolve(description.get("file").textValue());
    }

    String format() {
      return description.get("format").textValue();
    }

    String wrapper() {
      return description.get("wrapper").textValue();
    }

    /** What Python answered to each kind. */
    JsonNode expected() {
      return description.has("expected")
          ? description.get("expected")
          : fixture.description.get("kinds");
    }

    /** {@code sklearn-1.9.1/pca/model.pkl}. */
    String id() {
      return fixture.id() + "/" + description.get("file").textValue();
    }

    /**
     * The file and what it is loaded as, for patterns: {@code …/model.json#xgboost.core.Booster}.
     */
    String key() {
      return id() + "#" + wrapper();
    }

    @Override
    public String toString() {
      return id() + " as " + wrapper();
    }
  }

  static List<Entry> all() {
    List<Entry> entries = new ArrayList<>();
    for (Path library : list(Fixtures.fixture("."))) {
      String name = library.getFileName().toString();
      if (LIBRARIES.stream().noneMatch(l -> name.startsWith(l + "-"))) {
        continue;
      }
      for (Path folder : list(library)) {
        Path file = folder.resolve("case.json");
        if (Files.exists(file)) {
          FixtureCase fixture = new FixtureCase(folder, json(file));
          fixture.description.get("models").forEach(m -> entries.add(new Entry(fixture, m)));
        }
      }
    }
    return entries;
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isDirectory).sorted().toList();
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

  String id() {
    return folder.getParent().getFileName() + "/" + folder.getFileName();
  }

  String library() {
    return folder.getParent().getFileName().toString().replaceAll("-.*", "");
  }

  String version() {
    return folder.getParent().getFileName().toString().replaceAll("^[^-]*-", "");
  }

  /** The estimator's class without its module. */
  String family() {
    String estimator = description.path("estimator").asText("");
    return estimator.substring(estimator.lastIndexOf('.') + 1);
  }

  int rows() {
    return description.get("n_rows").intValue();
  }

  boolean isMatrix() {
    return description.get("input_as").textValue().equals("matrix");
  }

  /** Names of the columns that hold text. */
  Set<String> textColumns() {
    Set<String> names = new LinkedHashSet<>();
    if (!isMatrix()) {
      for (JsonNode column : columns()) {
        if (column.get("type").textValue().equals("string")) {
          names.add(column.get("name").textValue());
        }
      }
    }
    return names;
  }

  /** Groups of rows that Python refuses, with its message. */
  Map<String, JsonNode> rejected() {
    Map<String, JsonNode> rejected = new java.util.LinkedHashMap<>();
    description.path("rejected").properties().forEach(e -> rejected.put(e.getKey(), e.getValue()));
    return rejected;
  }

  private JsonNode columns() {
    return json(folder.resolve("input.json")).get("columns");
  }

  /** The rows as the model's inputs: by name from a frame, by position from a matrix. */
  ColumnBlock input(List<ModelInput> inputs) {
    if (isMatrix() && Files.exists(folder.resolve("input.f64"))) {
      double[] all = numbers("input.f64");
      int width = description.get("n_cols").intValue();
      double[][] columns = new double[width][rows()];
      for (int i = 0; i < all.length; i++) {
        columns[i % width][i / width] = all[i];
      }
      return new Block(rows(), columns, new String[width][]);
    }
    JsonNode stored = columns();
    double[][] numbers = new double[inputs.size()][];
    @Nullable String[][] texts = new String[inputs.size()][];
    for (int c = 0; c < inputs.size(); c++) {
      JsonNode column = column(stored, inputs.get(c), c);
      if (inputs.get(c).text()) {
        texts[c] = texts(column);
      } else {
        numbers[c] = numbers(column);
      }
    }
    return new Block(rows(), numbers, texts);
  }

  private JsonNode column(JsonNode columns, ModelInput input, int position) {
    for (JsonNode column : columns) {
      if (column.get("name").textValue().equals(input.name())) {
        return column;
      }
    }
    return columns.get(position);
  }

  private String[] texts(JsonNode column) {
    String[] texts = new String[rows()];
    for (int i = 0; i < texts.length; i++) {
      JsonNode value = column.get("values").get(i);
      texts[i] = value.isNull() ? null : value.asText();
    }
    return texts;
  }

  /** Labels that a model wants as codes are numbered by the list the training frame had. */
  private double[] numbers(JsonNode column) {
    double[] numbers = new double[rows()];
    for (int i = 0; i < numbers.length; i++) {
      JsonNode value = column.get("values").get(i);
      if (column.get("type").textValue().equals("string")) {
        numbers[i] = code(column.path("pandas_categories"), value);
      } else if (value.isBoolean()) {
        numbers[i] = value.booleanValue() ? 1 : 0;
      } else {
        numbers[i] = value.isNull() ? Double.NaN : Double.parseDouble(value.asText());
      }
    }
    return numbers;
  }

  private static double code(JsonNode categories, JsonNode value) {
    for (int code = 0; code < categories.size(); code++) {
      if (categories.get(code).equals(value)) {
        return code;
      }
    }
    return Double.NaN;
  }

  double[] numbers(String file) {
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

  List<@Nullable String> labels(String file) {
    List<@Nullable String> labels = new ArrayList<>();
    json(folder.resolve(file)).forEach(v -> labels.add(v.isNull() ? null : v.asText()));
    return labels;
  }

  /** Columns in memory. */
  record Block(int rows, double[][] columnNumbers, @Nullable String[][] columnTexts)
      implements ColumnBlock {
    @Override
    public int columns() {
      return columnNumbers.length;
    }

    @Override
    public double[] numbers(int column) {
      return columnNumbers[column];
    }

    @Override
    public @Nullable String[] texts(int column) {
      return columnTexts[column];
    }
  }
}
