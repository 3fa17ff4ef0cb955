/** Runs one model, and many. */
@NullMarked
package io.scorebatch.pipeline.run;

import org.jspecify.annotations.NullMarked;
