package io.scorebatch.artifact.sklearn;

import io.scorebatch.artifact.pickle.PyObject;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Translates the objects inside an object. Bounds what a file can make of shared and cyclic parts:
 * nesting, and how often an object is translated again. One thread, one model.
 */
final class Parts {
  private static final int MAX_DEPTH = 24;
  private static final int MAX_REPEATS = 16;

  private final Families families;
  private final PyObject root;
  private final SklearnVersion version;
  private final Set<PyObject> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private int depth;
  private int repeats;

  Parts(Families families, PyObject root, SklearnVersion version) {
    this.families = families;
    this.root = root;
    this.version = version;
  }

  /** The release that wrote the model. */
  SklearnVersion version() {
    return version;
  }

  /** A fitted estimator inside the model. */
  Fitted estimator(Object part) {
    PyObject object = entered(part);
    EstimatorTranslator translator = families.estimator(object.className());
    if (translator == null) {
      throw SklearnErrors.unsupportedClass(object, ClassTree.of(root));
    }
    Fitted fitted = translator.translate(object, this);
    depth--;
    return fitted;
  }

  /** A fitted transformer inside the model. */
  FittedTransform transform(Object part) {
    PyObject object = entered(part);
    TransformTranslator translator = families.transformer(object.className());
    if (translator == null) {
      throw SklearnErrors.unsupportedClass(object, ClassTree.of(root));
    }
    FittedTransform fitted = translator.translate(object, this);
    depth--;
    return fitted;
  }

  /** Refuses a part of an unknown class before anything of the model is read. */
  void requireKnown(PyObject object) {
    if (families.estimator(object.className()) == null
        && families.transformer(object.className()) == null) {
      throw SklearnErrors.unsupportedClass(object, ClassTree.of(root));
    }
  }

  /** Whether a part is known as an estimator. */
  boolean isEstimator(PyObject object) {
    return families.estimator(object.className()) != null;
  }

  private PyObject entered(Object part) {
    if (!(part instanceof PyObject object)) {
      throw SklearnErrors.notAnEstimator(String.valueOf(part));
    }
    if (++depth > MAX_DEPTH || (!seen.add(object) && ++repeats > MAX_REPEATS)) {
      throw SklearnErrors.damaged(root, "holds parts that hold each other");
    }
    return object;
  }
}
