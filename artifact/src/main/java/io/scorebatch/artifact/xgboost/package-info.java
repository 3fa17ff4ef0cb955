/** XGBoost models: JSON, UBJSON, and boosters inside pickles. */
@NullMarked
package io.scorebatch.artifact.xgboost;

import org.jspecify.annotations.NullMarked;
