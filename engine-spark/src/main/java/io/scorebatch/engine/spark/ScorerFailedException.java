package io.scorebatch.engine.spark;

/** A scorer that threw what it should not; carries it as text, as its class may not travel. */
final class ScorerFailedException extends RuntimeException {
  ScorerFailedException(Throwable cause) {
    super(String.valueOf(cause));
    setStackTrace(cause.getStackTrace());
  }
}
