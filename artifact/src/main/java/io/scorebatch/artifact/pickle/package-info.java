/**
 * Reads Python pickles (plain, cloudpickle, joblib) as inert data. Nothing in a file is executed:
 * every global name must be on the exact list in {@code globals.txt}, objects become {@link
 * io.scorebatch.artifact.pickle.PyObject}s that only hold what the file says.
 *
 * <p>The values of a tree, by Java type:
 *
 * <ul>
 *   <li>{@code None}: {@link io.scorebatch.artifact.pickle.PyNone#NONE}; never a Java null
 *   <li>{@code bool}, {@code int}, {@code float}, {@code str}: Boolean, Long (BigInteger where it
 *       does not fit), Double, String; NumPy scalars become these too
 *   <li>{@code bytes}, {@code bytearray}: {@link io.scorebatch.artifact.pickle.PyBytes}
 *   <li>{@code list}, {@code tuple}, {@code set}, {@code frozenset}: {@link
 *       io.scorebatch.artifact.pickle.PySequence}
 *   <li>{@code dict}: {@link io.scorebatch.artifact.pickle.PyDict}
 *   <li>NumPy arrays: {@link io.scorebatch.artifact.pickle.NdArray}; NumPy dtypes: {@link
 *       io.scorebatch.artifact.pickle.PyDType}
 *   <li>a class or function named by the file: {@link io.scorebatch.artifact.pickle.PyGlobal}
 *   <li>any other object: {@link io.scorebatch.artifact.pickle.PyObject}
 * </ul>
 *
 * Trees may share parts and may be cyclic.
 */
@NullMarked
package io.scorebatch.artifact.pickle;

import org.jspecify.annotations.NullMarked;
