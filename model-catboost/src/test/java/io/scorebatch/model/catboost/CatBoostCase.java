package io.scorebatch.model.catboost;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.LoggedModel;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelOrigin;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.model.Task;
import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A fixture: the CatBoost file, the rows to score, and what Python answered. */
record CatBoostCase(Path folder, JsonNode description) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Stream<CatBoostCase> all() {
    try (Stream<Path> folders = Files.list(Fixtures.fixture("catboost-1.2.8"))) {
      return folders.filter(Files::isDirectory).sorted().toList().stream()
          .map(folder -> named(folder.getFileName().toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static CatBoostCase named(String name) {
    Path folder = Fixtures.fixture("catboost-1.2.8").resolve(name);
    try {
      return new CatBoostCase(folder, JSON.readTree(folder.resolve("case.json").toFile()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path file() {
    return folder.resolve(description.get("models").get(0).get("file").asText());
  }

  /** The model as a reader of artifact folders completes it. */
  Model complete() {
    String wrapper = description.get("estimator").asText();
    String type = wrapper.substring(wrapper.lastIndexOf('.') + 1);
    Map<String, String> flavor = Map.of("model_type", type, "catboost_version", "1.2.8");
    return new CatBoostModelReader().complete(known(file()), logged(Map.of("catboost", flavor)));
  }

  static Model known(Path file) {
    return new Model(
        new ModelOrigin("catboost", "unknown", "mlflow.catboost", "cbm"),
        Task.UNKNOWN,
        List.of(),
        false,
        Optional.empty(),
        Set.of(),
        new ForeignModel("catboost", file, Map.of()));
  }

  static LoggedModel logged(Map<String, Map<String, String>> flavors) {
    return new LoggedModel(Path.of("."), null, null, flavors, Optional.empty(), null, null, null);
  }

  List<OutputKind> kinds() {
    List<OutputKind> kinds = new ArrayList<>();
    description
        .get("kinds")
        .fieldNames()
        .forEachRemaining(k -> kinds.add(OutputKind.parse(k).orElseThrow()));
    return kinds;
  }

  int rows() {
    return description.get("n_rows").asInt();
  }

  List<String> categories() {
    List<String> names = new ArrayList<>();
    description.get("categories").forEach(name -> names.add(name.asText()));
    return names;
  }

  /** The rows, in the order of the columns of input.json where there are names. */
  Block input() throws IOException {
    if (Files.exists(folder.resolve("input.f64"))) {
      int columns = description.get("n_cols").asInt();
      double[] all = doubles(folder.resolve("input.f64"));
      List<Object> found = new ArrayList<>();
      for (int c = 0; c < columns; c++) {
        double[] column = new double[rows()];
        for (int r = 0; r < rows(); r++) {
          column[r] = all[r * columns + c];
        }
        found.add(column);
      }
      return new Block(rows(), found);
    }
    List<Object> found = new ArrayList<>();
    for (JsonNode column : JSON.readTree(folder.resolve("input.json").toFile()).get("columns")) {
      @Nullable String[] texts = new String[rows()];
      double[] numbers = new double[rows()];
      boolean text = categories().contains(column.get("name").asText());
      for (int r = 0; r < rows(); r++) {
        JsonNode value = column.get("values").get(r);
        if (text) {
          texts[r] = value.isNull() ? null : value.asText();
        } else {
          numbers[r] =
              value.isBoolean() ? (value.asBoolean() ? 1 : 0) : Double.parseDouble(value.asText());
        }
      }
      found.add(text ? texts : numbers);
    }
    return new Block(rows(), found);
  }

  String[] expectedTexts(String part, OutputKind kind) throws IOException {
    JsonNode list =
        JSON.readTree(folder.resolve(part + "." + kind.configName() + ".json").toFile());
    String[] texts = new String[list.size()];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = list.get(i).asText();
    }
    return texts;
  }

  /** Numbers row after row; empty where the case has none. */
  Optional<double[]> expected(String part, OutputKind kind) throws IOException {
    Path file = folder.resolve(part + "." + kind.configName() + ".f64");
    return Files.exists(file) ? Optional.of(doubles(file)) : Optional.empty();
  }

  static Scores score(Scorer scorer, Block block) {
    Scores scores = new Scores(scorer.outputs().size(), block.rows());
    scorer.score(block, scores);
    return scores;
  }

  private static double[] doubles(Path file) throws IOException {
    DoubleBuffer buffer =
        ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer();
    double[] values = new double[buffer.remaining()];
    buffer.get(values);
    return values;
  }

  @Override
  public String toString() {
    return folder.getFileName().toString();
  }

  /** Columns in memory: double[] or String[]. */
  record Block(int rows, List<Object> values) implements ColumnBlock {
    @Override
    public int columns() {
      return values.size();
    }

    @Override
    public double[] numbers(int column) {
      return (double[]) values.get(column);
    }

    @Override
    public @Nullable String[] texts(int column) {
      return (String[]) values.get(column);
    }
  }

  /** Scores in memory. */
  static final class Scores implements ScoreBlock {
    private final double[][] numbers;
    private final @Nullable String[][] texts;

    Scores(int columns, int rows) {
      numbers = new double[columns][rows];
      texts = new String[columns][rows];
    }

    @Override
    public double[] numbers(int column) {
      return numbers[column];
    }

    @Override
    public @Nullable String[] texts(int column) {
      return texts[column];
    }
  }
}
