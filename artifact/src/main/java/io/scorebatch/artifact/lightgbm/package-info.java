/** LightGBM models: text files, and boosters inside pickles. */
@NullMarked
package io.scorebatch.artifact.lightgbm;

import org.jspecify.annotations.NullMarked;
