package io.scorebatch.pipeline.gate;

import io.scorebatch.api.engine.Distribution;
import io.scorebatch.api.engine.ScoreStatistics;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What is kept of a batch so that later ones can be compared with it. Immutable.
 *
 * @param modelName the model that made it
 * @param rows its rows
 * @param whole whether every key was scored: no selection, no sample
 * @param positives rows flagged; empty where nothing is
 * @param predictions how its predictions are spread; empty where they are no numbers
 * @param inputs how each number that went into the model is spread, where that was counted
 */
public record BatchProfile(
    String modelName,
    long rows,
    boolean whole,
    OptionalLong positives,
    Optional<Distribution> predictions,
    Map<String, Distribution> inputs) {
  /** Property of a prediction table that holds the profile of its last batch. */
  public static final String PROPERTY = "scorebatch.profile";

  public BatchProfile {
    inputs = java.util.Collections.unmodifiableMap(new TreeMap<>(inputs));
  }

  /** The profile of a batch with these counts. */
  public static BatchProfile of(String modelName, ScoreStatistics statistics) {
    return new BatchProfile(
        modelName,
        statistics.rows(),
        statistics.selected() == statistics.keys(),
        statistics.positives(),
        statistics.predictions(),
        statistics.inputs());
  }
}
