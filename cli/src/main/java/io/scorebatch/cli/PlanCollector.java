package io.scorebatch.cli;

import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.run.ModelResult;
import io.scorebatch.api.run.RunListener;
import io.scorebatch.api.run.RunResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps the plans of a dry run, and passes everything on. Thread-safe. */
final class PlanCollector implements RunListener {
  private final RunListener next;
  private final Map<String, ScoringPlan> plans = new ConcurrentHashMap<>();

  PlanCollector(RunListener next) {
    this.next = next;
  }

  /** The plans in the order of the run's models. */
  List<ScoringPlan> inOrderOf(RunResult run) {
    List<ScoringPlan> ordered = new ArrayList<>();
    for (ModelResult model : run.models()) {
      ScoringPlan plan = plans.get(model.modelName());
      if (plan != null) {
        ordered.add(plan);
      }
    }
    return ordered;
  }

  @Override
  public void modelPlanned(ScoringPlan plan) {
    plans.put(plan.modelName(), plan);
    next.modelPlanned(plan);
  }

  @Override
  public void runStarted(String runId, List<String> modelNames) {
    next.runStarted(runId, modelNames);
  }

  @Override
  public void modelStarted(String modelName) {
    next.modelStarted(modelName);
  }

  @Override
  public void modelProgress(String modelName, double share) {
    next.modelProgress(modelName, share);
  }

  @Override
  public void modelFinished(ModelResult result) {
    next.modelFinished(result);
  }

  @Override
  public void runFinished(RunResult result) {
    next.runFinished(result);
  }
}
