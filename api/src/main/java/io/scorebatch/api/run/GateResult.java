package io.scorebatch.api.run;

import java.util.OptionalDouble;

/**
 * What a gate said of a scored batch, before it was published. Immutable.
 *
 * @param gate its name in pipeline.yaml; {@code prediction_drift.psi} where a gate has several
 *     measures
 * @param subject the table, input or end it is about; empty where it is about the batch
 * @param measured what was found, in the unit of its limit: rows, a share from 0 to 1, seconds, a
 *     value of the prediction; empty where nothing could be measured
 * @param limit what was wanted, for people: {@code at most 0.25}
 * @param verdict how it ended
 * @param detail what is wrong, or why it was not checked; empty where the gate passed
 */
public record GateResult(
    String gate,
    String subject,
    OptionalDouble measured,
    String limit,
    Verdict verdict,
    String detail) {
  /** How a gate ended. */
  public enum Verdict {
    PASSED,
    /** Beyond a limit that only warns. */
    WARNED,
    /** Beyond a limit: the batch was not published. */
    FAILED,
    /** There was nothing to compare with, or too little. */
    NOT_CHECKED
  }
}
