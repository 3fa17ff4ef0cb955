/** Which rows are new since the last run, and the state that tells. */
@NullMarked
package io.scorebatch.pipeline.increment;

import org.jspecify.annotations.NullMarked;
