package io.scorebatch.pipeline.config;

import io.scorebatch.pipeline.config.FeatureChecks.Limit;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the limits of a model's entry. */
final class LimitEntry {
  private static final Pattern AGE = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([smhd])");

  private LimitEntry() {}

  static FeatureChecks checks(YamlMap entry) {
    return new FeatureChecks(
        limit(entry, "min_match_rate", LimitEntry::rate),
        limit(entry, "max_null_rate", LimitEntry::rate),
        limit(entry, "max_age", LimitEntry::seconds));
  }

  /** One value, beyond which the model fails, or {@code {fail: …, warn: …}}. */
  private static Optional<Limit> limit(
      YamlMap entry, String key, Function<String, OptionalDouble> reader) {
    if (!entry.has(key)) {
      return Optional.empty();
    }
    if (!entry.isMap(key)) {
      return entry
          .text(key)
          .map(text -> new Limit(value(entry, key, text, reader), OptionalDouble.empty()));
    }
    YamlMap map = entry.map(key).orElseThrow();
    OptionalDouble fail = value(map, "fail", map.text("fail").orElse(null), reader);
    OptionalDouble warn = value(map, "warn", map.text("warn").orElse(null), reader);
    map.refuseUnknownKeys();
    if (!map.has("fail") && !map.has("warn")) {
      entry.wrong(key, "names no limit.", "write {fail: …, warn: …}, or one value.");
    }
    return Optional.of(new Limit(fail, warn));
  }

  private static OptionalDouble value(
      YamlMap map, String key, @Nullable String text, Function<String, OptionalDouble> reader) {
    if (text == null) {
      return OptionalDouble.empty();
    }
    OptionalDouble value = reader.apply(text);
    if (value.isEmpty()) {
      map.wrong(key, "is '" + text + "'.", "write a share from 0 to 1, or an age such as 36h.");
    }
    return value;
  }

  private static OptionalDouble rate(String text) {
    try {
      double rate = Double.parseDouble(text);
      return rate >= 0 && rate <= 1 ? OptionalDouble.of(rate) : OptionalDouble.empty();
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }

  /** Seconds of {@code 30s}, {@code 90m}, {@code 36h} or {@code 2d}. */
  private static OptionalDouble seconds(String text) {
    Matcher matcher = AGE.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      return OptionalDouble.empty();
    }
    double unit =
        switch (matcher.group(2)) {
          case "d" -> 86_400;
          case "h" -> 3_600;
          case "m" -> 60;
          default -> 1;
        };
    return OptionalDouble.of(Double.parseDouble(matcher.group(1)) * unit);
  }
}
