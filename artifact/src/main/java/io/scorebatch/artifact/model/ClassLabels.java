package io.scorebatch.artifact.model;

import io.scorebatch.api.model.Labels;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.artifact.pickle.NdArray;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;

/** The classes of a classifier, in their own type. */
public final class ClassLabels {
  private ClassLabels() {}

  /** The entries of a {@code classes_} array. */
  public static Labels of(NdArray classes) {
    List<Object> values = classes.values();
    Object first = values.isEmpty() ? 0L : values.get(0);
    if (first instanceof Boolean) {
      return new Labels(Primitive.BOOLEAN, values);
    }
    if (first instanceof Double) {
      return new Labels(Primitive.DOUBLE, values);
    }
    return new Labels(first instanceof String ? Primitive.STRING : Primitive.LONG, values);
  }

  /** 0, 1, 2 …: what a booster counts its classes by. */
  public static Labels numbered(int classes) {
    return new Labels(
        Primitive.LONG, LongStream.range(0, classes).mapToObj(c -> (Object) c).toList());
  }

  /** Outputs that are labels of 0 and 1. */
  public static List<Labels> flags(int outputs) {
    return Collections.nCopies(outputs, numbered(2));
  }
}
