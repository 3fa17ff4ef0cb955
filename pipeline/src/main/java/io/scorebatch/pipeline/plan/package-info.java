/** From a model's metadata and table schemas to a plan, or all problems at once. No IO. */
@NullMarked
package io.scorebatch.pipeline.plan;

import org.jspecify.annotations.NullMarked;
