/** What a registered model says about the features it needs: feature_spec.yaml as records. */
@NullMarked
package io.scorebatch.api.spec;

import org.jspecify.annotations.NullMarked;
