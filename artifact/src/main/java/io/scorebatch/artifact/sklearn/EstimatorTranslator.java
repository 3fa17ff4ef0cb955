package io.scorebatch.artifact.sklearn;

import io.scorebatch.artifact.pickle.PyObject;

/** Translates fitted estimators of one family. Stateless and thread-safe. */
interface EstimatorTranslator {
  /**
   * @param object a fitted object of a class of the family
   * @param parts translates the estimators and transformers inside it
   */
  Fitted translate(PyObject object, Parts parts);
}
