package io.scorebatch.cli;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** What libraries may say on standard error: warnings, and of Delta Kernel only errors. */
final class Logging {
  /** Held so that their levels are not collected with them. */
  private static final List<Logger> LOGGERS =
      List.of(Logger.getLogger(""), Logger.getLogger("io.delta.kernel"));

  private Logging() {}

  static void quieten() {
    LOGGERS.get(0).setLevel(Level.WARNING);
    LOGGERS.get(1).setLevel(Level.SEVERE);
  }
}
