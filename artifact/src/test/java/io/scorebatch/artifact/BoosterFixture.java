package io.scorebatch.artifact;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A folder of model fixtures of one case: rows, model files, what Python answered. */
record BoosterFixture(Path folder, JsonNode description) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A model file of a case and the class it is used as. */
  record Entry(BoosterFixture fixture, JsonNode description) {
    Path file() {
      return fixture.folder().resolve(description.get("file").asText());
    }

    String wrapper() {
      return description.get("wrapper").asText();
    }

    /** Expected numbers of a kind, row by row; empty where Python was not asked. */
    double[] expected(String kind) {
      JsonNode kinds =
          description.has("expected")
              ? description.get("expected")
              : fixture.description().get("kinds");
      return kinds.has(kind)
          ? fixture.numbers(kinds.get(kind).get("file").asText())
          : new double[0];
    }

    @Override
    public String toString() {
      return fixture + "/" + file().getFileName() + " as " + wrapper();
    }
  }

  static BoosterFixture of(String path) {
    Path folder = Fixtures.fixture(path);
    try {
      return new BoosterFixture(folder, JSON.readTree(folder.resolve("case.json").toFile()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All entries of a library's cases. */
  static Stream<Entry> entries(String library) {
    List<Entry> entries = new ArrayList<>();
    try (Stream<Path> folders = Files.list(Fixtures.fixture("."))) {
      for (Path versioned :
          folders
              .filter(f -> f.getFileName().toString().startsWith(library + "-"))
              .sorted()
              .toList()) {
        try (Stream<Path> cases = Files.list(versioned)) {
          for (Path folder : cases.filter(Files::isDirectory).sorted().toList()) {
            BoosterFixture fixture = of(versioned.getFileName() + "/" + folder.getFileName());
            fixture.description().get("models").forEach(m -> entries.add(new Entry(fixture, m)));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return entries.stream();
  }

  /**
   * Rows of Double and String. Labels that a model wants as codes are given by the category list
   * that the training frame had.
   */
  List<Object[]> rows(List<ModelInput> inputs) {
    int columns = description.get("n_cols").asInt();
    List<Object[]> rows = new ArrayList<>();
    for (int i = 0; i < description.get("n_rows").asInt(); i++) {
      rows.add(new Object[columns]);
    }
    if (description.get("input").asText().equals("input.f64")) {
      double[] numbers = numbers("input.f64");
      for (int i = 0; i < numbers.length; i++) {
        rows.get(i / columns)[i % columns] = numbers[i];
      }
      return rows;
    }
    JsonNode input = input();
    for (int c = 0; c < columns; c++) {
      JsonNode column = input.get(c);
      for (int i = 0; i < rows.size(); i++) {
        JsonNode value = column.get("values").get(i);
        rows.get(i)[c] =
            column.get("type").asText().equals("string")
                ? label(column, value, inputs.get(c).text())
                : (Object) (value.isNull() ? Double.NaN : Double.parseDouble(value.asText()));
      }
    }
    return rows;
  }

  private static @Nullable Object label(JsonNode column, JsonNode value, boolean text) {
    if (text) {
      return value.isNull() ? null : value.asText();
    }
    JsonNode categories = column.get("pandas_categories");
    for (int code = 0; code < categories.size(); code++) {
      if (categories.get(code).equals(value)) {
        return (double) code;
      }
    }
    return Double.NaN;
  }

  Set<String> textColumns() {
    Set<String> names = new LinkedHashSet<>();
    if (!description.get("input").asText().equals("input.f64")) {
      for (JsonNode column : input()) {
        if (column.get("type").asText().equals("string")) {
          names.add(column.get("name").asText());
        }
      }
    }
    return names;
  }

  private JsonNode input() {
    try {
      return JSON.readTree(folder.resolve("input.json").toFile()).get("columns");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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

  @Override
  public String toString() {
    return folder.subpath(folder.getNameCount() - 2, folder.getNameCount()).toString();
  }
}
