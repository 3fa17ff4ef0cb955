package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.ModelOrigin;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Translates fitted scikit-learn objects, releases 1.0 to 1.9, into models the kernel computes.
 * Immutable and thread-safe.
 */
public final class SklearnTranslator {
  private static final String LIBRARY = "scikit-learn";
  private static final String VERSION = "_sklearn_version";

  private final Families families;

  /**
   * @param others translators of other libraries' estimators that may be parts of scikit-learn
   *     objects (XGBClassifier behind a scaler), by fully qualified class name
   */
  public SklearnTranslator(Map<String, Function<PyObject, Model>> others) {
    this.families = new Families(others);
  }

  /** Fully qualified names of all classes that are translated, alone or as parts. */
  public Set<String> classes() {
    return families.names();
  }

  /**
   * Translates a model.
   *
   * @param root what a pickle or skops file holds
   * @param format {@code pickle} or {@code skops}: kept as the model's origin
   * @return the model; inputs have the names it was fitted with, else {@code f0, f1, …}
   * @throws io.scorebatch.api.error.ScorebatchException {@code MODEL_UNSUPPORTED} where a class,
   *     release or setting is not scored natively, with the whole class tree, so that Python can be
   *     offered; {@code MODEL_UNREADABLE} where attributes are missing or do not fit each other
   */
  public Model translate(Object root, String format) {
    if (!(root instanceof PyObject object)) {
      throw SklearnErrors.notAnEstimator(String.valueOf(root));
    }
    boolean known =
        families.estimator(object.className()) != null
            || families.transformer(object.className()) != null;
    if (!known && !object.has(VERSION)) {
      throw SklearnErrors.unsupportedClass(object, ClassTree.of(object));
    }
    SklearnVersion version = SklearnVersion.parse(object.text(VERSION));
    if (!known) {
      throw SklearnErrors.unsupportedClass(object, ClassTree.of(object));
    }
    Parts parts = new Parts(families, object, version);
    try {
      Fitted fitted =
          parts.isEstimator(object)
              ? parts.estimator(object)
              : Wrappers.transformer(parts.transform(object));
      return new Model(
          new ModelOrigin(LIBRARY, version.text(), object.className(), format),
          fitted.task(),
          inputs(fitted.columns()),
          fitted.columns().names().isPresent(),
          fitted.labels(),
          fitted.outputLabels(),
          fitted.kinds(),
          fitted.estimator());
    } catch (IllegalArgumentException | ArithmeticException e) {
      // The records of the kernel refuse what cannot be computed.
      throw SklearnErrors.inconsistent(String.valueOf(e.getMessage()));
    }
  }

  private static List<ModelInput> inputs(Columns columns) {
    Optional<List<String>> names = columns.names();
    List<ModelInput> inputs = new ArrayList<>(columns.count());
    for (int i = 0; i < columns.count(); i++) {
      int column = i;
      inputs.add(
          new ModelInput(
              names.map(n -> n.get(column)).orElseGet(() -> "f" + column), columns.text().get(i)));
    }
    return inputs;
  }
}
