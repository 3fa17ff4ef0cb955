package io.scorebatch.remote;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Ends a download from which nothing comes any more: the JDK's client waits for ever. One reader.
 */
final class StallGuard extends FilterInputStream {
  private final Duration patience;
  private volatile long progressNanos = System.nanoTime();
  private volatile boolean stalled;
  private volatile boolean closed;

  StallGuard(InputStream body, Duration patience) {
    super(body);
    this.patience = patience;
    watchAgainAfter(patience.toNanos());
  }

  private void watchAgainAfter(long nanos) {
    CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS).execute(this::watch);
  }

  private void watch() {
    if (closed) {
      return;
    }
    long left = patience.toNanos() - (System.nanoTime() - progressNanos);
    if (left > 0) {
      watchAgainAfter(left);
      return;
    }
    stalled = true;
    try {
      // Wakes the reader.
      in.close();
    } catch (IOException e) {
      // The reader is told that the stream stalled either way.
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    int count = read(one, 0, 1);
    return count < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    progressNanos = System.nanoTime();
    int count;
    try {
      count = in.read(buffer, offset, length);
    } catch (IOException e) {
      throw stalled ? stall() : e;
    }
    if (stalled) {
      throw stall();
    }
    return count;
  }

  private IOException stall() {
    return new IOException("nothing came for " + patience.toSeconds() + " s");
  }

  @Override
  public void close() throws IOException {
    closed = true;
    super.close();
  }
}
