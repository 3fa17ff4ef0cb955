package io.scorebatch.pipeline.config;

import io.scorebatch.api.error.ErrorKind;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * A way to get predictions where those before it failed. Immutable.
 *
 * @param method the way
 * @param covers kinds of failure it stands in for; never CONFIG, which somebody must mend, nor
 *     INTERRUPTED
 * @param maxMissing share of rows that may stay without a prediction, 0 to 1
 * @param maxAge for the last good predictions: how old they may be; empty for any age
 * @param value for a constant: the prediction, as text
 */
public record Fallback(
    Method method,
    Set<ErrorKind> covers,
    double maxMissing,
    Optional<Duration> maxAge,
    Optional<String> value) {
  /** What is covered unless the pipeline says otherwise: all that is no verdict on the result. */
  static final Set<ErrorKind> USUAL =
      Set.of(
          ErrorKind.MODEL,
          ErrorKind.DATA,
          ErrorKind.EXTERNAL,
          ErrorKind.RESOURCES,
          ErrorKind.INTERNAL);

  /** What may be covered. */
  static final Set<ErrorKind> COVERABLE =
      EnumSet.complementOf(EnumSet.of(ErrorKind.CONFIG, ErrorKind.INTERRUPTED));

  public Fallback {
    covers = Set.copyOf(covers);
  }

  /** Whether a model is scored. */
  public boolean asksAModel() {
    return method == Method.PREVIOUS_VERSION || method == Method.MANUAL;
  }

  /** Ways to get predictions. */
  public enum Method {
    /** The version of the model before the one that failed. */
    PREVIOUS_VERSION,
    /** The same version, with the features that {@code source} brings. */
    MANUAL,
    /** What the prediction table holds for each key. */
    LAST_GOOD,
    /** One prediction for all rows. */
    CONSTANT
  }
}
