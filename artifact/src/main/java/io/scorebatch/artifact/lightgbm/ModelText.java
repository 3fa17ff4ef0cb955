package io.scorebatch.artifact.lightgbm;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.api.model.Categories;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a LightGBM model text. Immutable.
 *
 * @param header settings before the first tree
 * @param trees settings of each tree, in order
 * @param pandasCategories the category lists of the training frame, in the order of its columns
 */
record ModelText(Section header, List<Section> trees, List<Categories> pandasCategories) {
  private static final String PANDAS = "pandas_categorical:";
  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(10).build())
              .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
              .build());

  static ModelText parse(String text, String source) {
    List<String> lines = text.lines().toList();
    if (lines.isEmpty() || !lines.get(0).strip().equals("tree")) {
      throw LightgbmErrors.damaged(source, "it does not start with 'tree'");
    }
    Section header = new Section(source, "the header", new LinkedHashMap<>());
    List<Section> trees = new ArrayList<>();
    Section current = header;
    boolean ended = false;
    List<Categories> categories = List.of();
    for (String line : lines.subList(1, lines.size())) {
      if (line.startsWith(PANDAS)) {
        categories = categories(line.substring(PANDAS.length()), source);
      } else if (line.startsWith("end of trees")) {
        ended = true;
      } else if (!ended && line.startsWith("Tree=")) {
        current = new Section(source, "tree " + trees.size(), new LinkedHashMap<>());
        trees.add(current);
      } else if (!ended && !line.isBlank()) {
        int equals = line.indexOf('=');
        current
            .values()
            .put(
                equals < 0 ? line.strip() : line.substring(0, equals),
                equals < 0 ? "" : line.substring(equals + 1));
      }
    }
    if (!ended) {
      throw LightgbmErrors.damaged(source, "the line 'end of trees' is missing");
    }
    return new ModelText(header, List.copyOf(trees), categories);
  }

  private static List<Categories> categories(String json, String source) {
    JsonNode lists;
    try {
      lists = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw LightgbmErrors.damaged(source, "pandas_categorical is malformed JSON");
    }
    if (lists.isNull() || lists.isMissingNode()) {
      return List.of();
    }
    List<Categories> categories = new ArrayList<>();
    for (JsonNode list : lists) {
      if (!list.isArray()) {
        throw LightgbmErrors.damaged(source, "pandas_categorical holds something other than lists");
      }
      categories.add(categories(list, source));
    }
    return categories;
  }

  private static Categories categories(JsonNode list, String source) {
    boolean text = list.size() > 0 && list.get(0).isTextual();
    List<@Nullable String> texts = new ArrayList<>();
    double[] numbers = new double[list.size()];
    for (int i = 0; i < list.size(); i++) {
      JsonNode item = list.get(i);
      if (text ? !item.isTextual() : !item.isNumber() && !item.isBoolean()) {
        throw LightgbmErrors.unsupported(
            source, "a pandas category of mixed labels (" + list.get(0) + ", " + item + ")");
      }
      texts.add(item.asText());
      numbers[i] = item.isBoolean() ? (item.asBoolean() ? 1 : 0) : item.asDouble();
    }
    return text ? Categories.texts(texts) : Categories.numbers(numbers);
  }

  /**
   * Settings {@code key=value}.
   *
   * @param name what this is, for messages
   */
  record Section(String source, String name, Map<String, String> values) {
    Optional<String> text(String key) {
      return Optional.ofNullable(values.get(key)).map(String::strip);
    }

    boolean has(String key) {
      return values.containsKey(key);
    }

    /** A whole number from 0 to a most. */
    int count(String key, int most) {
      String text = text(key).orElseThrow(() -> damaged("'" + key + "' is missing in " + name));
      try {
        int count = Integer.parseInt(text);
        if (count >= 0 && count <= most) {
          return count;
        }
      } catch (NumberFormatException e) {
        // reported below
      }
      throw damaged(key + " is '" + text + "' in " + name);
    }

    int countOr(String key, int fallback, int most) {
      return text(key).filter(t -> !t.isEmpty()).isEmpty() ? fallback : count(key, most);
    }

    /** A list of numbers of a certain length. */
    double[] numbers(String key, int length) {
      String[] parts = parts(key, length);
      double[] numbers = new double[length];
      for (int i = 0; i < length; i++) {
        numbers[i] = number(key, parts[i]);
      }
      return numbers;
    }

    /** A list of whole numbers; those above 2^31 keep their bits. */
    int[] integers(String key, int length) {
      String[] parts = parts(key, length);
      int[] integers = new int[length];
      for (int i = 0; i < length; i++) {
        try {
          long number = Long.parseLong(parts[i]);
          integers[i] = (int) number;
          if (number < Integer.MIN_VALUE || number > 0xffffffffL) {
            throw new NumberFormatException();
          }
        } catch (NumberFormatException e) {
          throw damaged(key + " holds '" + parts[i] + "' in " + name);
        }
      }
      return integers;
    }

    /** The parts of a list, however many. */
    String[] parts(String key) {
      String text = text(key).orElse("");
      return text.isEmpty() ? new String[0] : text.split("\\s+");
    }

    private String[] parts(String key, int length) {
      String[] parts = parts(key);
      if (parts.length != length) {
        throw damaged(
            key + " has " + parts.length + " entries where " + length + " belong in " + name);
      }
      return parts;
    }

    private double number(String key, String text) {
      switch (text) {
        case "inf", "+inf":
          return Double.POSITIVE_INFINITY;
        case "-inf":
          return Double.NEGATIVE_INFINITY;
        case "nan", "-nan":
          return Double.NaN;
        default:
          break;
      }
      char last = text.charAt(text.length() - 1);
      try {
        if (last >= '0' && last <= '9' || last == '.') { // Java would take 1d and 1f
          return Double.parseDouble(text);
        }
      } catch (NumberFormatException e) {
        // reported below
      }
      throw damaged(key + " holds '" + text + "' in " + name);
    }

    RuntimeException damaged(String why) {
      return LightgbmErrors.damaged(source, why);
    }
  }
}
