package io.scorebatch.pipeline.run;

import java.util.Optional;

/** What is known of how models compare with Python. Thread-safe. */
public interface Certificates {
  /** The verdict on the model with this digest; empty where it was never compared. */
  Optional<Verdict> verdict(String digest);

  /** How native scores compare with those Python recorded. */
  enum Verdict {
    /** Every cell has the same bits, every label is the same. */
    EXACT,
    /** Labels are the same, numbers differ by no more than the family's tolerance. */
    WITHIN_TOLERANCE,
    DIFFERENT
  }
}
