package io.scorebatch.engine.duckdb;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** What the machine has. */
final class Machine {
  private Machine() {}

  /** Memory of the machine, or of the container this runs in. */
  static long memoryBytes() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getTotalMemorySize();
  }
}
