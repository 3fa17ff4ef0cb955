package io.scorebatch.api.model;

import java.util.List;

/**
 * Makes scorers from models. Native models are made by the kernel; foreign runtimes provide theirs
 * through {@link java.util.ServiceLoader}. Thread-safe.
 */
public interface ScorerFactory {
  /** Whether this factory can score the model. */
  boolean supports(Model model);

  /**
   * A scorer that writes the columns of the given kinds, in that order.
   *
   * @throws io.scorebatch.api.error.ScorebatchException {@code OUTPUT_KIND_UNAVAILABLE} where the
   *     model cannot answer a kind; {@code MODEL_UNSUPPORTED} where the model is not supported
   */
  Scorer create(Model model, List<OutputKind> kinds);
}
