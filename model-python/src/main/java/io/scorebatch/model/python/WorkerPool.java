package io.scorebatch.model.python;

import io.scorebatch.model.python.Worker.DiedException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;

/**
 * The workers of a model: started when they are first needed, at most as many as the settings say,
 * replaced when they die, all ended by {@link #close}. Safe for any number of threads.
 */
final class WorkerPool implements AutoCloseable {
  private final PythonSettings settings;
  private final Path model;
  private final Semaphore permits;
  private final Object lock = new Object();

  // All guarded by the lock.
  private final Set<Worker> all = new HashSet<>();
  private final Deque<Worker> idle = new ArrayDeque<>();
  private final Set<Worker> ready = new HashSet<>();
  private int restarts;
  private boolean closed;

  WorkerPool(PythonSettings settings, Path model) {
    this.settings = settings;
    this.model = model;
    permits = new Semaphore(settings.workers());
  }

  /**
   * Has a worker answer a block. One that dies over it is replaced and the block sent again, whole:
   * an answer is taken whole or not at all, so no row is lost or doubled.
   */
  Frame exchange(byte[] block) {
    try {
      permits.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw PythonErrors.interrupted(model);
    }
    try {
      while (true) {
        Worker worker = take();
        boolean kept = false;
        try {
          if (!isReady(worker)) {
            worker.load(settings);
          }
          Frame answer = worker.exchange(block, settings.blockTimeout());
          giveBack(worker);
          kept = true;
          return answer;
        } catch (DiedException e) {
          requireRestart(worker, e);
        } finally {
          if (!kept) {
            drop(worker);
          }
        }
      }
    } finally {
      permits.release();
    }
  }

  private boolean isReady(Worker worker) {
    synchronized (lock) {
      return ready.contains(worker);
    }
  }

  /** Refuses to go on after {@link #close}. */
  void requireOpen() {
    synchronized (lock) {
      if (closed) {
        throw PythonErrors.interrupted(model);
      }
    }
  }

  private Worker take() {
    synchronized (lock) {
      requireOpen();
      Worker worker = idle.poll();
      if (worker == null) {
        worker = Worker.start(settings, model);
        all.add(worker);
      }
      return worker;
    }
  }

  private void giveBack(Worker worker) {
    synchronized (lock) {
      ready.add(worker);
      idle.push(worker);
    }
  }

  private void drop(Worker worker) {
    worker.kill();
    synchronized (lock) {
      all.remove(worker);
      ready.remove(worker);
    }
  }

  private void requireRestart(Worker worker, DiedException how) {
    synchronized (lock) {
      requireOpen();
      if (restarts < settings.restarts()) {
        restarts++;
        return;
      }
    }
    throw PythonErrors.died(
        model,
        settings.restarts(),
        String.valueOf(how.getMessage()),
        worker.lastWords(),
        how.getCause());
  }

  /** Ends all workers, also those at work. */
  @Override
  public void close() {
    List<Worker> found;
    synchronized (lock) {
      closed = true;
      found = new ArrayList<>(all);
      all.clear();
      idle.clear();
    }
    found.forEach(Worker::kill);
  }
}
