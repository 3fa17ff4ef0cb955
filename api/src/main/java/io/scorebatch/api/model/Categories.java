package io.scorebatch.api.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The categories an encoder learned for a column, numbers or texts, in the encoder's order.
 * Immutable.
 *
 * <p>Numbers are equal as Python compares them (0.0 is -0.0); NaN is a category where it is listed.
 * Booleans are 0 and 1. Text is compared exactly; null (None, NaN) is a category where it is
 * listed.
 *
 * @param text whether these are texts; otherwise numbers
 * @param numbers the categories of a numeric column; empty for text
 * @param texts the categories of a text column; empty for numbers
 */
public record Categories(boolean text, double[] numbers, List<@Nullable String> texts) {
  public Categories {
    texts = java.util.Collections.unmodifiableList(new java.util.ArrayList<>(texts));
  }

  public static Categories numbers(double... numbers) {
    return new Categories(false, numbers, List.of());
  }

  public static Categories texts(List<@Nullable String> texts) {
    return new Categories(true, new double[0], texts);
  }

  public int size() {
    return text ? texts.size() : numbers.length;
  }
}
