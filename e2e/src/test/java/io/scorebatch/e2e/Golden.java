package io.scorebatch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What Python predicted for some keys of a model, compared cell by cell with a table. */
final class Golden {
  private final String model;
  private final List<String> keys;
  private final List<String> header;
  private final List<String> lines;

  Golden(String model, List<String> keys) throws IOException {
    this.model = model;
    this.keys = keys;
    Path file = Fixtures.root().resolve("examples/health-monitor/golden/" + model + ".csv");
    List<String> all = Files.readAllLines(file);
    this.header = List.of(all.get(0).split(",", -1));
    this.lines = all.subList(1, all.size());
  }

  /** Compares every cell bit for bit; the number of cells compared. */
  int compare(Demo demo, String table) {
    Map<String, Map<String, @Nullable Object>> rows = new HashMap<>();
    String wanted =
        lines.stream()
            .map(line -> line.split(",", -1))
            .map(cells -> tuple(cells))
            .collect(Collectors.joining(", "));
    String names =
        keys.stream().map(k -> "CAST(" + k + " AS VARCHAR)").collect(Collectors.joining(", "));
    demo.sql("SELECT * FROM main.ml." + table + " WHERE (" + names + ") IN (" + wanted + ")")
        .forEach(row -> rows.put(key(row), row));
    int cells = 0;
    for (String line : lines) {
      String[] expected = line.split(",", -1);
      String key = String.join("|", List.of(expected).subList(0, keys.size()));
      Map<String, @Nullable Object> row = rows.get(key);
      if (row == null) {
        throw new AssertionError(model + " has no row for " + key);
      }
      for (int i = keys.size(); i < header.size(); i++) {
        cells += cell(row, header.get(i), expected[i], key);
      }
    }
    return cells;
  }

  private int cell(Map<String, @Nullable Object> row, String name, String expected, String key) {
    if (name.equals("score_samples")) {
      return 0; // not a column of the table; the fixtures of the model readers compare it
    }
    Object value = row.get(name);
    if (name.startsWith("probability[")) {
      Map<?, ?> map = (Map<?, ?>) row.get("probabilities");
      value = Objects.requireNonNull(map).get(name.substring(12, name.length() - 1));
    }
    if (value instanceof Double number) {
      assertThat(Double.doubleToRawLongBits(number))
          .as("%s: %s of %s is %s, Python says %s", model, name, key, number, expected)
          .isEqualTo(Double.doubleToRawLongBits(Double.parseDouble(expected)));
    } else {
      assertThat(String.valueOf(value)).as("%s: %s of %s", model, name, key).isEqualTo(expected);
    }
    return 1;
  }

  private String tuple(String[] cells) {
    return List.of(cells).subList(0, keys.size()).stream()
        .map(cell -> "'" + cell.replace("'", "''") + "'")
        .collect(Collectors.joining(", ", "(", ")"));
  }

  private String key(Map<String, @Nullable Object> row) {
    return keys.stream().map(k -> String.valueOf(row.get(k))).collect(Collectors.joining("|"));
  }
}
