package io.scorebatch.artifact.sklearn;

import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The columns a fitted object reads. Immutable.
 *
 * @param text for each column, whether it is read as text
 * @param names {@code feature_names_in_}, where the object was fitted on a data frame
 */
record Columns(List<Boolean> text, Optional<List<String>> names) {
  private static final int MAX_COLUMNS = 1 << 20;

  Columns {
    text = List.copyOf(text);
    names = names.map(List::copyOf);
    if (names.isPresent() && names.get().size() != text.size()) {
      throw SklearnErrors.inconsistent(
          text.size() + " columns have " + names.get().size() + " names");
    }
  }

  /** Numeric columns as an estimator's {@code n_features_in_} and {@code feature_names_in_} say. */
  static Columns numbersOf(PyObject object) {
    int count = object.count("n_features_in_", 1, MAX_COLUMNS);
    return new Columns(java.util.Collections.nCopies(count, false), namesOf(object));
  }

  static Optional<List<String>> namesOf(PyObject object) {
    if (!object.has("feature_names_in_")) {
      return Optional.empty();
    }
    NdArray names = object.array("feature_names_in_");
    List<String> result = new ArrayList<>();
    for (Object name : names.values()) {
      if (!(name instanceof String text)) {
        throw SklearnErrors.unsupported(object, "was fitted on columns whose names are no text");
      }
      result.add(text);
    }
    return Optional.of(result);
  }

  int count() {
    return text.size();
  }
}
