package io.scorebatch.pipeline.gate;

import io.scorebatch.api.engine.ScoreStatistics;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A scored batch as gates see it. Immutable.
 *
 * @param modelName for messages
 * @param statistics counts over its rows
 * @param oneRowPerKey whether each row selected must have one row; false where look-ups may
 *     multiply rows
 * @param skipped whether bad rows were left out rather than written
 * @param labels whether predictions are labels, their numbers being indices
 * @param sampled which rows the sample took, for people; empty where there was no sample
 * @param interchangeable by feature table: its keys that are of one type, where several are
 */
public record Batch(
    String modelName,
    ScoreStatistics statistics,
    boolean oneRowPerKey,
    boolean skipped,
    boolean labels,
    Optional<String> sampled,
    Map<String, List<String>> interchangeable) {
  public Batch {
    interchangeable = Map.copyOf(interchangeable);
  }

  /** Whether all keys were to be scored. */
  boolean whole() {
    return statistics.selected() == statistics.keys();
  }
}
