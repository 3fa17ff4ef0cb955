package io.scorebatch.client;

import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.ModelInput;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a table as someone wrote them down: a model's inputs and, maybe, what Python answered.
 * Immutable.
 *
 * @param columns names; empty where rows only have positions
 * @param rows a value a column: Number, Boolean, String, List or null
 * @param source where they come from, for messages and certificates
 */
record Recording(List<String> columns, List<List<@Nullable Object>> rows, String source) {
  Recording {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
  }

  /** The columns of a model's inputs, by name; by position where there are no names. */
  ColumnBlock inputs(List<ModelInput> inputs) {
    int[] positions = new int[inputs.size()];
    List<String> missing = new ArrayList<>();
    for (int i = 0; i < positions.length; i++) {
      positions[i] = columns.isEmpty() ? i : columns.indexOf(inputs.get(i).name());
      if (positions[i] < 0 || (columns.isEmpty() && i >= width())) {
        missing.add(inputs.get(i).name());
      }
    }
    if (!missing.isEmpty()) {
      throw RecordingErrors.inputsMissing(source, missing, columns);
    }
    double[][] numbers = new double[positions.length][];
    @Nullable String[][] texts = new String[positions.length][];
    for (int i = 0; i < positions.length; i++) {
      if (inputs.get(i).text()) {
        texts[i] = texts(positions[i]);
      } else {
        numbers[i] = numbers(positions[i], inputs.get(i).name());
      }
    }
    return new Rows(rows.size(), numbers, texts);
  }

  private int width() {
    return rows.isEmpty() ? 0 : rows.get(0).size();
  }

  private @Nullable String[] texts(int column) {
    @Nullable String[] texts = new String[rows.size()];
    for (int row = 0; row < texts.length; row++) {
      Object value = rows.get(row).get(column);
      texts[row] = value == null ? null : value.toString();
    }
    return texts;
  }

  private double[] numbers(int column, String name) {
    double[] numbers = new double[rows.size()];
    for (int row = 0; row < numbers.length; row++) {
      Object value = rows.get(row).get(column);
      int at = row;
      numbers[row] =
          value == null
              ? Double.NaN
              : number(value).orElseThrow(() -> RecordingErrors.noNumber(source, at, name, value));
    }
    return numbers;
  }

  /** A number, however it was written; empty for what is none. */
  static Optional<Double> number(Object value) {
    if (value instanceof Number number) {
      return Optional.of(number.doubleValue());
    }
    if (value instanceof Boolean flag) {
      return Optional.of(flag ? 1.0 : 0.0);
    }
    if (value instanceof String text) {
      switch (text.strip().toLowerCase(java.util.Locale.ROOT)) {
        case "nan":
          return Optional.of(Double.NaN);
        case "inf", "+inf", "infinity":
          return Optional.of(Double.POSITIVE_INFINITY);
        case "-inf", "-infinity":
          return Optional.of(Double.NEGATIVE_INFINITY);
        default:
          try {
            return Optional.of(Double.valueOf(text.strip()));
          } catch (NumberFormatException e) {
            return Optional.empty();
          }
      }
    }
    return Optional.empty();
  }

  /** What was recorded in a column. */
  List<@Nullable Object> column(int index) {
    List<@Nullable Object> values = new ArrayList<>();
    rows.forEach(row -> values.add(row.get(index)));
    return values;
  }

  /** The rows that hold something in one of these columns. */
  Recording rowsWith(List<String> answers) {
    List<Integer> positions = answers.stream().map(columns::indexOf).toList();
    return new Recording(
        columns,
        rows.stream().filter(row -> positions.stream().anyMatch(p -> row.get(p) != null)).toList(),
        source);
  }

  /** Columns in memory. */
  private record Rows(int rows, double[][] columnNumbers, @Nullable String[][] columnTexts)
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
