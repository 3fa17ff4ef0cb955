package io.scorebatch.api.error;

import static java.util.Objects.requireNonNull;

/**
 * One thing that is wrong, in three parts. Immutable; serializable, as failures come back from the
 * machines of a cluster.
 *
 * @param code stable code
 * @param what what is wrong, with the names and values concerned
 * @param why why that is a problem; may be empty where {@code what} says it all
 * @param fix what the user can do about it
 */
public record Problem(ErrorCode code, String what, String why, String fix)
    implements java.io.Serializable {
  public Problem {
    requireNonNull(code, "code is null");
    requireNonNull(what, "what is null");
    requireNonNull(why, "why is null");
    requireNonNull(fix, "fix is null");
  }

  /** The problem on one line: code, what, why, fix. */
  public String message() {
    StringBuilder text = new StringBuilder(code.label()).append(' ').append(what);
    if (!why.isEmpty()) {
      text.append(' ').append(why);
    }
    if (!fix.isEmpty()) {
      text.append(" Fix: ").append(fix);
    }
    return text.toString();
  }
}
