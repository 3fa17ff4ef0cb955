package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.AdaBoost;
import io.scorebatch.api.model.Averaging;
import io.scorebatch.api.model.Averaging.Member;
import io.scorebatch.api.model.Averaging.Mode;
import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyObject;
import io.scorebatch.artifact.pickle.PySequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Bagging, Voting, Stacking and AdaBoost: estimators that ask other estimators. */
final class Ensembles {
  private static final int[] ALL = new int[0];

  private Ensembles() {}

  // Bagging

  static Fitted baggingClassifier(PyObject model, Parts parts) {
    Columns columns = Columns.numbersOf(model);
    Labels labels = LabelArray.of(model);
    List<PyObject> objects = Members.of(model, "estimators_");
    List<Member> members = new ArrayList<>();
    boolean probabilities = true;
    Set<OutputKind> kinds =
        EnumSet.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA, OutputKind.DECISION_FUNCTION);
    for (int i = 0; i < objects.size(); i++) {
      Fitted member = parts.estimator(objects.get(i));
      probabilities &= member.has(OutputKind.PREDICT_PROBA);
      int[] classes = memberClasses(model, member, labels.size());
      // Decisions of members that know other classes cannot be added up.
      if (!member.has(OutputKind.DECISION_FUNCTION) || classes.length > 0) {
        kinds.remove(OutputKind.DECISION_FUNCTION);
      }
      members.add(new Member(subset(model, columns, member, i), classes));
    }
    Mode mode = probabilities ? Mode.PROBABILITIES : Mode.VOTES;
    return Fitted.classifier(
        columns, labels, kinds, new Averaging(members, new double[0], mode, labels.size()));
  }

  static Fitted baggingRegressor(PyObject model, Parts parts) {
    Columns columns = Columns.numbersOf(model);
    List<PyObject> objects = Members.of(model, "estimators_");
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < objects.size(); i++) {
      members.add(new Member(subset(model, columns, parts.estimator(objects.get(i)), i), ALL));
    }
    PyObject first = objects.get(0);
    // Only trees and networks know more than one.
    int outputs = first.has("n_outputs_") ? first.count("n_outputs_", 1, 1 << 16) : 1;
    return Fitted.regressor(columns, new Averaging(members, new double[0], Mode.VALUES, outputs));
  }

  private static Estimator subset(PyObject model, Columns columns, Fitted member, int index) {
    List<NdArray> subsets = Members.arrays(model, "estimators_features_");
    if (index >= subsets.size()) {
      throw SklearnErrors.damaged(model, "has columns of " + subsets.size() + " members");
    }
    int[] selected = subsets.get(index).ints();
    requireColumns(model, selected, columns.count());
    if (member.columns().count() != selected.length) {
      throw SklearnErrors.damaged(model, "gives a member " + selected.length + " columns");
    }
    return Arrays.equals(selected, Steps.range(columns.count()))
        ? member.estimator()
        : Steps.before(List.of(new Transform.Select(selected)), member.estimator());
  }

  static void requireColumns(PyObject model, int[] selected, int count) {
    for (int column : selected) {
      if (column < 0 || column >= count) {
        throw SklearnErrors.damaged(model, "reads column " + column + " of " + count);
      }
    }
  }

  /** Members were fitted on class numbers; a bootstrap may have missed some. */
  private static int[] memberClasses(PyObject model, Fitted member, int classes) {
    List<Object> own = member.labels().orElseThrow().values();
    int[] numbers = new int[own.size()];
    for (int i = 0; i < numbers.length; i++) {
      if (!(own.get(i) instanceof Long number) || number < 0 || number >= classes) {
        throw SklearnErrors.damaged(model, "has a member of the class " + own.get(i));
      }
      numbers[i] = number.intValue();
    }
    return numbers.length == classes ? ALL : numbers;
  }

  // Voting

  static Fitted votingClassifier(PyObject model, Parts parts) {
    Labels labels = LabelArray.of(model);
    boolean soft = model.text("voting").equals("soft");
    List<Fitted> fitted = members(model, parts);
    List<Member> members = new ArrayList<>();
    for (Fitted member : fitted) {
      requireClasses(model, member, labels.size());
      if (soft && !member.has(OutputKind.PREDICT_PROBA)) {
        throw SklearnErrors.unsupported(model, "votes softly over a member without probabilities");
      }
      members.add(new Member(member.estimator(), ALL));
    }
    return Fitted.classifier(
        merged(model, fitted),
        labels,
        soft ? Set.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA) : Set.of(OutputKind.PREDICT),
        new Averaging(
            members,
            weights(model, members.size()),
            soft ? Mode.PROBABILITIES : Mode.HARD_VOTES,
            labels.size()));
  }

  static Fitted votingRegressor(PyObject model, Parts parts) {
    List<Fitted> fitted = members(model, parts);
    List<Member> members = new ArrayList<>();
    fitted.forEach(member -> members.add(new Member(member.estimator(), ALL)));
    return Fitted.regressor(
        merged(model, fitted),
        new Averaging(members, weights(model, members.size()), Mode.VALUES, 1));
  }

  /** Weights of the members that were not dropped. */
  private static double[] weights(PyObject model, int members) {
    if (!model.has("weights")) {
      return new double[0];
    }
    List<Double> all = numbers(model, "weights");
    List<Object> named = model.sequence("estimators").items();
    List<Double> kept = new ArrayList<>();
    for (int i = 0; i < all.size() && i < named.size(); i++) {
      boolean dropped =
          named.get(i) instanceof PySequence pair && pair.size() > 1 && pair.item(1).equals("drop");
      if (!dropped) {
        kept.add(all.get(i));
      }
    }
    if (kept.size() != members) {
      throw SklearnErrors.damaged(
          model, "has " + kept.size() + " weights for " + members + " members");
    }
    return kept.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static List<Double> numbers(PyObject model, String name) {
    List<Double> numbers = new ArrayList<>();
    if (model.attribute(name) instanceof NdArray array) {
      for (double number : array.doubles()) {
        numbers.add(number);
      }
      return numbers;
    }
    for (Object item : model.sequence(name).items()) {
      if (!(item instanceof Number number)) {
        throw SklearnErrors.damaged(model, "has " + item + " among its " + name);
      }
      numbers.add(number.doubleValue());
    }
    return numbers;
  }

  // Stacking

  static Fitted stackingClassifier(PyObject model, Parts parts) {
    Labels labels = LabelArray.of(model);
    Fitted outer = stacked(model, parts);
    requireClasses(model, outer, labels.size());
    return Fitted.classifier(outer.columns(), labels, outer.kinds(), outer.estimator());
  }

  static Fitted stackingRegressor(PyObject model, Parts parts) {
    Fitted outer = stacked(model, parts);
    return Fitted.regressor(outer.columns(), outer.estimator());
  }

  private static Fitted stacked(PyObject model, Parts parts) {
    List<Fitted> members = members(model, parts);
    List<Object> methods = model.sequence("stack_method_").items();
    if (methods.size() != members.size()) {
      throw SklearnErrors.damaged(model, "has " + methods.size() + " stack methods");
    }
    Columns columns = merged(model, members);
    List<List<Transform>> branches = new ArrayList<>();
    int width = 0;
    for (int i = 0; i < members.size(); i++) {
      Fitted member = members.get(i);
      OutputKind kind =
          OutputKind.parse(String.valueOf(methods.get(i)))
              .filter(member::has)
              .orElseThrow(() -> SklearnErrors.setting(model, "stack_method_", methods.toString()));
      int classes = member.labels().map(Labels::size).orElse(0);
      // Of two probabilities, which add up to 1, only the second is kept.
      int[] kept = kind == OutputKind.PREDICT_PROBA && classes == 2 ? new int[] {1} : ALL;
      branches.add(List.of(new Transform.EstimatorOutput(member.estimator(), kind, kept)));
      boolean single = kept.length == 1 || kind == OutputKind.PREDICT || classes == 2;
      width += single ? 1 : classes;
    }
    if (model.flagOr("passthrough", false)) {
      branches.add(List.of());
      width += columns.count();
    }
    Fitted outer = parts.estimator(model.object("final_estimator_"));
    if (outer.columns().count() != width) {
      throw SklearnErrors.damaged(
          model,
          "gives its last estimator " + width + " of " + outer.columns().count() + " columns");
    }
    return outer.with(
        columns, Steps.before(List.of(new Transform.Union(branches)), outer.estimator()));
  }

  // AdaBoost

  static Fitted adaBoostClassifier(PyObject model, Parts parts) {
    Labels labels = LabelArray.of(model);
    List<Fitted> fitted = members(model, parts);
    List<Estimator> members = new ArrayList<>();
    for (Fitted member : fitted) {
      if (!member.labels().equals(java.util.Optional.of(labels))) {
        throw SklearnErrors.unsupported(model, "has members that do not know all classes");
      }
      members.add(member.estimator());
    }
    Columns columns = merged(model, fitted);
    Estimator estimator =
        new AdaBoost(
            members,
            firstWeights(model, members.size()),
            variant(model, parts.version()),
            labels.size());
    return Fitted.classifier(
        columns,
        labels,
        EnumSet.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA, OutputKind.DECISION_FUNCTION),
        Steps.checked(Accept.FINITE, estimator));
  }

  private static AdaBoost.Variant variant(PyObject model, SklearnVersion version) {
    // Since 1.6 only SAMME is left and the setting has no effect.
    if (version.since(6)) {
      return AdaBoost.Variant.SAMME;
    }
    if (model.text("algorithm").equals("SAMME.R")) {
      return AdaBoost.Variant.SAMME_R;
    }
    return version.since(4) ? AdaBoost.Variant.SAMME : AdaBoost.Variant.SAMME_UNPENALISED;
  }

  static Fitted adaBoostRegressor(PyObject model, Parts parts) {
    List<Fitted> fitted = members(model, parts);
    List<Estimator> members = new ArrayList<>();
    fitted.forEach(member -> members.add(member.estimator()));
    Estimator estimator =
        new AdaBoost(members, firstWeights(model, members.size()), AdaBoost.Variant.REGRESSION, 0);
    return Fitted.regressor(merged(model, fitted), Steps.checked(Accept.FINITE, estimator));
  }

  /** There is a weight for each round, also for rounds that were not needed. */
  private static double[] firstWeights(PyObject model, int members) {
    double[] weights = model.array("estimator_weights_").doubles();
    if (weights.length < members) {
      throw SklearnErrors.damaged(model, "has " + weights.length + " weights");
    }
    return Arrays.copyOf(weights, members);
  }

  // All

  private static List<Fitted> members(PyObject model, Parts parts) {
    List<Fitted> members = new ArrayList<>();
    for (PyObject member : Members.of(model, "estimators_")) {
      members.add(parts.estimator(member));
    }
    return members;
  }

  private static void requireClasses(PyObject model, Fitted member, int classes) {
    int own = member.labels().map(Labels::size).orElse(0);
    if (own != classes) {
      throw SklearnErrors.unsupported(
          model, "of " + classes + " classes has a member of " + own + " classes");
    }
  }

  /** All members read the same columns; the ensemble may know names that they do not. */
  private static Columns merged(PyObject model, List<Fitted> members) {
    Columns first = members.get(0).columns();
    for (Fitted member : members) {
      if (!member.columns().text().equals(first.text())) {
        throw SklearnErrors.unsupported(model, "has members that read different columns");
      }
    }
    return model.has("feature_names_in_")
        ? new Columns(first.text(), Columns.namesOf(model))
        : first;
  }
}
