package io.scorebatch.api.error;

/** Who can mend a problem. The command line maps a kind to its exit code. */
public enum ErrorKind {
  /** The command, the pipeline file or a setting is wrong. */
  CONFIG,
  /** A model cannot be found, read or supported. */
  MODEL,
  /** A table or its rows do not fit. */
  DATA,
  /** A server, store or disk did not answer as it should. */
  EXTERNAL,
  /** Memory, disk space or time ran out. */
  RESOURCES,
  /** A check on the scored rows stopped the commit. */
  GATE,
  /** The user or the system asked the run to stop. */
  INTERRUPTED,
  /** A defect of Scorebatch. */
  INTERNAL
}
