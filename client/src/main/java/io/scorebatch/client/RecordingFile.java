package io.scorebatch.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads recorded rows: JSON in MLflow's forms, JSON lines, CSV, Parquet. */
final class RecordingFile {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private RecordingFile() {}

  /** The input example that MLflow stored beside a model; empty where there is none. */
  static Optional<Recording> example(List<Path> folders) {
    for (Path folder : folders) {
      for (String name : List.of("input_example.json", "serving_input_example.json")) {
        Path file = folder.resolve(name);
        if (Files.isRegularFile(file)) {
          return Optional.of(json(file, "The input example '" + name + "'"));
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Rows of a file; its ending tells the format.
   *
   * @throws io.scorebatch.api.error.ScorebatchException {@code RECORDING_INVALID}, {@code
   *     FILE_UNREADABLE}
   */
  static Recording read(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    String source = "The file '" + file + "'";
    if (!Files.isRegularFile(file)) {
      throw RecordingErrors.unreadable(source, "there is no such file.");
    }
    if (name.endsWith(".json")) {
      return json(file, source);
    }
    if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
      return jsonLines(file, source);
    }
    if (name.endsWith(".csv") || name.endsWith(".parquet")) {
      return TableFile.read(file, source);
    }
    throw RecordingErrors.unreadable(source, "its ending tells no format.");
  }

  static Recording json(Path file, String source) {
    try {
      return parse(JSON.readTree(file.toFile()), source);
    } catch (JsonProcessingException e) {
      throw RecordingErrors.unreadable(source, e.getOriginalMessage() + ".");
    } catch (IOException e) {
      throw RecordingErrors.unreadable(source, e + ".");
    }
  }

  private static Recording jsonLines(Path file, String source) {
    try (MappingIterator<JsonNode> nodes =
        JSON.readerFor(JsonNode.class).readValues(file.toFile())) {
      return records(nodes.readAll(), source);
    } catch (JsonProcessingException e) {
      throw RecordingErrors.unreadable(source, e.getOriginalMessage() + ".");
    } catch (IOException e) {
      throw RecordingErrors.unreadable(source, e + ".");
    }
  }

  /** A recording, with who made it where it says so. */
  private static Recording parse(JsonNode root, String source) {
    if (root.isObject() && root.has("python") && root.has("data")) {
      StringBuilder by = new StringBuilder(source).append(", answered by Python ");
      by.append(root.get("python").asText());
      root.path("packages")
          .properties()
          .forEach(
              p -> by.append(", ").append(p.getKey()).append(' ').append(p.getValue().asText()));
      return split(root, by.toString());
    }
    for (String form : List.of("dataframe_split", "dataframe_records", "inputs", "instances")) {
      if (root.isObject() && root.has(form)) {
        return parse(root.get(form), source);
      }
    }
    if (root.isObject() && root.has("data")) {
      return split(root, source);
    }
    if (root.isObject() && !root.isEmpty() && root.elements().next().isArray()) {
      return byColumn(root, source);
    }
    if (!root.isArray()) {
      throw RecordingErrors.unreadable(source, "it holds no rows.");
    }
    List<JsonNode> rows = new ArrayList<>();
    root.forEach(rows::add);
    return !rows.isEmpty() && rows.get(0).isObject()
        ? records(rows, source)
        : new Recording(List.of(), positional(rows), source);
  }

  private static Recording split(JsonNode root, String source) {
    List<String> columns = new ArrayList<>();
    root.path("columns").forEach(name -> columns.add(name.asText()));
    List<JsonNode> rows = new ArrayList<>();
    root.get("data").forEach(rows::add);
    List<List<@Nullable Object>> values = positional(rows);
    for (int row = 0; row < values.size(); row++) {
      if (!columns.isEmpty() && values.get(row).size() != columns.size()) {
        throw RecordingErrors.unreadable(
            source,
            "row "
                + row
                + " has "
                + values.get(row).size()
                + " values for "
                + columns.size()
                + " columns.");
      }
    }
    return new Recording(columns, values, source);
  }

  private static List<List<@Nullable Object>> positional(List<JsonNode> rows) {
    List<List<@Nullable Object>> values = new ArrayList<>();
    for (JsonNode row : rows) {
      List<@Nullable Object> cells = new ArrayList<>();
      if (row.isArray()) {
        row.forEach(cell -> cells.add(value(cell)));
      } else {
        cells.add(value(row));
      }
      values.add(cells);
    }
    return values;
  }

  private static Recording byColumn(JsonNode root, String source) {
    List<String> columns = new ArrayList<>();
    root.fieldNames().forEachRemaining(columns::add);
    int rows = root.elements().next().size();
    List<List<@Nullable Object>> values = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      List<@Nullable Object> cells = new ArrayList<>();
      for (String column : columns) {
        if (root.get(column).size() != rows) {
          throw RecordingErrors.unreadable(source, "its columns differ in length.");
        }
        cells.add(value(root.get(column).get(row)));
      }
      values.add(cells);
    }
    return new Recording(columns, values, source);
  }

  private static Recording records(List<JsonNode> rows, String source) {
    Set<String> names = new LinkedHashSet<>();
    for (JsonNode row : rows) {
      row.fieldNames().forEachRemaining(names::add);
    }
    List<List<@Nullable Object>> values = new ArrayList<>();
    for (JsonNode row : rows) {
      List<@Nullable Object> cells = new ArrayList<>();
      names.forEach(name -> cells.add(value(row.path(name))));
      values.add(cells);
    }
    return new Recording(List.copyOf(names), values, source);
  }

  private static @Nullable Object value(JsonNode node) {
    if (node.isNull() || node.isMissingNode()) {
      return null;
    }
    if (node.isBoolean()) {
      return node.booleanValue();
    }
    if (node.isNumber()) {
      return node.numberValue();
    }
    if (node.isArray()) {
      List<@Nullable Object> values = new ArrayList<>();
      node.forEach(element -> values.add(value(element)));
      return values;
    }
    return node.isTextual() ? node.textValue() : node.toString();
  }
}
