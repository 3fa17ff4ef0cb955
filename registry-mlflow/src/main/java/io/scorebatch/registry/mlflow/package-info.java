/**
 * MLflow registries: from a model URI to a pinned version and a local folder with its files.
 *
 * <p>{@link io.scorebatch.registry.mlflow.MlflowRegistries} is the front door.
 */
@NullMarked
package io.scorebatch.registry.mlflow;

import org.jspecify.annotations.NullMarked;
