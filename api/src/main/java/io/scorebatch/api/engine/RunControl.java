package io.scorebatch.api.engine;

import java.util.function.DoubleConsumer;

/** How a running call is watched and stopped. Thread-safe. */
public final class RunControl {
  private final DoubleConsumer progress;
  private volatile boolean cancelled;
  private volatile Runnable onCancel = () -> {};

  /**
   * @param progress receives the share done, 0 to 1, from any thread
   */
  public RunControl(DoubleConsumer progress) {
    this.progress = progress;
  }

  /** A control nobody watches. */
  public static RunControl unwatched() {
    return new RunControl(share -> {});
  }

  public void report(double share) {
    progress.accept(share);
  }

  /** Asks the call to stop; it ends with {@code INTERRUPTED} within about a second. */
  public void cancel() {
    cancelled = true;
    onCancel.run();
  }

  public boolean isCancelled() {
    return cancelled;
  }

  /** What stops the statement now running; run at once where the call is cancelled already. */
  public void onCancel(Runnable action) {
    onCancel = action;
    if (cancelled) {
      action.run();
    }
  }
}
