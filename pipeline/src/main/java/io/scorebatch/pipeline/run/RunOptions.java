package io.scorebatch.pipeline.run;

import java.util.List;
import java.util.Set;

/**
 * How a pipeline is run. Immutable.
 *
 * @param select names of models to run; empty for all
 * @param domains domains to run, upper case; empty for all
 * @param maxWorkers models scored at once
 * @param memoryBytes memory of the engine for all workers together
 * @param threads threads for all workers together
 * @param failFast whether the first failure stops models not yet started
 * @param dryRun whether models are only planned
 * @param scope which rows the run is about
 */
public record RunOptions(
    List<String> select,
    Set<String> domains,
    int maxWorkers,
    long memoryBytes,
    int threads,
    boolean failFast,
    boolean dryRun,
    RunScope scope) {
  public RunOptions {
    select = List.copyOf(select);
    domains = Set.copyOf(domains);
    if (maxWorkers < 1 || threads < 1 || memoryBytes < 1) {
      throw new IllegalArgumentException(
          "maxWorkers " + maxWorkers + ", threads " + threads + ", memoryBytes " + memoryBytes);
    }
  }

  /** Of the rows the pipeline file says. */
  public RunOptions(
      List<String> select,
      Set<String> domains,
      int maxWorkers,
      long memoryBytes,
      int threads,
      boolean failFast,
      boolean dryRun) {
    this(select, domains, maxWorkers, memoryBytes, threads, failFast, dryRun, RunScope.USUAL);
  }
}
