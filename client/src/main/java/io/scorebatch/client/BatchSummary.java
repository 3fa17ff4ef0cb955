package io.scorebatch.client;

import io.scorebatch.api.engine.ScoreStatistics;
import io.scorebatch.api.registry.ResolvedModel;
import java.util.List;

/**
 * What a {@code score_batch} did. Immutable.
 *
 * @param model the version scored
 * @param statistics counts over the rows
 * @param notes what the user should know
 */
public record BatchSummary(ResolvedModel model, ScoreStatistics statistics, List<String> notes) {
  public BatchSummary {
    notes = List.copyOf(notes);
  }

  /** Predictions made. */
  public long rows() {
    return statistics.rows();
  }
}
