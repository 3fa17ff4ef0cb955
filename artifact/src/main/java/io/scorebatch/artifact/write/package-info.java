/** Writes models with feature metadata in the layout of Databricks' feature engineering client. */
@NullMarked
package io.scorebatch.artifact.write;

import org.jspecify.annotations.NullMarked;
