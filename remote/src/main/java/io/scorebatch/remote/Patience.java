package io.scorebatch.remote;

import java.time.Duration;

/**
 * How long to wait for a server and how often to ask again, by MLflow's environment variables:
 * {@code MLFLOW_HTTP_REQUEST_TIMEOUT} (s, default 120), {@code MLFLOW_HTTP_REQUEST_MAX_RETRIES}
 * (default 5), {@code MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR} (s before the first retry, doubled for
 * each further one; default 0.5).
 *
 * <p>Fewer and quicker retries than MLflow's own 7 with a factor of 2, which keep a person waiting
 * four minutes for an address that is wrong.
 *
 * @param timeout until an answer begins, and between two parts of it
 */
public record Patience(Duration timeout, int tries, double backoffSeconds) {
  private static final double LONGEST_WAIT_SECONDS = 60;

  public static Patience of(Environment environment) {
    return new Patience(
        Duration.ofMillis(
            (long) (1000 * number(environment, "MLFLOW_HTTP_REQUEST_TIMEOUT", "120"))),
        1 + (int) number(environment, "MLFLOW_HTTP_REQUEST_MAX_RETRIES", "5"),
        number(environment, "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0.5"));
  }

  /**
   * How long to wait before a further try.
   *
   * @param failed tries that failed so far
   */
  public Duration waitAfter(int failed) {
    return bounded(backoffSeconds * Math.pow(2, failed - 1));
  }

  /** A wait that a server asked for, within reason. */
  static Duration bounded(double seconds) {
    return Duration.ofMillis((long) (1000 * Math.min(seconds, LONGEST_WAIT_SECONDS)));
  }

  private static double number(Environment environment, String variable, String otherwise) {
    String value = environment.variable(variable, otherwise);
    if (!value.matches("[0-9]{1,6}([.][0-9]{1,6})?")) {
      throw ServiceErrors.setting(
          variable, "'" + value + "' is no number.", "write a number such as " + otherwise + ".");
    }
    return Double.parseDouble(value);
  }
}
