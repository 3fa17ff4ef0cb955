package io.scorebatch.cli;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/** Lets Ctrl-C and SIGTERM stop a run cleanly: nothing half-written, results reported. */
final class Interrupts {
  private Interrupts() {}

  /**
   * Runs work that hands over what stops it. When the process is told to end, the work is stopped
   * and given five seconds to clean up.
   */
  static <T> T run(Function<Consumer<Runnable>, T> work) {
    List<Runnable> stops = new CopyOnWriteArrayList<>();
    CountDownLatch done = new CountDownLatch(1);
    Thread hook =
        new Thread(
            () -> {
              stops.forEach(Runnable::run);
              try {
                done.await(5, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "stop-run");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return work.apply(stops::add);
    } finally {
      done.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // the process is ending: the hook has run
      }
    }
  }
}
