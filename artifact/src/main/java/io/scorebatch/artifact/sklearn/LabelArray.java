package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Labels;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyObject;
import io.scorebatch.artifact.pickle.PySequence;
import java.util.ArrayList;
import java.util.List;

/** The {@code classes_} of a classifier in their own type. */
final class LabelArray {
  private LabelArray() {}

  static Labels of(PyObject object) {
    if (!(object.attribute("classes_") instanceof NdArray classes)) {
      throw SklearnErrors.unsupported(object, "predicts several outputs at once");
    }
    return of(object, classes);
  }

  /** The classes of each output where {@code classes_} is a list: several outputs; else none. */
  static List<Labels> ofOutputs(PyObject object) {
    if (!(object.attribute("classes_") instanceof PySequence)) {
      return List.of();
    }
    List<Labels> labels = new ArrayList<>();
    for (NdArray classes : Members.arrays(object, "classes_")) {
      labels.add(of(object, classes));
    }
    if (labels.isEmpty()) {
      throw SklearnErrors.damaged(object, "has no classes");
    }
    return labels;
  }

  static Labels of(PyObject object, NdArray classes) {
    List<Object> values = classes.values();
    if (classes.rank() != 1 || values.isEmpty()) {
      throw SklearnErrors.damaged(object, "has no classes");
    }
    return new Labels(type(object, values), values);
  }

  private static ColumnType type(PyObject object, List<Object> values) {
    Class<?> first = values.get(0).getClass();
    for (Object value : values) {
      if (value.getClass() != first) {
        throw SklearnErrors.unsupported(object, "has classes of several types");
      }
    }
    if (first == Long.class) {
      return Primitive.LONG;
    }
    if (first == String.class) {
      return Primitive.STRING;
    }
    if (first == Boolean.class) {
      return Primitive.BOOLEAN;
    }
    if (first == Double.class) {
      return Primitive.DOUBLE;
    }
    throw SklearnErrors.unsupported(object, "has classes of the type " + first.getSimpleName());
  }
}
