/**
 * Translates fitted scikit-learn objects, as inert trees of {@link
 * io.scorebatch.artifact.pickle.PyObject}s, into models the kernel computes. One small class a
 * family, found in one table by fully qualified class name; formulas follow scikit-learn 1.0 to 1.9
 * and are proved by the parity tests.
 */
@NullMarked
package io.scorebatch.artifact.sklearn;

import org.jspecify.annotations.NullMarked;
