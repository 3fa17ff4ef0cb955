package io.scorebatch.pipeline.run;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.Problems;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.plan.OnDemandFunction;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes on-demand functions from the classes a user named. Models never name classes. */
public final class FunctionClasses {
  private FunctionClasses() {}

  /**
   * @param classes class name by full name of a function
   * @return an object of each class, by the same name
   * @throws ScorebatchException {@code FUNCTION_NOT_REGISTERED} with every class that is not there,
   *     is no {@link OnDemandFunction} or has parameters of other types
   */
  public static Map<String, OnDemandFunction> load(Map<String, String> classes) {
    Map<String, OnDemandFunction> functions = new LinkedHashMap<>();
    Problems problems = new Problems();
    classes.forEach(
        (function, className) -> {
          try {
            functions.put(function, load(function, className));
          } catch (ScorebatchException e) {
            problems.addAll(e);
          }
        });
    problems.throwIfAny();
    return functions;
  }

  private static OnDemandFunction load(String function, String className) {
    Object made;
    try {
      ClassLoader own = FunctionClasses.class.getClassLoader();
      ClassLoader context = Thread.currentThread().getContextClassLoader();
      Class<?> type = Class.forName(className, false, context == null ? own : context);
      if (!OnDemandFunction.class.isAssignableFrom(type)) {
        throw refused(function, className, "It does not implement OnDemandFunction.", null);
      }
      made = type.getConstructor().newInstance();
    } catch (ClassNotFoundException | LinkageError e) {
      throw refused(function, className, "It is not on the class path: " + e + ".", e);
    } catch (NoSuchMethodException | IllegalAccessException | InstantiationException e) {
      throw refused(function, className, "It has no public constructor without parameters.", e);
    } catch (InvocationTargetException e) {
      throw refused(function, className, "Its constructor failed: " + e.getCause() + ".", e);
    }
    OnDemandFunction body = (OnDemandFunction) made;
    List<String> wrong = new ArrayList<>();
    for (Column parameter : body.parameters().columns()) {
      if (!OnDemandFunction.passes(parameter.type())) {
        wrong.add("parameter '" + parameter.name() + "' is " + parameter.type().sparkName());
      }
    }
    ColumnType result = body.result();
    if (!OnDemandFunction.passes(result)) {
      wrong.add("its result is " + result.sparkName());
    }
    if (!wrong.isEmpty()) {
      String why = "Values of these types cannot be passed: " + String.join(", ", wrong) + ".";
      throw refused(function, className, why, null);
    }
    return body;
  }

  private static ScorebatchException refused(
      String function,
      String className,
      String why,
      @org.jspecify.annotations.Nullable Throwable cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.FUNCTION_NOT_REGISTERED,
            "Function '" + function + "' cannot be the Java class '" + className + "'.",
            why,
            "name a public class on the class path (SCOREBATCH_CLASSPATH) that implements"
                + " io.scorebatch.api.plan.OnDemandFunction."),
        cause);
  }
}
