/** pipeline.yaml as records; unknown keys are errors. */
@NullMarked
package io.scorebatch.pipeline.config;

import org.jspecify.annotations.NullMarked;
