package io.scorebatch.artifact.pickle;

import static java.util.Objects.requireNonNull;

/**
 * A class or function that a file names. Only the name: nothing is loaded or called. Immutable.
 *
 * @param name fully qualified, for example {@code numpy.log1p}
 */
public record PyGlobal(String name) {
  public PyGlobal {
    requireNonNull(name, "name is null");
  }

  @Override
  public String toString() {
    return name;
  }
}
