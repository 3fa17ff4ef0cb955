package io.scorebatch.artifact.write;

import static java.util.Objects.requireNonNull;

import io.scorebatch.api.spec.FeatureSpec;
import io.scorebatch.api.type.Column;
import java.time.Instant;
import java.util.List;

/**
 * A trained model with the features it needs. Immutable.
 *
 * @param raw the trained model
 * @param spec where its inputs come from
 * @param labels what it was trained to predict, by name: the outputs of its signature; may be empty
 * @param extraRequirements further lines of requirements.txt
 * @param createdAt when, for its MLmodel
 */
public record FeatureModel(
    RawModel raw,
    FeatureSpec spec,
    List<Column> labels,
    List<String> extraRequirements,
    Instant createdAt) {
  public FeatureModel {
    requireNonNull(raw, "raw is null");
    requireNonNull(spec, "spec is null");
    requireNonNull(createdAt, "createdAt is null");
    labels = List.copyOf(labels);
    extraRequirements = List.copyOf(extraRequirements);
  }
}
