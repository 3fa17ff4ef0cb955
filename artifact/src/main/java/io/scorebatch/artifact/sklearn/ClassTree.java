package io.scorebatch.artifact.sklearn;

import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyObject;
import io.scorebatch.artifact.pickle.PySequence;
import java.util.List;

/**
 * The classes a model is made of, for people: {@code Pipeline(StandardScaler, GridSearchCV(SVC))}.
 */
final class ClassTree {
  private static final int MAX_LENGTH = 400;
  private static final int MAX_DEPTH = 8;
  private static final List<String> PARTS =
      List.of(
          "steps",
          "transformers_",
          "transformer_list",
          "best_estimator_",
          "estimators_",
          "calibrated_classifiers_",
          "estimator_",
          "estimator",
          "final_estimator_",
          "regressor_",
          "transformer_");

  private final StringBuilder text = new StringBuilder();

  private ClassTree() {}

  static String of(PyObject root) {
    ClassTree tree = new ClassTree();
    tree.add(root, 0);
    return tree.text.toString();
  }

  private void add(PyObject object, int depth) {
    if (text.length() > MAX_LENGTH || depth > MAX_DEPTH) {
      text.append('…');
      return;
    }
    text.append(object.simpleName());
    int start = text.length();
    for (String name : PARTS) {
      Object part = object.find(name);
      if (part != null) {
        addPart(part, depth, start);
      }
    }
    if (text.length() > start) {
      text.append(')');
    }
  }

  private void addPart(Object part, int depth, int start) {
    if (part instanceof PyObject object) {
      if (text.length() > MAX_LENGTH) {
        return;
      }
      text.append(text.length() == start ? "(" : ", ");
      add(object, depth + 1);
    } else if (part instanceof PySequence sequence) {
      sequence.items().stream().limit(20).forEach(item -> addNamed(item, depth, start));
    } else if (part instanceof NdArray array && array.size() > 0 && array.size() < 100_000) {
      addPart(array.values().get(0), depth, start);
    }
  }

  /** A step is {@code (name, object)} or {@code (name, object, columns)}. */
  private void addNamed(Object item, int depth, int start) {
    if (item instanceof PySequence step && step.isTuple() && step.size() > 1) {
      if (step.item(1) instanceof PyObject object) {
        addPart(object, depth, start);
      }
    } else if (item instanceof PyObject object) {
      addPart(object, depth, start);
    }
  }
}
