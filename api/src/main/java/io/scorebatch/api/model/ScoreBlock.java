package io.scorebatch.api.model;

import org.jspecify.annotations.Nullable;

/**
 * Where a scorer writes. Arrays hold at least as many elements as the input block has rows. Valid
 * only while the call lasts. One thread at a time.
 */
public interface ScoreBlock {
  double[] numbers(int column);

  @Nullable String[] texts(int column);
}
