package io.scorebatch.pipeline.config;

import java.util.Optional;

/**
 * What must hold of the features a model's look-ups find. Each check applies to every look-up of
 * the model. Immutable.
 *
 * @param minMatchRate share of rows whose key is found, 0 to 1
 * @param maxNullRate share of the rows found that hold a NULL feature, 0 to 1
 * @param maxDefaultRate share of rows in which a default value took the place of a feature, 0 to 1
 * @param maxAgeSeconds how old a feature may be at the moment asked for; of look-ups that have a
 *     point in time
 */
public record FeatureChecks(
    Optional<Limit> minMatchRate,
    Optional<Limit> maxNullRate,
    Optional<Limit> maxDefaultRate,
    Optional<Limit> maxAgeSeconds) {
  /** No check: only a look-up that finds nothing at all fails. */
  public static final FeatureChecks NONE =
      new FeatureChecks(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
}
