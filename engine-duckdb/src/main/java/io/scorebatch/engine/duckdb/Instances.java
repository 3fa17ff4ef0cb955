package io.scorebatch.engine.duckdb;

import io.scorebatch.api.engine.EngineLimits;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Deque;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/**
 * Databases that calls borrow. Opening one costs some 10 ms, so those that ran our own SQL only are
 * used again; those that saw SQL of a user's never are. Thread-safe.
 */
final class Instances implements AutoCloseable {
  /** By spill folder: a database's own cannot be changed. */
  private final ConcurrentHashMap<Path, Deque<Instance>> idle = new ConcurrentHashMap<>();

  private final ScheduledExecutorService watcher;

  Instances() {
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "scorebatch-duckdb-watcher");
              thread.setDaemon(true);
              return thread;
            });
    executor.setRemoveOnCancelPolicy(true);
    watcher = executor;
  }

  /** One that nobody used before; the caller closes it. */
  Instance fresh(EngineLimits limits) throws SQLException {
    return Instance.open(limits, false, watcher);
  }

  /** As {@link #fresh}, for results of any size. */
  Instance streaming(EngineLimits limits) throws SQLException {
    return Instance.open(limits, true, watcher);
  }

  /** One to give back, or to close where its state is in doubt. */
  Instance borrow(EngineLimits limits) throws SQLException {
    Instance instance = idle(limits).poll();
    if (instance == null) {
      return fresh(limits);
    }
    instance.limit(limits);
    return instance;
  }

  void giveBack(Instance instance, EngineLimits limits) {
    idle(limits).push(instance);
  }

  private Deque<Instance> idle(EngineLimits limits) {
    return idle.computeIfAbsent(limits.spillFolder(), folder -> new ConcurrentLinkedDeque<>());
  }

  @Override
  public void close() {
    watcher.shutdownNow();
    idle.values().forEach(instances -> instances.forEach(Instance::close));
    idle.clear();
  }
}
