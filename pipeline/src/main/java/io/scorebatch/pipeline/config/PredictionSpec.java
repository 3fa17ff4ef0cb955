package io.scorebatch.pipeline.config;

import io.scorebatch.api.model.OutputKind;
import java.util.Optional;

/**
 * What the predictions of a model are. Immutable.
 *
 * @param type decides the columns
 * @param outputKind what to ask the model for instead of the type's own choice
 * @param alias a further column with the prediction under a clear name
 * @param threshold probability above which {@code predicted_class} is 1
 */
public record PredictionSpec(
    ModelType type, Optional<OutputKind> outputKind, Optional<String> alias, double threshold) {}
