package io.scorebatch.api.run;

import io.scorebatch.api.error.Problem;
import java.time.Duration;
import java.util.List;

/**
 * A try at scoring a model that failed. Another may have followed: the same again after a fault
 * that may pass, or the next method of a fallback chain. Immutable.
 *
 * @param method {@code score_batch}, {@code manual}, {@code previous_version}, {@code last_good} or
 *     {@code constant}
 * @param elapsed wall time
 * @param problems why it failed
 */
public record Attempt(String method, Duration elapsed, List<Problem> problems) {
  public Attempt {
    problems = List.copyOf(problems);
  }
}
