/** MLmodel files and their signatures. */
@NullMarked
package io.scorebatch.artifact.mlmodel;

import org.jspecify.annotations.NullMarked;
