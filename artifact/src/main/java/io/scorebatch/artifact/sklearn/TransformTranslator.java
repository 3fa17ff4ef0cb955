package io.scorebatch.artifact.sklearn;

import io.scorebatch.artifact.pickle.PyObject;

/** Translates fitted transformers of one family. Stateless and thread-safe. */
interface TransformTranslator {
  /**
   * @param object a fitted object of a class of the family
   * @param parts translates the estimators and transformers inside it
   */
  FittedTransform translate(PyObject object, Parts parts);
}
