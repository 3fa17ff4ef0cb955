package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Categories;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyNone;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The {@code categories_} an encoder learned. */
final class CategoryLists {
  private CategoryLists() {}

  static List<Categories> of(PyObject encoder) {
    List<Categories> all = new ArrayList<>();
    for (NdArray column : Members.arrays(encoder, "categories_")) {
      all.add(of(encoder, column.values()));
    }
    return all;
  }

  /** Text where any category is text; None and NaN are missing then, else NaN. */
  private static Categories of(PyObject encoder, List<Object> values) {
    boolean text = values.stream().anyMatch(v -> v instanceof String);
    if (text) {
      List<@Nullable String> texts = new ArrayList<>();
      for (Object value : values) {
        if (value instanceof String string) {
          texts.add(string);
        } else if (isMissing(value)) {
          texts.add(null);
        } else {
          throw SklearnErrors.unsupported(encoder, "has text and numbers in one column");
        }
      }
      return Categories.texts(texts);
    }
    double[] numbers = new double[values.size()];
    for (int i = 0; i < numbers.length; i++) {
      Object value = values.get(i);
      if (value instanceof Number number) {
        numbers[i] = number.doubleValue();
      } else if (value instanceof Boolean flag) {
        numbers[i] = flag ? 1 : 0;
      } else if (isMissing(value)) {
        numbers[i] = Double.NaN;
      } else {
        throw SklearnErrors.unsupported(
            encoder, "has categories of another type than text, numbers");
      }
    }
    return Categories.numbers(numbers);
  }

  static boolean isMissing(Object value) {
    return value == PyNone.NONE || (value instanceof Double number && number.isNaN());
  }

  /** The columns of an encoder, text where its categories are. */
  static Columns columns(PyObject encoder, List<Categories> categories) {
    Columns numbers = Columns.numbersOf(encoder);
    if (numbers.count() != categories.size()) {
      throw SklearnErrors.damaged(encoder, "has categories of " + categories.size() + " columns");
    }
    return new Columns(categories.stream().map(Categories::text).toList(), numbers.names());
  }
}
