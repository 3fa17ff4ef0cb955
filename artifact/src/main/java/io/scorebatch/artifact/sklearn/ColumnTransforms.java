package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Transform;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyDict;
import io.scorebatch.artifact.pickle.PyNone;
import io.scorebatch.artifact.pickle.PyObject;
import io.scorebatch.artifact.pickle.PySequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** ColumnTransformer and FeatureUnion: transformers side by side. */
final class ColumnTransforms {
  private ColumnTransforms() {}

  static FittedTransform columnTransformer(PyObject transformer, Parts parts) {
    Columns numbers = Columns.numbersOf(transformer);
    @Nullable Boolean[] text = new @Nullable Boolean[numbers.count()];
    PyDict inputs = transformer.dict("_transformer_to_input_indices");
    List<List<Transform>> branches = new ArrayList<>();
    int width = 0;
    for (Object item : transformer.sequence("transformers_").items()) {
      if (!(item instanceof PySequence entry)
          || entry.size() != 3
          || !(entry.item(0) instanceof String name)) {
        throw SklearnErrors.damaged(transformer, "has " + item + " for a transformer");
      }
      int[] columns = columns(transformer, inputs, name, numbers.count());
      Object part = entry.item(1);
      if (part.equals("drop") || columns.length == 0) {
        continue;
      }
      List<Transform> branch = new ArrayList<>(List.of(new Transform.Select(columns)));
      if (part.equals("passthrough")) {
        width += columns.length;
      } else {
        FittedTransform fitted = parts.transform(part);
        if (fitted.columns().count() != columns.length) {
          throw SklearnErrors.damaged(
              transformer,
              "gives " + name + " " + columns.length + " of " + fitted.columns().count());
        }
        noteTypes(transformer, fitted, columns, text);
        branch.addAll(fitted.steps());
        addWeight(transformer, name, fitted.width(), branch);
        width += fitted.width();
      }
      branches.add(branch);
    }
    List<Boolean> types = Arrays.stream(text).map(Boolean.TRUE::equals).toList();
    return FittedTransform.of(
        new Columns(types, numbers.names()), width, new Transform.Union(branches));
  }

  /** A column may be read by several transformers, as text by all of them or by none. */
  private static void noteTypes(
      PyObject transformer, FittedTransform fitted, int[] columns, @Nullable Boolean[] text) {
    if (fitted.steps().isEmpty()) {
      return;
    }
    for (int j = 0; j < columns.length; j++) {
      boolean isText = fitted.columns().text().get(j);
      Boolean known = text[columns[j]];
      if (known != null && known != isText) {
        throw SklearnErrors.unsupported(
            transformer, "reads column " + columns[j] + " both as text and as a number");
      }
      text[columns[j]] = isText;
    }
  }

  private static int[] columns(PyObject transformer, PyDict inputs, String name, int count) {
    Object stored = inputs.attribute(name);
    int[] columns;
    if (stored instanceof NdArray array) {
      columns = array.ints();
    } else {
      List<Object> items =
          stored instanceof PyObject list && !list.items().isEmpty()
              ? list.items()
              : inputs.sequence(name).items();
      columns = new int[items.size()];
      for (int i = 0; i < columns.length; i++) {
        if (!(items.get(i) instanceof Long column) || column < 0 || column >= count) {
          throw SklearnErrors.damaged(transformer, "gives " + name + " column " + items.get(i));
        }
        columns[i] = column.intValue();
      }
    }
    Ensembles.requireColumns(transformer, columns, count);
    return columns;
  }

  static FittedTransform featureUnion(PyObject union, Parts parts) {
    List<List<Transform>> branches = new ArrayList<>();
    @Nullable Columns columns = null;
    int passing = 0;
    int width = 0;
    for (Object item : union.sequence("transformer_list").items()) {
      if (!(item instanceof PySequence entry)
          || entry.size() != 2
          || !(entry.item(0) instanceof String name)) {
        throw SklearnErrors.damaged(union, "has " + item + " for a transformer");
      }
      Object part = entry.item(1);
      if (part.equals("drop") || part == PyNone.NONE) {
        continue;
      }
      if (part.equals("passthrough")) {
        passing++;
        branches.add(List.of());
        continue;
      }
      FittedTransform fitted = parts.transform(part);
      if (columns != null && !columns.text().equals(fitted.columns().text())) {
        throw SklearnErrors.unsupported(union, "has parts that read different columns");
      }
      columns = columns == null ? fitted.columns() : columns;
      List<Transform> branch = new ArrayList<>(fitted.steps());
      addWeight(union, name, fitted.width(), branch);
      branches.add(branch);
      width += fitted.width();
    }
    if (columns == null) {
      throw SklearnErrors.unsupported(union, "has no part that does anything");
    }
    return FittedTransform.of(
        columns, width + passing * columns.count(), new Transform.Union(branches));
  }

  private static void addWeight(PyObject owner, String name, int width, List<Transform> branch) {
    if (!owner.has("transformer_weights")) {
      return;
    }
    PyDict weights = owner.dict("transformer_weights");
    if (weights.has(name)) {
      double[] scale = new double[width];
      Arrays.fill(scale, weights.number(name));
      branch.add(
          new Transform.ScaleShift(
              scale, new double[0], Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY));
    }
  }
}
