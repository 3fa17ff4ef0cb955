package io.scorebatch.pipeline.config;

import java.time.Duration;
import java.util.Optional;

/**
 * Which rows are scored where not all are. Immutable.
 *
 * @param by how new rows are told from old ones
 * @param column the column of a watermark; empty for the other kinds
 * @param lag how far behind the start of a run the watermark stays
 * @param lookback how far behind the watermark rows are taken again
 * @param onNewModel what happens where the model or the pipeline's settings changed
 */
public record IncrementalSpec(
    By by, Optional<String> column, Duration lag, Duration lookback, OnNewModel onNewModel) {
  /** What a run is told to do with models whose entry says nothing. */
  public static final IncrementalSpec BY_TABLE_VERSION =
      new IncrementalSpec(
          By.TABLE_VERSION, Optional.empty(), Duration.ZERO, Duration.ZERO, OnNewModel.FULL);

  /** How new rows are told from old ones. */
  public enum By {
    /** A date or timestamp in the rows that bring the keys is beyond the last one seen. */
    WATERMARK,
    /** The row's key is among rows written to a table since the version last scored. */
    TABLE_VERSION,
    /** The key has no prediction of this model version. */
    MISSING_KEYS,
    /** What goes into the model differs from what the key's prediction was made of. */
    CONTENT
  }

  /** What happens where the model or settings that change predictions are not those of before. */
  public enum OnNewModel {
    /** All rows are scored. */
    FULL,
    /** Old predictions stay. */
    NEW_ROWS_ONLY
  }
}
