package io.scorebatch.api.plan;

import java.util.List;
import java.util.Optional;

/**
 * Some of the rows, chosen by a hash of their keys: the same rows whatever the engine, its version,
 * threads and files. Rows are ordered by the hexadecimal MD5 of the text {@code seed|key_1|key_2|…}
 * in UTF-8, smallest first. A key's text is: whole numbers in decimal; decimals in plain notation
 * with the digits of their scale; text as it is with {@code \} and {@code |} escaped by {@code \};
 * {@code true} or {@code false}; a date as {@code yyyy-MM-dd}; a timestamp as microseconds since
 * 1970; {@code \N} for NULL. Float keys cannot be sampled. Immutable.
 *
 * @param keys the key columns, in order
 * @param seed another seed, another sample
 * @param size how many
 * @param stratum a column of the keys of whose every value (NULL is one) the size is taken alone;
 *     empty for one sample of all
 */
public record Sample(List<String> keys, long seed, Size size, Optional<String> stratum) {
  public Sample {
    keys = List.copyOf(keys);
  }

  /** How many rows are taken. */
  public sealed interface Size {}

  /** Exactly this many, or all where there are fewer: those first in the order, ties by keys. */
  public record Rows(long count) implements Size {}

  /**
   * About this share: rows whose MD5's first 15 hexadecimal digits, as a number, are below share ×
   * 16^15, rounded down.
   *
   * @param share above 0, at most 1
   */
  public record Share(double share) implements Size {}
}
