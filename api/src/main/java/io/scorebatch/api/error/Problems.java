package io.scorebatch.api.error;

import java.util.ArrayList;
import java.util.List;

/** Gathers problems so that all of them are reported together. One thread at a time. */
public final class Problems {
  private final List<Problem> found = new ArrayList<>();

  /** Notes a problem and goes on. */
  public void add(ErrorCode code, String what, String why, String fix) {
    found.add(new Problem(code, what, why, fix));
  }

  /** Notes all problems of a failure and goes on. */
  public void addAll(ScorebatchException failure) {
    found.addAll(failure.problems());
  }

  public boolean isEmpty() {
    return found.isEmpty();
  }

  public List<Problem> found() {
    return List.copyOf(found);
  }

  /** Throws all problems noted so far as one failure; does nothing where there are none. */
  public void throwIfAny() {
    if (!found.isEmpty()) {
      throw new ScorebatchException(found, null);
    }
  }
}
