package io.scorebatch.pipeline.config;

import static java.util.Objects.requireNonNull;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Features of one table and how their row is found. Immutable.
 *
 * @param table name of one to three parts
 * @param keys columns that hold the table's primary key, paired by position, or by name where the
 *     names are the same
 * @param timestampKey column with the point in time; null for a plain look-up
 * @param features columns of the table to take; empty for all that are no keys
 * @param renames new name by name of the feature
 * @param defaults by new name: text of the value that stands for NULL, and for NaN in float columns
 * @param lookback how old a feature may be, inclusive; null for any age
 */
public record FeatureLookup(
    String table,
    List<String> keys,
    @Nullable String timestampKey,
    List<String> features,
    Map<String, String> renames,
    Map<String, String> defaults,
    @Nullable Duration lookback) {
  private static final String FORM =
      "write TABLE:KEY,…[@TIMESTAMP_KEY][:FEATURE,…][+lookback=1d], for example"
          + " main.ml.users:user_id@asked_at:age,spend+lookback=7d.";

  public FeatureLookup {
    requireNonNull(table, "table is null");
    keys = List.copyOf(keys);
    features = List.copyOf(features);
    renames = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(renames));
    defaults = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(defaults));
    if (keys.isEmpty()) {
      throw invalid(table, "It names no key.");
    }
    if (lookback != null && (timestampKey == null || lookback.isNegative())) {
      throw invalid(
          table,
          timestampKey == null
              ? "A look-back belongs to a look-up with a timestamp key."
              : "Its look-back is negative.");
    }
  }

  /** All features of a table, by its key. */
  public static FeatureLookup of(String table, List<String> keys) {
    return new FeatureLookup(table, keys, null, List.of(), Map.of(), Map.of(), null);
  }

  /** All features of a time series as they were at a moment. */
  public static FeatureLookup pointInTime(String table, List<String> keys, String timestampKey) {
    return new FeatureLookup(table, keys, timestampKey, List.of(), Map.of(), Map.of(), null);
  }

  /** Only these features. */
  public FeatureLookup features(List<String> names) {
    return new FeatureLookup(table, keys, timestampKey, names, renames, defaults, lookback);
  }

  /** Features under new names. */
  public FeatureLookup rename(Map<String, String> names) {
    return new FeatureLookup(table, keys, timestampKey, features, names, defaults, lookback);
  }

  /** Values that stand for NULL, by new name. */
  public FeatureLookup defaults(Map<String, String> values) {
    return new FeatureLookup(table, keys, timestampKey, features, renames, values, lookback);
  }

  /** How old a feature may be. */
  public FeatureLookup lookback(Duration window) {
    return new FeatureLookup(table, keys, timestampKey, features, renames, defaults, window);
  }

  /** The name a feature gets. */
  public String output(String feature) {
    return renames.getOrDefault(feature, feature);
  }

  /**
   * Reads {@code TABLE:KEYS[@TIMESTAMP_KEY][:FEATURES][+lookback=1d]}.
   *
   * @throws ScorebatchException {@code USAGE} saying which part is wrong
   */
  public static FeatureLookup parse(String text) {
    String rest = text.strip();
    Duration lookback = null;
    int plus = rest.indexOf("+lookback=");
    if (plus >= 0) {
      String window = rest.substring(plus + "+lookback=".length());
      lookback =
          Windows.parse(window)
              .orElseThrow(() -> invalid(text, "'" + window + "' is no span of time."));
      rest = rest.substring(0, plus);
    }
    String[] parts = rest.split(":", -1);
    if (parts.length < 2 || parts.length > 3 || parts[0].isBlank()) {
      throw invalid(text, "It has " + parts.length + " parts with ':' between.");
    }
    String[] found = parts[1].split("@", -1);
    if (found.length > 2 || (found.length == 2 && found[1].isBlank())) {
      throw invalid(text, "Its keys '" + parts[1] + "' have no timestamp key behind '@'.");
    }
    return new FeatureLookup(
        parts[0].strip(),
        names(text, found[0]),
        found.length == 2 ? found[1].strip() : null,
        parts.length == 3 ? names(text, parts[2]) : List.of(),
        Map.of(),
        Map.of(),
        lookback);
  }

  private static List<String> names(String text, String list) {
    List<String> names = new ArrayList<>();
    for (String name : list.split(",", -1)) {
      if (name.isBlank()) {
        throw invalid(text, "A name in '" + list + "' is empty.");
      }
      names.add(name.strip());
    }
    return names;
  }

  private static ScorebatchException invalid(String text, String why) {
    return ScorebatchException.of(
        ErrorCode.USAGE, "'" + text + "' is no feature look-up.", why, FORM);
  }

  /** The point in time, where it has one. */
  public Optional<String> timestamp() {
    return Optional.ofNullable(timestampKey);
  }
}
