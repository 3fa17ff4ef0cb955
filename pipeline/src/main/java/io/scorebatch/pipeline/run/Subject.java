package io.scorebatch.pipeline.run;

import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.pipeline.config.ModelSpec;

/**
 * A model that is to be scored. Immutable.
 *
 * @param spec its entry in the pipeline
 * @param resolved the version found
 * @param model what was read of it
 * @param source {@code prediction_source} of its rows, where its table has such a column
 */
record Subject(ModelSpec spec, ResolvedModel resolved, ModelPackage model, String source) {}
