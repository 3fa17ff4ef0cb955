package io.scorebatch.api.run;

import io.scorebatch.api.plan.ScoringPlan;
import java.util.List;

/** Hears how a run goes. Calls come from several threads, one at a time for one model. */
public interface RunListener {
  /** A listener that hears nothing. */
  RunListener SILENT = new RunListener() {};

  default void runStarted(String runId, List<String> modelNames) {}

  default void modelStarted(String modelName) {}

  /** Share of a model's rows done, 0 to 1. */
  default void modelProgress(String modelName, double share) {}

  /** How a model would be scored; told in a dry run, before its result. */
  default void modelPlanned(ScoringPlan plan) {}

  default void modelFinished(ModelResult result) {}

  default void runFinished(RunResult result) {}
}
