package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyNone;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** SimpleImputer and MissingIndicator. */
final class Imputers {
  private Imputers() {}

  static FittedTransform simple(PyObject imputer, Parts parts) {
    NdArray statistics = imputer.array("statistics_");
    List<Object> values = statistics.values();
    return values.stream().anyMatch(v -> v instanceof String)
        ? text(imputer, values)
        : numbers(imputer, statistics.doubles());
  }

  private static FittedTransform numbers(PyObject imputer, double[] statistics) {
    Columns columns = Columns.numbersOf(imputer);
    if (statistics.length != columns.count()) {
      throw SklearnErrors.damaged(imputer, "has " + statistics.length + " statistics");
    }
    double missing = missing(imputer);
    // A column without any value at training has no statistic and is dropped.
    boolean keepEmpty =
        imputer.flagOr("keep_empty_features", false) || imputer.text("strategy").equals("constant");
    List<Integer> kept = new ArrayList<>();
    for (int j = 0; j < statistics.length; j++) {
      if (keepEmpty || !Double.isNaN(statistics[j])) {
        kept.add(j);
      }
    }
    int[] selected = kept.stream().mapToInt(Integer::intValue).toArray();
    double[] fill = kept.stream().mapToDouble(j -> statistics[j]).toArray();
    List<Transform> impute = new ArrayList<>();
    if (selected.length < statistics.length) {
      impute.add(new Transform.Select(selected));
    }
    impute.add(new Transform.Impute(missing, fill));

    Transform check =
        new Transform.Check(Double.isNaN(missing) ? Accept.FINITE_OR_NAN : Accept.FINITE);
    List<Transform> steps = new ArrayList<>(List.of(check));
    int width = selected.length;
    if (imputer.has("indicator_") && imputer.flagOr("add_indicator", false)) {
      int[] marked = features(imputer.object("indicator_"), columns.count());
      steps.add(
          new Transform.Union(
              List.of(impute, List.of(new Transform.MissingIndicator(missing, marked)))));
      width += marked.length;
    } else {
      steps.addAll(impute);
    }
    return new FittedTransform(columns, width, steps);
  }

  private static FittedTransform text(PyObject imputer, List<Object> statistics) {
    if (imputer.flagOr("add_indicator", false)) {
      throw SklearnErrors.setting(imputer, "add_indicator", "True for text");
    }
    List<String> fill = new ArrayList<>();
    for (Object statistic : statistics) {
      if (!(statistic instanceof String text)) {
        throw SklearnErrors.unsupported(imputer, "fills text and other columns together");
      }
      fill.add(text);
    }
    Object missing = imputer.attribute("missing_values");
    @Nullable String marker = missing instanceof String text ? text : null;
    if (marker == null && !CategoryLists.isMissing(missing)) {
      throw SklearnErrors.setting(imputer, "missing_values", missing);
    }
    Columns columns = Columns.numbersOf(imputer);
    if (fill.size() != columns.count()) {
      throw SklearnErrors.damaged(imputer, "has " + fill.size() + " statistics");
    }
    return FittedTransform.of(
        new Columns(Collections.nCopies(columns.count(), true), columns.names()),
        columns.count(),
        new Transform.ImputeText(marker, fill));
  }

  static FittedTransform indicator(PyObject indicator, Parts parts) {
    Columns columns = Columns.numbersOf(indicator);
    int[] marked = features(indicator, columns.count());
    double missing = missing(indicator);
    return FittedTransform.of(
        columns,
        marked.length,
        new Transform.Check(Double.isNaN(missing) ? Accept.FINITE_OR_NAN : Accept.FINITE),
        new Transform.MissingIndicator(missing, marked));
  }

  private static int[] features(PyObject indicator, int columns) {
    int[] marked = indicator.array("features_").ints();
    Ensembles.requireColumns(indicator, marked, columns);
    return marked;
  }

  private static double missing(PyObject owner) {
    Object missing = owner.attribute("missing_values");
    if (missing instanceof Number number) {
      return number.doubleValue();
    }
    if (missing == PyNone.NONE) {
      return Double.NaN;
    }
    throw SklearnErrors.setting(owner, "missing_values", missing);
  }
}
