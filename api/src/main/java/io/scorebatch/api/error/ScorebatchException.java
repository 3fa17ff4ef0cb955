package io.scorebatch.api.error;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The root of all failures Scorebatch reports. Carries every problem found, not only the first.
 * Immutable.
 */
public class ScorebatchException extends RuntimeException {
  private final ArrayList<Problem> problems;

  public ScorebatchException(List<Problem> problems, @Nullable Throwable cause) {
    super(
        problems.stream().map(Problem::message).collect(Collectors.joining(System.lineSeparator())),
        cause);
    if (problems.isEmpty()) {
      throw new IllegalArgumentException("problems is empty");
    }
    this.problems = new ArrayList<>(problems);
  }

  public ScorebatchException(Problem problem) {
    this(List.of(problem), null);
  }

  public ScorebatchException(Problem problem, @Nullable Throwable cause) {
    this(List.of(problem), cause);
  }

  /** A failure with one problem. */
  public static ScorebatchException of(ErrorCode code, String what, String why, String fix) {
    return new ScorebatchException(new Problem(code, what, why, fix));
  }

  /** All problems, at least one, in the order they were found. */
  public List<Problem> problems() {
    return List.copyOf(problems);
  }

  /** The first problem: the one that gives the failure its kind. */
  public Problem problem() {
    return problems.get(0);
  }
}
