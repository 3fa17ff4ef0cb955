package io.scorebatch.pipeline.config;

/** What a gate without a limit does. */
public enum Severity {
  /** It is not asked. */
  OFF,
  /** The results say so. */
  WARN,
  /** Nothing is committed. */
  FAIL
}
