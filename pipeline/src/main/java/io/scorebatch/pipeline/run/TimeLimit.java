package io.scorebatch.pipeline.run;

import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/** Ends work that takes too long as a cancelled run is ended: within a second or two, cleanly. */
final class TimeLimit {
  private TimeLimit() {}

  /**
   * Runs work that can be cancelled.
   *
   * @param limit how long it may take; empty for no limit
   * @param control cancels it from outside
   * @param work is given the control it is to heed
   * @throws ScorebatchException {@code MODEL_TIMED_OUT} where the time ran out
   */
  static <T> T within(
      Optional<Duration> limit,
      String modelName,
      RunControl control,
      Function<RunControl, T> work) {
    if (limit.isEmpty()) {
      return work.apply(control);
    }
    RunControl inner = new RunControl(control::report);
    control.onCancel(inner::cancel);
    AtomicBoolean late = new AtomicBoolean();
    CompletableFuture<Boolean> clock =
        new CompletableFuture<Boolean>()
            .completeOnTimeout(true, limit.get().toMillis(), TimeUnit.MILLISECONDS);
    CompletableFuture<Void> alarm =
        clock.thenAccept(
            expired -> {
              late.set(true);
              inner.cancel();
            });
    try {
      return work.apply(inner);
    } catch (RuntimeException e) {
      // Work that is cancelled may fail in its own words, such as those of a killed process.
      if (late.get() && !control.isCancelled()) {
        throw timedOut(modelName, limit.get(), e);
      }
      throw e;
    } finally {
      clock.cancel(false);
      alarm.cancel(false);
      control.onCancel(() -> {});
    }
  }

  private static ScorebatchException timedOut(
      String modelName, Duration limit, RuntimeException cause) {
    String span = limit.toString().substring(2).toLowerCase(java.util.Locale.ROOT);
    return new ScorebatchException(
        new Problem(
            ErrorCode.MODEL_TIMED_OUT,
            "Model '" + modelName + "' was not scored within " + span + ".",
            "The pipeline gives it no more time; other models go on.",
            "raise its timeout, or look for what slowed it down."),
        cause);
  }
}
