/**
 * Reads skops files as the same inert trees that pickles become: see {@link
 * io.scorebatch.artifact.pickle}.
 */
@NullMarked
package io.scorebatch.artifact.skops;

import org.jspecify.annotations.NullMarked;
