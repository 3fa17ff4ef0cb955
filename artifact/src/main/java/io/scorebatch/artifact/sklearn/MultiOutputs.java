package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.MultiOutput;
import io.scorebatch.api.model.MultiOutput.Probabilities;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * MultiOutputClassifier and MultiOutputRegressor, whose parts know nothing of each other, and
 * chains, whose parts read the answers of those before them.
 */
final class MultiOutputs {
  /** Each part of a chain computes those before it again. */
  private static final int MAX_CHAIN = 64;

  private MultiOutputs() {}

  static Fitted classifier(PyObject model, Parts parts) {
    List<Fitted> fitted = members(model, parts);
    List<Labels> labels = new ArrayList<>();
    List<Estimator> members = new ArrayList<>();
    boolean probabilities = true;
    for (Fitted member : fitted) {
      labels.add(
          member
              .labels()
              .orElseThrow(
                  () -> SklearnErrors.unsupported(model, "has parts that are no classifiers")));
      members.add(member.estimator());
      probabilities &= member.has(OutputKind.PREDICT_PROBA);
    }
    return Fitted.classifierOfOutputs(
        columns(model, fitted),
        labels,
        probabilities
            ? Set.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA)
            : Set.of(OutputKind.PREDICT),
        MultiOutput.of(members));
  }

  static Fitted regressor(PyObject model, Parts parts) {
    List<Fitted> fitted = members(model, parts);
    return Fitted.regressor(
        columns(model, fitted), MultiOutput.of(fitted.stream().map(Fitted::estimator).toList()));
  }

  /** What a chain predicts is a number in Python too, not a label. */
  static Fitted classifierChain(PyObject model, Parts parts) {
    List<Fitted> fitted = members(model, parts);
    Set<OutputKind> kinds =
        EnumSet.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA, OutputKind.DECISION_FUNCTION);
    for (Fitted member : fitted) {
      if (!member.labels().map(Labels::values).orElse(List.of()).equals(List.of(0L, 1L))
          && !member.labels().map(Labels::values).orElse(List.of()).equals(List.of(0.0, 1.0))) {
        throw SklearnErrors.unsupported(model, "has labels other than 0 and 1");
      }
      kinds.retainAll(member.kinds());
    }
    String method = model.textOr("chain_method_", "predict");
    OutputKind passed =
        OutputKind.parse(method)
            .filter(kinds::contains)
            .orElseThrow(() -> SklearnErrors.setting(model, "chain_method_", method));
    Fitted chain = chain(model, fitted, passed);
    return new Fitted(chain.columns(), chain.task(), chain.labels(), kinds, chain.estimator());
  }

  static Fitted regressorChain(PyObject model, Parts parts) {
    return chain(model, members(model, parts), OutputKind.PREDICT);
  }

  /**
   * Each part behind steps that append what the parts before it answer.
   *
   * @param passed the kind of answer that is appended
   */
  private static Fitted chain(PyObject model, List<Fitted> fitted, OutputKind passed) {
    if (fitted.size() > MAX_CHAIN) {
      throw SklearnErrors.unsupported(model, "has more than " + MAX_CHAIN + " parts");
    }
    Columns columns = Columns.numbersOf(model);
    int[] order = order(model, fitted.size());
    int[] kept = passed == OutputKind.PREDICT_PROBA ? new int[] {1} : new int[0];
    List<Transform> before = new ArrayList<>(List.of(new Transform.Check(Accept.FINITE)));
    Estimator[] outputs = new Estimator[fitted.size()];
    for (int i = 0; i < outputs.length; i++) {
      Fitted part = fitted.get(i);
      if (part.columns().count() != columns.count() + i) {
        throw SklearnErrors.damaged(
            model, "has a part that reads " + part.columns().count() + " columns");
      }
      outputs[order[i]] = Steps.before(List.copyOf(before), part.estimator());
      Transform answer = new Transform.EstimatorOutput(part.estimator(), passed, kept);
      before.add(new Transform.Union(List.of(List.of(), List.of(answer))));
    }
    return Fitted.regressor(columns, new MultiOutput(List.of(outputs), Probabilities.LAST_CLASS));
  }

  /** The output that each part answers. */
  private static int[] order(PyObject model, int outputs) {
    int[] order =
        model.attribute("order_") instanceof NdArray array
            ? array.ints()
            : model.sequence("order_").items().stream()
                .mapToInt(item -> item instanceof Long number ? (int) (long) number : -1)
                .toArray();
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    if (!Arrays.equals(sorted, Steps.range(outputs))) {
      throw SklearnErrors.damaged(model, "has the order " + Arrays.toString(order));
    }
    return order;
  }

  private static List<Fitted> members(PyObject model, Parts parts) {
    List<Fitted> members = new ArrayList<>();
    for (PyObject member : Members.of(model, "estimators_")) {
      Fitted fitted = parts.estimator(member);
      if (!fitted.outputLabels().isEmpty()) {
        throw SklearnErrors.unsupported(model, "has parts of several outputs");
      }
      members.add(fitted);
    }
    return members;
  }

  private static Columns columns(PyObject model, List<Fitted> members) {
    Columns first = members.get(0).columns();
    for (Fitted member : members) {
      if (!member.columns().text().equals(first.text())) {
        throw SklearnErrors.damaged(model, "has parts that read different columns");
      }
    }
    return model.has("feature_names_in_")
        ? new Columns(first.text(), Columns.namesOf(model))
        : first;
  }
}
