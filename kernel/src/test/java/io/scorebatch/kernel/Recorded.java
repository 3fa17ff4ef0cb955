package io.scorebatch.kernel;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.OutputKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A model as arrays with what Python answered: a file src/test/python/estimators.py wrote. */
final class Recorded {
  private static final Pattern ESCAPE =
      Pattern.compile("\\\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)");

  private final String name;
  private final Map<String, double[]> numbers = new HashMap<>();
  private final Map<String, String[]> words = new HashMap<>();

  Recorded(String name) {
    this.name = name;
    try (InputStream in = Recorded.class.getResourceAsStream("/estimators/" + name + ".txt")) {
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
        String key = line.substring(0, line.indexOf(' '));
        String value = line.substring(key.length() + 1);
        if (value.startsWith("text:")) {
          words.put(
              key,
              Arrays.stream(value.substring(5).split("\t", -1))
                  .map(Recorded::unescaped)
                  .toArray(String[]::new));
        } else {
          numbers.put(
              key,
              Arrays.stream(value.isEmpty() ? new String[0] : value.split(" "))
                  .mapToDouble(Recorded::number)
                  .toArray());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double number(String text) {
    return switch (text) {
      case "nan" -> Double.NaN;
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  private static String unescaped(String text) {
    return ESCAPE
        .matcher(text)
        .replaceAll(
            match -> {
              String code = match.group(1);
              String decoded =
                  switch (code.charAt(0)) {
                    case 'x', 'u', 'U' ->
                        Character.toString(Integer.parseInt(code.substring(1), 16));
                    case 'n' -> "\n";
                    case 't' -> "\t";
                    default -> code;
                  };
              return Matcher.quoteReplacement(decoded);
            });
  }

  double[] get(String key) {
    return requireNonNull(numbers.get(key), name + " has no " + key);
  }

  double one(String key) {
    return get(key)[0];
  }

  int[] ints(String key) {
    return Arrays.stream(get(key)).mapToInt(x -> (int) x).toArray();
  }

  String[] text(String key) {
    return requireNonNull(words.get(key), name + " has no " + key);
  }

  /** Rows of a matrix. */
  static double[][] split(double[] flat, int columns) {
    double[][] rows = new double[flat.length / columns][];
    for (int r = 0; r < rows.length; r++) {
      rows[r] = Arrays.copyOfRange(flat, r * columns, (r + 1) * columns);
    }
    return rows;
  }

  /**
   * Asserts every recorded answer.
   *
   * @param tolerance relative to 1 and to the answer; 0 for the same bits
   */
  void isAnsweredBy(Estimator structure, double tolerance, OutputKind... kinds) {
    for (OutputKind kind : kinds) {
      double[][] actual =
          words.containsKey("x")
              ? Scoring.texts(structure, kind, text("x"))
              : Scoring.rows(structure, kind, split(get("x"), 4));
      double[] expected = get("expect." + kind.configName());
      double[] flat = Arrays.stream(actual).flatMapToDouble(Arrays::stream).toArray();
      assertThat(flat).as("%s %s", name, kind).hasSameSizeAs(expected);
      for (int i = 0; i < flat.length; i++) {
        if (tolerance == 0) {
          assertThat(flat[i])
              .as("%s %s cell %d", name, kind, i)
              .isEqualTo(Double.valueOf(expected[i]));
        } else if (!Double.isNaN(expected[i]) || !Double.isNaN(flat[i])) {
          assertThat(flat[i])
              .as("%s %s cell %d", name, kind, i)
              .isCloseTo(expected[i], within(tolerance * (1 + Math.abs(expected[i]))));
        }
      }
    }
  }
}
