package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.SupportVectorMachine;
import io.scorebatch.api.model.SupportVectorMachine.Kernel;
import io.scorebatch.api.model.SupportVectorMachine.Machine;
import io.scorebatch.api.model.SupportVectorMachine.Shape;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** SVC, NuSVC, SVR, NuSVR and OneClassSVM. */
final class SupportVectors {
  private static final Set<String> KERNELS = Set.of("linear", "poly", "rbf", "sigmoid");
  private static final int MAX_DEGREE = 1000;

  private SupportVectors() {}

  static Fitted classifier(PyObject model, Parts parts) {
    Columns columns = Columns.numbersOf(model);
    Labels labels = LabelArray.of(model);
    Set<OutputKind> kinds = EnumSet.of(OutputKind.PREDICT, OutputKind.DECISION_FUNCTION);
    if (model.array("_probA").size() > 0) {
      kinds.add(OutputKind.PREDICT_PROBA);
    }
    int[] vectors = model.array("_n_support").ints();
    if (vectors.length != labels.size()) {
      throw SklearnErrors.damaged(model, "has support vectors of " + vectors.length + " classes");
    }
    return Fitted.classifier(
        columns,
        labels,
        kinds,
        Steps.checked(Accept.FINITE, machine(model, columns, Machine.CLASSIFIER, vectors)));
  }

  static Fitted regressor(PyObject model, Parts parts) {
    Columns columns = Columns.numbersOf(model);
    return Fitted.regressor(
        columns,
        Steps.checked(Accept.FINITE, machine(model, columns, Machine.REGRESSOR, all(model))));
  }

  static Fitted oneClass(PyObject model, Parts parts) {
    Columns columns = Columns.numbersOf(model);
    return Fitted.outlierDetector(
        columns,
        Steps.checked(Accept.FINITE, machine(model, columns, Machine.ONE_CLASS, all(model))));
  }

  /** Without classes the count is stored twice. */
  private static int[] all(PyObject model) {
    int[] counts = model.array("_n_support").ints();
    if (counts.length == 0) {
      throw SklearnErrors.damaged(model, "has no count of support vectors");
    }
    return new int[] {counts[0]};
  }

  private static SupportVectorMachine machine(
      PyObject model, Columns columns, Machine machine, int[] vectorsOfClass) {
    if (!(model.attribute("kernel") instanceof String kernel) || !KERNELS.contains(kernel)) {
      throw SklearnErrors.setting(model, "kernel", model.attribute("kernel"));
    }
    if (!(model.attribute("support_vectors_") instanceof NdArray vectors)) {
      throw SklearnErrors.unsupported(model, "was fitted on a sparse matrix");
    }
    return new SupportVectorMachine(
        machine,
        Kernel.valueOf(kernel.toUpperCase(Locale.ROOT)),
        model.number("_gamma"),
        degree(model),
        model.number("coef0"),
        columns.count(),
        vectors.doubles(),
        vectorsOfClass,
        model.array("_dual_coef_").doubles(),
        model.array("_intercept_").doubles(),
        model.textOr("decision_function_shape", "ovr").equals("ovo")
            ? Shape.ONE_VS_ONE
            : Shape.ONE_VS_REST,
        model.flagOr("break_ties", false),
        model.array("_probA").doubles(),
        model.array("_probB").doubles());
  }

  private static int degree(PyObject model) {
    double degree = model.number("degree");
    if (degree != Math.rint(degree) || degree < 0 || degree > MAX_DEGREE) {
      throw SklearnErrors.setting(model, "degree", degree);
    }
    return (int) degree;
  }
}
