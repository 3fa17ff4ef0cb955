package io.scorebatch.pipeline.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is done where scoring a model fails. Immutable.
 *
 * @param retries how often it is tried again after a fault that may pass
 * @param timeout how long each method of scoring may take; empty for no limit
 * @param fallbacks tried in order
 */
public record OnFailure(int retries, Optional<Duration> timeout, List<Fallback> fallbacks) {
  /** It fails. */
  public static final OnFailure FAIL = new OnFailure(0, Optional.empty(), List.of());

  public OnFailure {
    fallbacks = List.copyOf(fallbacks);
  }

  /** Whether a method is part of the chain. */
  public boolean has(Fallback.Method method) {
    return fallbacks.stream().anyMatch(fallback -> fallback.method() == method);
  }
}
