package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.api.model.Transform.Function;
import io.scorebatch.artifact.pickle.PyDict;
import io.scorebatch.artifact.pickle.PyGlobal;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** FunctionTransformer with the NumPy functions that Scorebatch knows, by name. */
final class Functions {
  private static final Map<String, Function> KNOWN =
      Map.ofEntries(
          Map.entry("absolute", Function.ABS),
          Map.entry("abs", Function.ABS),
          Map.entry("fabs", Function.ABS),
          Map.entry("sqrt", Function.SQRT),
          Map.entry("square", Function.SQUARE),
          Map.entry("log", Function.LOG),
          Map.entry("log1p", Function.LOG1P),
          Map.entry("log2", Function.LOG2),
          Map.entry("log10", Function.LOG10),
          Map.entry("exp", Function.EXP),
          Map.entry("expm1", Function.EXPM1),
          Map.entry("reciprocal", Function.RECIPROCAL),
          Map.entry("negative", Function.NEGATIVE),
          Map.entry("sign", Function.SIGN),
          Map.entry("floor", Function.FLOOR),
          Map.entry("ceil", Function.CEIL),
          Map.entry("rint", Function.RINT),
          Map.entry("sin", Function.SIN),
          Map.entry("cos", Function.COS),
          Map.entry("tanh", Function.TANH));
  private static final String CHECK_ARRAY = "sklearn.utils.validation.check_array";

  private Functions() {}

  static FittedTransform translate(PyObject transformer, Parts parts) {
    Columns columns = Columns.numbersOf(transformer);
    List<Transform> steps = new ArrayList<>();
    if (transformer.flagOr("validate", false)) {
      steps.add(new Transform.Check(Accept.FINITE));
    }
    steps.addAll(steps(transformer, "func", "kw_args"));
    return new FittedTransform(columns, columns.count(), steps);
  }

  /** The function of an attribute as steps; none for the identity. */
  static List<Transform> steps(PyObject transformer, String attribute, String keywords) {
    if (!transformer.has(attribute)) {
      return List.of();
    }
    if (transformer.has(keywords)
        && !(transformer.find(keywords) instanceof PyDict dict && dict.size() == 0)) {
      throw SklearnErrors.setting(transformer, keywords, transformer.attribute(keywords));
    }
    Object function = transformer.attribute(attribute);
    if (isInputCheck(function)) {
      return List.of();
    }
    if (!(function instanceof PyGlobal global && global.name().startsWith("numpy."))) {
      throw SklearnErrors.setting(transformer, attribute, function);
    }
    Function known = KNOWN.get(global.name().substring(global.name().lastIndexOf('.') + 1));
    if (known == null) {
      throw SklearnErrors.setting(transformer, attribute, global.name());
    }
    return List.of(new Transform.Apply(known));
  }

  /** HistGradientBoosting checks its numeric columns by such a function; it refuses nothing. */
  private static boolean isInputCheck(Object function) {
    if (!(function instanceof PyObject partial
        && partial.className().equals("functools.partial"))) {
      return false;
    }
    Object checked =
        partial.has("func")
            ? partial.attribute("func")
            : partial.args().isEmpty() ? "" : partial.args().get(0);
    return checked instanceof PyGlobal global && global.name().equals(CHECK_ARRAY);
  }
}
