package io.scorebatch.pipeline.run;

import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ErrorKind;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Tries again what failed for a fault that may pass: one of kind EXTERNAL. Before the nth retry it
 * waits up to 2^n seconds, at most 30, at random between half and all of it, so that models that
 * failed together do not come back together. Immutable.
 *
 * @param most how often, beside the first try
 * @param second how long a second is; shorter in tests
 */
record Retries(int most, Duration second) {
  private static final long LONGEST_SECONDS = 30;
  private static final long STEP_MILLIS = 100;

  Retries(int most) {
    this(most, Duration.ofSeconds(1));
  }

  /**
   * Runs work until it succeeds, fails for good or was tried often enough.
   *
   * @param failed hears each failure that is followed by another try
   * @throws ScorebatchException the last failure; {@code INTERRUPTED} where the run was cancelled
   *     between two tries
   */
  <T> T call(
      String modelName,
      RunControl control,
      Supplier<T> work,
      Consumer<ScorebatchException> failed) {
    for (int retry = 1; ; retry++) {
      try {
        return work.get();
      } catch (ScorebatchException e) {
        if (!mayPass(e) || retry > most) {
          throw e;
        }
        failed.accept(e);
        pause(modelName, retry, control, e);
      }
    }
  }

  /** Whether a fault may be gone at the next try. What became of a commit has to be looked up. */
  static boolean mayPass(ScorebatchException failure) {
    return failure.problem().code().kind() == ErrorKind.EXTERNAL
        && failure.problem().code() != ErrorCode.COMMIT_STATE_UNKNOWN;
  }

  /** Waits before the nth retry. */
  void pause(String modelName, int retry, RunControl control, ScorebatchException failure) {
    long longest = second.toMillis() * Math.min(LONGEST_SECONDS, 1L << Math.min(retry, 5));
    long left = ThreadLocalRandom.current().nextLong(longest / 2, longest + 1);
    while (left > 0) {
      if (control.isCancelled()) {
        throw interrupted(modelName, failure);
      }
      try {
        Thread.sleep(Math.min(left, STEP_MILLIS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw interrupted(modelName, e);
      }
      left -= STEP_MILLIS;
    }
  }

  private static ScorebatchException interrupted(String modelName, Throwable cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.INTERRUPTED,
            "Model '" + modelName + "' was stopped before it was tried again.",
            "",
            "run it again."),
        cause);
  }
}
