package io.scorebatch.pipeline.config;

import io.scorebatch.api.plan.Sample;
import java.util.Optional;

/**
 * How many of a model's rows are scored. Immutable.
 *
 * @param size empty for all
 * @param seed another seed, another sample
 * @param stratify a key or pass-through column of whose every value the size is taken alone
 */
public record SampleSpec(Optional<Sample.Size> size, long seed, Optional<String> stratify) {
  /** All rows. */
  public static final SampleSpec ALL = new SampleSpec(Optional.empty(), 0, Optional.empty());

  /** The same with another size. */
  public SampleSpec withSize(Sample.Size other) {
    return new SampleSpec(Optional.of(other), seed, stratify);
  }
}
