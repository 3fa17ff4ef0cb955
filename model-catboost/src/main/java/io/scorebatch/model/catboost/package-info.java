/** CatBoost files, read and scored with CatBoost's own library. */
@NullMarked
package io.scorebatch.model.catboost;

import org.jspecify.annotations.NullMarked;
