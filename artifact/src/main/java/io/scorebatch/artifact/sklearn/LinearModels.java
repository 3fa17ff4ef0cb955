package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.LinearModel;
import io.scorebatch.api.model.Link;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Response;
import io.scorebatch.api.model.Response.Rule;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.artifact.model.ClassLabels;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.EnumSet;
import java.util.Set;

/** Models that weigh columns: {@code coef_} and {@code intercept_}. */
final class LinearModels {
  private static final Set<OutputKind> WITHOUT_PROBABILITIES =
      Set.of(OutputKind.PREDICT, OutputKind.DECISION_FUNCTION);

  private LinearModels() {}

  static Fitted regressor(PyObject model, Parts parts) {
    return regressor(model, Link.IDENTITY);
  }

  /** Poisson and gamma regression. */
  static Fitted logLinkRegressor(PyObject model, Parts parts) {
    return regressor(model, Link.EXP);
  }

  static Fitted tweedie(PyObject model, Parts parts) {
    String link = model.text("link");
    boolean log = link.equals("log") || (link.equals("auto") && model.number("power") > 0);
    return regressor(model, log ? Link.EXP : Link.IDENTITY);
  }

  /** Classifiers that know no probabilities: LinearSVC, RidgeClassifier, Perceptron. */
  static Fitted classifier(PyObject model, Parts parts) {
    return classifier(model, WITHOUT_PROBABILITIES, Link.IDENTITY, 1);
  }

  static Fitted ridgeClassifier(PyObject model, Parts parts) {
    if (!LabelBinarizers.hasSeveralLabels(model)) {
      return classifier(model, parts);
    }
    Columns columns = Columns.numbersOf(model);
    int outputs = outputs(model);
    Response flags = Response.classes(Link.IDENTITY, Rule.RAW_ABOVE_ZERO);
    return Fitted.classifierOfOutputs(
        columns,
        ClassLabels.flags(outputs),
        WITHOUT_PROBABILITIES,
        Steps.checked(Accept.FINITE, linear(model, columns, outputs, flags)));
  }

  static Fitted logistic(PyObject model, Parts parts) {
    int classes = labels(model).size();
    String multi = model.textOr("multi_class", "auto");
    boolean automatic = multi.equals("auto") || multi.equals("deprecated");
    boolean oneVersusRest =
        multi.equals("ovr")
            || (automatic && (classes <= 2 || model.textOr("solver", "").equals("liblinear")));
    Set<OutputKind> kinds = withProbabilities();
    if (oneVersusRest) {
      return classifier(model, kinds, sigmoids(parts), 1);
    }
    // Multinomial on two classes: softmax of [-d, d] is the sigmoid of 2 d.
    return classes == 2
        ? classifier(model, kinds, Link.SIGMOID, 2)
        : classifier(model, kinds, Link.SOFTMAX_PAIRWISE, 1);
  }

  /** Where all sigmoids of a row are 0, release 1.9 answers even shares, earlier ones NaN. */
  private static Link sigmoids(Parts parts) {
    return parts.version().since(9) ? Link.SIGMOID_NORMALISED_OR_EVEN : Link.SIGMOID_NORMALISED;
  }

  static Fitted stochasticGradient(PyObject model, Parts parts) {
    String loss = model.text("loss");
    switch (loss) {
      case "log_loss":
      case "log":
        return classifier(model, withProbabilities(), sigmoids(parts), 1);
      case "modified_huber":
        return classifier(model, withProbabilities(), Link.MODIFIED_HUBER, 1);
      default:
        return classifier(model, WITHOUT_PROBABILITIES, Link.IDENTITY, 1);
    }
  }

  private static Set<OutputKind> withProbabilities() {
    return EnumSet.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA, OutputKind.DECISION_FUNCTION);
  }

  private static Fitted regressor(PyObject model, Link link) {
    Columns columns = Columns.numbersOf(model);
    Estimator linear = linear(model, columns, outputs(model), Response.value(link));
    return Fitted.regressor(columns, Steps.checked(Accept.FINITE, linear));
  }

  private static Fitted classifier(
      PyObject model, Set<OutputKind> kinds, Link link, double parameter) {
    Columns columns = Columns.numbersOf(model);
    Labels labels = labels(model);
    int outputs = labels.size() == 2 ? 1 : labels.size();
    if (outputs(model) != outputs) {
      throw SklearnErrors.damaged(
          model,
          "has weights for " + outputs(model) + " outputs and " + labels.size() + " classes");
    }
    Rule rule = outputs == 1 ? Rule.RAW_ABOVE_ZERO : Rule.GREATEST_RAW;
    Estimator linear = linear(model, columns, outputs, new Response(link, parameter, rule));
    return Fitted.classifier(columns, labels, kinds, Steps.checked(Accept.FINITE, linear));
  }

  /** RidgeClassifier before 1.9 keeps its classes in the label binarizer. */
  private static Labels labels(PyObject model) {
    return model.has("classes_") || !model.has("_label_binarizer")
        ? LabelArray.of(model)
        : LabelArray.of(model.object("_label_binarizer"));
  }

  private static int outputs(PyObject model) {
    NdArray coefficients = model.array("coef_");
    return coefficients.rank() == 2 ? coefficients.extent(0) : 1;
  }

  private static Estimator linear(PyObject model, Columns columns, int outputs, Response response) {
    double[] coefficients = model.array("coef_").doubles();
    double[] intercepts = new double[outputs];
    if (model.attribute("intercept_") instanceof NdArray stored) {
      double[] values = stored.doubles();
      if (values.length != outputs && values.length != 1) {
        throw SklearnErrors.damaged(model, "has " + values.length + " intercepts");
      }
      for (int k = 0; k < outputs; k++) {
        intercepts[k] = values[values.length == 1 ? 0 : k];
      }
    } else {
      java.util.Arrays.fill(intercepts, model.number("intercept_"));
    }
    return new LinearModel(columns.count(), coefficients, intercepts, response);
  }
}
