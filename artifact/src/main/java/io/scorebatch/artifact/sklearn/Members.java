package io.scorebatch.artifact.sklearn;

import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyObject;
import io.scorebatch.artifact.pickle.PySequence;
import java.util.ArrayList;
import java.util.List;

/** The fitted objects inside an ensemble. */
final class Members {
  private Members() {}

  /** A list (or object array) of objects, at least one. */
  static List<PyObject> of(PyObject owner, String name) {
    Object value = owner.attribute(name);
    List<Object> items =
        value instanceof NdArray array ? array.values() : owner.sequence(name).items();
    if (items.isEmpty()) {
      throw SklearnErrors.damaged(owner, "has no " + name);
    }
    List<PyObject> members = new ArrayList<>(items.size());
    for (Object item : items) {
      if (!(item instanceof PyObject member)) {
        throw SklearnErrors.damaged(owner, "holds " + item + " among its " + name);
      }
      members.add(member);
    }
    return members;
  }

  /** A list (or tuple) of arrays. */
  static List<NdArray> arrays(PyObject owner, String name) {
    List<NdArray> arrays = new ArrayList<>();
    Object value = owner.attribute(name);
    List<Object> items =
        value instanceof NdArray array
            ? array.values()
            : value instanceof PySequence sequence ? sequence.items() : List.of(value);
    for (Object item : items) {
      if (!(item instanceof NdArray array)) {
        throw SklearnErrors.damaged(owner, "holds " + item + " among its " + name);
      }
      arrays.add(array);
    }
    return arrays;
  }
}
