package io.scorebatch.kernel;

import io.scorebatch.api.model.Categories;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the number of a category. Immutable, thread-safe. */
final class CategoryIndex {
  private static final int NONE = -1;

  private final boolean text;
  private final Map<String, Integer> texts = new HashMap<>();
  private final Map<Double, Integer> numbers = new HashMap<>();
  private int missing = NONE;

  CategoryIndex(Categories categories) {
    this.text = categories.text();
    for (int i = 0; i < categories.texts().size(); i++) {
      String value = categories.texts().get(i);
      if (value == null) {
        missing = i;
      } else {
        texts.putIfAbsent(value, i);
      }
    }
    for (int i = 0; i < categories.numbers().length; i++) {
      double value = categories.numbers()[i];
      if (Double.isNaN(value)) {
        missing = i;
      } else {
        // Adding 0.0 makes the two zeros one key.
        numbers.putIfAbsent(value + 0.0, i);
      }
    }
  }

  boolean text() {
    return text;
  }

  /** -1 where it is no category. */
  int of(@Nullable String value) {
    return value == null ? missing : texts.getOrDefault(value, NONE);
  }

  /** -1 where it is no category. */
  int of(double value) {
    return Double.isNaN(value) ? missing : numbers.getOrDefault(value + 0.0, NONE);
  }
}
