package io.scorebatch.pipeline.run;

import io.scorebatch.api.table.AsOf;
import java.util.List;
import java.util.Optional;
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
 * @param asOf which version of the feature tables is read; empty for the newest
 */
public record RunOptions(
    List<String> select,
    Set<String> domains,
    int maxWorkers,
    long memoryBytes,
    int threads,
    boolean failFast,
    boolean dryRun,
    Optional<AsOf> asOf) {
  public RunOptions {
    select = List.copyOf(select);
    domains = Set.copyOf(domains);
    if (maxWorkers < 1 || threads < 1 || memoryBytes < 1) {
      throw new IllegalArgumentException(
          "maxWorkers " + maxWorkers + ", threads " + threads + ", memoryBytes " + memoryBytes);
    }
  }

  /** On the newest versions of all tables. */
  public RunOptions(
      List<String> select,
      Set<String> domains,
      int maxWorkers,
      long memoryBytes,
      int threads,
      boolean failFast,
      boolean dryRun) {
    this(select, domains, maxWorkers, memoryBytes, threads, failFast, dryRun, Optional.empty());
  }
}
