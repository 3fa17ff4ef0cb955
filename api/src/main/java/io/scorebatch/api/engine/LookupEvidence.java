package io.scorebatch.api.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What a look-up found, in detail. Immutable.
 *
 * <p>In the column {@code feature_evidence} each look-up has four bits: {@value #MATCHED} where its
 * key was found, {@value #NULL_VALUE} where it was and a feature is NULL, {@value #DEFAULTED} where
 * a default value took the place of a feature, {@value #STALE} where the newest row was older than
 * the look-back. No bit means that the key is not there.
 *
 * @param nullValues rows whose key was found but whose row holds a NULL feature
 * @param defaulted rows in which a default value took the place of a feature, found or not
 * @param stale rows whose key was there with nothing but rows older than the look-back; they count
 *     as missing too
 * @param oldest time of the oldest feature row used; empty for look-ups without a point in time
 * @param newest time of the newest feature row used
 * @param greatestAge how long before the moment asked for the oldest feature row lay, at most
 */
public record LookupEvidence(
    long nullValues,
    long defaulted,
    long stale,
    Optional<Instant> oldest,
    Optional<Instant> newest,
    Optional<Duration> greatestAge) {
  /** The key was found, within the look-back. */
  public static final int MATCHED = 1;

  /** The key was found and a feature of its row is NULL. */
  public static final int NULL_VALUE = 2;

  /** A default value took the place of a feature. */
  public static final int DEFAULTED = 4;

  /** The key was there, its newest row older than the look-back. */
  public static final int STALE = 8;

  /** Bits of one look-up. */
  public static final int BITS = 4;

  /** Look-ups that have room in one BIGINT. */
  public static final int LOOKUPS = 15;
}
