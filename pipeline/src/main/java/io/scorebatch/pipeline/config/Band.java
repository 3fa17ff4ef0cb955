package io.scorebatch.pipeline.config;

import java.util.Optional;

/**
 * A band that a value must lie in. Immutable.
 *
 * @param fail outside it nothing is committed
 * @param warn outside it the results say so
 */
public record Band(Optional<Range> fail, Optional<Range> warn) {
  /**
   * Two ends, both inclusive.
   *
   * @param low −∞ for no end
   * @param high +∞ for no end
   */
  public record Range(double low, double high) {
    public boolean holds(double value) {
      return value >= low && value <= high;
    }
  }
}
