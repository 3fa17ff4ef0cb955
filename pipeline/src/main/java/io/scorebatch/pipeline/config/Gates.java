package io.scorebatch.pipeline.config;

import io.scorebatch.pipeline.config.Drift.Baseline;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What must hold of a scored batch before it is published. Beside these, always: one row a key, and
 * no look-up that finds nothing at all. Immutable.
 *
 * @param rowRange how many rows a batch may have
 * @param rowChange how much their number may differ from the batch before, as a share of it
 * @param nullPredictions share of rows without a prediction
 * @param predictionRange what the smallest and the greatest prediction may be
 * @param positiveShare share of rows flagged (anomalies, the positive class)
 * @param constantPrediction one prediction for all rows although an input varies
 * @param features what look-ups must find
 * @param predictionDrift how far predictions may lie from a baseline
 * @param featureDrift how far each number that goes into the model may
 * @param goldenRows rows recorded in Python that must score as they did there
 * @param allowSampled whether a batch of some of the keys may be published
 */
public record Gates(
    Optional<Band> rowRange,
    Optional<Limit> rowChange,
    Optional<Limit> nullPredictions,
    Optional<Band> predictionRange,
    Optional<Band> positiveShare,
    Severity constantPrediction,
    FeatureChecks features,
    Optional<Drift> predictionDrift,
    Optional<Drift> featureDrift,
    Optional<Golden> goldenRows,
    boolean allowSampled) {
  /** Fewer values than this are not compared unless the pipeline says so. */
  static final int MIN_ROWS = 500;

  /** Nothing beyond what always holds: for single calls, whose caller sees the result. */
  public static final Gates NONE =
      new Gates(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Severity.OFF,
          FeatureChecks.NONE,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          true);

  /** What a pipeline that says nothing has; the reasons stand in docs/gates.md. */
  public static final Gates USUAL =
      new Gates(
          Optional.empty(),
          Optional.of(new Limit(OptionalDouble.empty(), OptionalDouble.of(0.5))),
          Optional.of(new Limit(OptionalDouble.of(0.5), OptionalDouble.of(0))),
          Optional.empty(),
          Optional.empty(),
          Severity.WARN,
          FeatureChecks.NONE,
          Optional.of(
              new Drift(
                  Optional.of(new Limit(OptionalDouble.empty(), OptionalDouble.of(0.25))),
                  Optional.empty(),
                  new Baseline.Previous(),
                  MIN_ROWS)),
          Optional.empty(),
          Optional.empty(),
          true);

  /** The same with other checks of features. */
  public Gates withFeatures(FeatureChecks checks) {
    return new Gates(
        rowRange,
        rowChange,
        nullPredictions,
        predictionRange,
        positiveShare,
        constantPrediction,
        checks,
        predictionDrift,
        featureDrift,
        goldenRows,
        allowSampled);
  }

  /**
   * A file with recorded rows.
   *
   * @param file relative to the pipeline file's folder; read as {@code scorebatch verify} reads it
   * @param onDifference what a difference does
   */
  public record Golden(String file, Severity onDifference) {}
}
