package io.scorebatch.artifact.xgboost;

import io.scorebatch.api.error.ScorebatchException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An object of an XGBoost file. Its values are String, Double, Map, List, or double[] for lists of
 * numbers; null and absent are the same. Immutable.
 *
 * @param source the file, for messages
 * @param path where in the file this object is
 */
record Block(String source, String path, Map<String, Object> values) {

  boolean has(String key) {
    return values.containsKey(key);
  }

  /** The object of a key; an empty one where it is absent or null, as old versions write it. */
  Block block(String key) {
    Object value = values.get(key);
    return value == null
        ? new Block(source, path + "." + key, Map.of())
        : block(value, path + "." + key);
  }

  List<Block> blocks(String key) {
    List<Block> blocks = new ArrayList<>();
    for (Object item : list(key)) {
      blocks.add(block(item, path + "." + key + "[" + blocks.size() + "]"));
    }
    return blocks;
  }

  private Block block(Object value, String where) {
    if (!(value instanceof Map<?, ?> map)) {
      throw damaged(where + " is no object");
    }
    Map<String, Object> fields = new java.util.HashMap<>();
    map.forEach((key, field) -> fields.put((String) key, field));
    return new Block(source, where, fields);
  }

  @Nullable String text(String key) {
    Object value = values.get(key);
    if (value instanceof Double number) {
      return number == Math.rint(number) && Math.abs(number) < 1e15
          ? Long.toString(number.longValue())
          : number.toString();
    }
    if (value == null || value instanceof String) {
      return (String) value;
    }
    throw damaged(path + "." + key + " is no text");
  }

  List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (Object item : list(key)) {
      if (!(item instanceof String text)) {
        throw damaged(path + "." + key + " holds something other than texts");
      }
      texts.add(text);
    }
    return texts;
  }

  private List<?> list(String key) {
    Object value = values.get(key);
    if (value == null || value instanceof double[] numbers && numbers.length == 0) {
      return List.of();
    }
    if (value instanceof List<?> list) {
      return list;
    }
    throw damaged(path + "." + key + " is no list of the right kind");
  }

  /** A list of numbers; empty where it is absent. */
  double[] numbers(String key) {
    Object value = values.get(key);
    if (value instanceof double[] numbers) {
      return numbers;
    }
    list(key);
    return list(key).isEmpty() ? new double[0] : notNumbers(key);
  }

  private double[] notNumbers(String key) {
    throw damaged(path + "." + key + " holds something other than numbers");
  }

  /** A list of numbers that must have a certain length. */
  double[] numbers(String key, int length) {
    double[] numbers = numbers(key);
    if (numbers.length != length) {
      throw damaged(
          path + "." + key + " has " + numbers.length + " entries where " + length + " belong");
    }
    return numbers;
  }

  /** A list of whole numbers. */
  int[] integers(String key) {
    double[] numbers = numbers(key);
    int[] integers = new int[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      integers[i] = (int) numbers[i];
      if (integers[i] != numbers[i]) {
        throw damaged(path + "." + key + " holds " + numbers[i] + " where a whole number belongs");
      }
    }
    return integers;
  }

  int[] integers(String key, int length) {
    numbers(key, length);
    return integers(key);
  }

  /** A whole number from 0 (files write it as text); the fallback where it is absent. */
  int count(String key, int fallback) {
    String text = text(key);
    if (text == null) {
      return fallback;
    }
    try {
      int count = Integer.parseInt(text);
      if (count >= 0) {
        return count;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw damaged(path + "." + key + " is '" + text + "' where a whole number belongs");
  }

  ScorebatchException damaged(String why) {
    return XgboostErrors.damaged(source, why);
  }
}
