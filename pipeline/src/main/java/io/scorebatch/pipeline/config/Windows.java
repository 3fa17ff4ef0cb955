package io.scorebatch.pipeline.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Spans of time as people write them: {@code 90s}, {@code 30m}, {@code 12h}, {@code 1.5d}. */
public final class Windows {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,9}(?:[.][0-9]{1,6})?)([smhdw])");
  private static final Map<String, Long> SECONDS =
      Map.of("s", 1L, "m", 60L, "h", 3600L, "d", 86_400L, "w", 604_800L);

  private Windows() {}

  /** The span; empty where the text is none. */
  public static Optional<Duration> parse(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    Long unit = matcher.matches() ? SECONDS.get(matcher.group(2)) : null;
    if (unit == null) {
      return Optional.empty();
    }
    BigDecimal micros =
        new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit)).movePointRight(6);
    return Optional.of(Duration.ofNanos(micros.longValue() * 1000));
  }
}
