package io.scorebatch.pipeline.plan;

import io.scorebatch.api.plan.ScoringPlan;
import java.util.List;

/**
 * A plan, and what the user should know about it.
 *
 * @param plan the plan
 * @param notes columns overridden, decimals that lose digits, table ids that differ …
 */
public record PlannedScoring(ScoringPlan plan, List<String> notes) {
  public PlannedScoring {
    notes = List.copyOf(notes);
  }
}
