package io.scorebatch.client;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** The machine, or the container, this runs on. */
final class Machine {
  private Machine() {}

  /** Memory in bytes; 4 GiB where the Java runtime cannot tell. */
  static long memoryBytes() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : 4L << 30;
  }
}
