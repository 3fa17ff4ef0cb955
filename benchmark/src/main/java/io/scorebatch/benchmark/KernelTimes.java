package io.scorebatch.benchmark;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Locale;

/**
 * CPU time of the kernel, for {@code benchmark/compare}: the time of the scoring thread, which
 * other work on the machine disturbs least; JMH measures by the clock on the wall.
 *
 * <p>Arguments: the folder of the models, the seconds to measure each for, the names. Prints one
 * line of JSON a model: nanoseconds a row and tree, the least of all rounds.
 */
public final class KernelTimes {
  private KernelTimes() {}

  public static void main(String[] args) throws IOException {
    long nanos = (long) (Double.parseDouble(args[1]) * 1e9);
    for (int i = 2; i < args.length; i++) {
      KernelCase kernel = KernelCase.read(Path.of(args[0]), args[i]);
      least(kernel, nanos);
      double perRowAndTree = (double) least(kernel, nanos) / kernel.rows() / kernel.trees();
      System.out.printf(
          Locale.ROOT,
          "{\"model\": \"%s\", \"engine\": \"scorebatch\", \"ns\": %.4f}%n",
          args[i],
          perRowAndTree);
    }
  }

  private static long least(KernelCase kernel, long nanos) {
    var threads = ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    long spent = 0;
    while (spent < nanos) {
      long start = threads.getCurrentThreadCpuTime();
      kernel.score();
      long took = threads.getCurrentThreadCpuTime() - start;
      least = Math.min(least, took);
      spent += took;
    }
    return least;
  }
}
