package io.scorebatch.pipeline.config;

import java.util.Optional;

/**
 * How far a distribution may lie from a baseline. Immutable.
 *
 * @param psi limit of the population stability index, 0 for equal distributions
 * @param ks limit of the Kolmogorov-Smirnov distance, 0 to 1
 * @param baseline what it is compared with
 * @param minRows where either side has fewer values, nothing is compared: chance would decide
 */
public record Drift(Optional<Limit> psi, Optional<Limit> ks, Baseline baseline, int minRows) {
  /** What batches are compared with. */
  public sealed interface Baseline {
    /** The batch the model committed last. */
    record Previous() implements Baseline {}

    /**
     * A file with a profile: {@code run_results.json} of a run, or the text of a table's property
     * {@code scorebatch.profile}.
     *
     * @param path relative to the pipeline file's folder
     */
    record File(String path) implements Baseline {}

    /** The batch that a version of a prediction table holds. */
    record TableVersion(String table, long version) implements Baseline {}
  }
}
