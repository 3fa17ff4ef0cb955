package io.scorebatch.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The rows of a model fixture with the five numbers f0 to f4 each. */
record FeatureRows(List<double[]> rows) {
  static final List<String> NAMES = List.of("f0", "f1", "f2", "f3", "f4");

  /** From {@code input.f64}, or {@code input.json} where the fixture has a frame. */
  static FeatureRows of(String fixture) throws IOException {
    Path folder = Fixtures.fixture(fixture);
    List<double[]> rows = new ArrayList<>();
    if (Files.exists(folder.resolve("input.f64"))) {
      double[] values = numbers(folder.resolve("input.f64"));
      for (int at = 0; at < values.length; at += NAMES.size()) {
        rows.add(Arrays.copyOfRange(values, at, at + NAMES.size()));
      }
      return new FeatureRows(rows);
    }
    JsonNode columns =
        new ObjectMapper().readTree(folder.resolve("input.json").toFile()).get("columns");
    for (int row = 0; row < columns.get(0).get("values").size(); row++) {
      double[] values = new double[NAMES.size()];
      for (int c = 0; c < values.length; c++) {
        values[c] = Double.parseDouble(columns.get(c).get("values").get(row).asText());
      }
      rows.add(values);
    }
    return new FeatureRows(rows);
  }

  /** Doubles of a file, little-endian. */
  static double[] numbers(Path file) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      double[] values = new double[bytes.remaining() / Double.BYTES];
      bytes.asDoubleBuffer().get(values);
      return values;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A query for the rows with their number as {@code id}, from 0. */
  String sql() {
    List<String> values = new ArrayList<>();
    for (int row = 0; row < rows.size(); row++) {
      values.add(
          Arrays.stream(rows.get(row))
              .mapToObj(v -> "'" + v + "'::DOUBLE")
              .collect(Collectors.joining(", ", "(" + row + "::BIGINT, ", ")")));
    }
    return "SELECT * FROM (VALUES "
        + String.join(", ", values)
        + ") AS t(id, "
        + String.join(", ", NAMES)
        + ")";
  }

  /** The columns for a script: a list of names and values. */
  String json() {
    List<String> columns = new ArrayList<>();
    for (int c = 0; c < NAMES.size(); c++) {
      int column = c;
      columns.add(
          rows.stream()
              .map(row -> Double.toString(row[column]))
              .collect(Collectors.joining(", ", "[\"" + NAMES.get(c) + "\", [", "]]")));
    }
    return "[" + String.join(", ", columns) + "]";
  }
}
