package io.scorebatch.api.run;

import java.util.List;
import java.util.Optional;

/**
 * What was found out about a model's batch between scoring and publishing. Immutable.
 *
 * @param gates what each gate said, in the order they were asked
 * @param attempts the tries at scoring that failed, in order
 * @param profile of a batch that was published, what later batches are compared with, as JSON text;
 *     see docs/gates.md
 * @param staged folder with the catalog that keeps a batch a gate stopped; empty where none did
 */
public record Audit(
    List<GateResult> gates,
    List<Attempt> attempts,
    Optional<String> profile,
    Optional<String> staged) {
  /** Nothing was found out: the model was not scored. */
  public static final Audit NONE =
      new Audit(List.of(), List.of(), Optional.empty(), Optional.empty());

  public Audit {
    gates = List.copyOf(gates);
    attempts = List.copyOf(attempts);
  }
}
