/**
 * Scores blocks of rows with models that are data ({@link io.scorebatch.api.model.Estimator}).
 * {@link io.scorebatch.kernel.NativeScorerFactory} is the door. No IO; everything is immutable and
 * thread-safe, working memory belongs to a call.
 */
@NullMarked
package io.scorebatch.kernel;

import org.jspecify.annotations.NullMarked;
