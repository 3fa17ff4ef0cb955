/** feature_spec.yaml, read and written. */
@NullMarked
package io.scorebatch.artifact.spec;

import org.jspecify.annotations.NullMarked;
