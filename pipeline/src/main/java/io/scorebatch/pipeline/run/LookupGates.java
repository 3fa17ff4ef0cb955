package io.scorebatch.pipeline.run;

import io.scorebatch.api.engine.LookupEvidence;
import io.scorebatch.api.engine.ScoreStatistics.LookupStatistics;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problems;
import io.scorebatch.pipeline.config.FeatureChecks;
import io.scorebatch.pipeline.config.FeatureChecks.Limit;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** Holds what look-ups found against the limits of a pipeline. */
final class LookupGates {
  /** Where a pipeline says nothing: fewer matches than this are no coincidence any more. */
  private static final Limit ANY_SENSE = new Limit(OptionalDouble.empty(), OptionalDouble.of(0.01));

  private final String modelName;
  private final FeatureChecks checks;
  private final Problems problems;
  private final List<String> warnings;

  /**
   * @param problems receives what stops the batch
   * @param warnings receives what does not
   */
  LookupGates(String modelName, FeatureChecks checks, Problems problems, List<String> warnings) {
    this.modelName = modelName;
    this.checks = checks;
    this.problems = problems;
    this.warnings = warnings;
  }

  /**
   * @param interchangeable keys of the table that are of one type; none where no two are
   */
  void check(LookupStatistics lookup, List<String> interchangeable) {
    String swapped =
        interchangeable.isEmpty()
            ? ""
            : "Keys "
                + String.join(", ", interchangeable)
                + " are of one type: they may have changed places.";
    if (lookup.matched() == 0 && lookup.missing() > 0) {
      problems.add(
          ErrorCode.NO_MATCH,
          String.format(
              Locale.ROOT,
              "None of %d keys of model '%s' is in table %s (version %d).",
              lookup.missing(),
              modelName,
              lookup.table(),
              lookup.tableVersion()),
          stale(lookup) + "Every prediction would rest on missing features. " + swapped,
          "check that keys and table hold the same entities, in the same spelling.");
      return;
    }
    matchRate(lookup, checks.minMatchRate().orElse(ANY_SENSE), swapped);
    lookup
        .evidence()
        .ifPresent(
            evidence -> {
              checks.maxNullRate().ifPresent(limit -> nullRate(lookup, evidence, limit));
              checks.maxAgeSeconds().ifPresent(limit -> age(lookup, evidence, limit));
            });
  }

  private static String stale(LookupStatistics lookup) {
    long stale = lookup.evidence().map(LookupEvidence::stale).orElse(0L);
    return stale == 0 ? "" : stale + " of them have rows older than the look-back only. ";
  }

  private void matchRate(LookupStatistics lookup, Limit limit, String swapped) {
    double rate = lookup.matchRate();
    tell(
        ErrorCode.MATCH_RATE_LOW,
        -rate,
        new Limit(negative(limit.fail()), negative(limit.warn())),
        String.format(
            Locale.ROOT,
            "Model '%s' found %s of its keys in table %s (version %d): %d of %d",
            modelName,
            percent(rate),
            lookup.table(),
            lookup.tableVersion(),
            lookup.matched(),
            lookup.matched() + lookup.missing()),
        value -> "at least " + percent(-value),
        (stale(lookup) + swapped).strip(),
        "refresh the table, or lower min_match_rate.");
  }

  private void nullRate(LookupStatistics lookup, LookupEvidence evidence, Limit limit) {
    double rate = lookup.matched() == 0 ? 0 : (double) evidence.nullValues() / lookup.matched();
    tell(
        ErrorCode.NULL_RATE_HIGH,
        rate,
        limit,
        String.format(
            Locale.ROOT,
            "Model '%s' found a NULL feature in %s of the rows of table %s (version %d): %d of %d",
            modelName,
            percent(rate),
            lookup.table(),
            lookup.tableVersion(),
            evidence.nullValues(),
            lookup.matched()),
        value -> "at most " + percent(value),
        "",
        "fill the table, or raise max_null_rate.");
  }

  private void age(LookupStatistics lookup, LookupEvidence evidence, Limit limit) {
    evidence
        .greatestAge()
        .ifPresent(
            age ->
                tell(
                    ErrorCode.FEATURES_TOO_OLD,
                    age.toMillis() / 1000.0,
                    limit,
                    String.format(
                        Locale.ROOT,
                        "Model '%s' used features of table %s (version %d) that were %s old",
                        modelName,
                        lookup.table(),
                        lookup.tableVersion(),
                        text(age)),
                    value -> "at most " + text(Duration.ofMillis(Math.round(value * 1000))),
                    evidence.newest().map(at -> "The newest one used is of " + at + ".").orElse(""),
                    "refresh the table, or raise max_age."));
  }

  private interface Wanted {
    String text(double limit);
  }

  private void tell(
      ErrorCode code,
      double value,
      Limit limit,
      String what,
      Wanted wanted,
      String why,
      String fix) {
    if (limit.fail().isPresent() && value > limit.fail().getAsDouble()) {
      String asked = "; wanted " + wanted.text(limit.fail().getAsDouble()) + ".";
      problems.add(code, what + asked, why, fix);
    } else if (limit.warn().isPresent() && value > limit.warn().getAsDouble()) {
      String asked = "; wanted " + wanted.text(limit.warn().getAsDouble());
      warnings.add("warning: " + what + asked + (why.isEmpty() ? "" : ". " + why));
    }
  }

  private static OptionalDouble negative(OptionalDouble value) {
    return value.isPresent() ? OptionalDouble.of(-value.getAsDouble()) : value;
  }

  private static String percent(double rate) {
    // Never rounded up to a round figure: 99.996 % is not 100 %.
    return String.format(Locale.ROOT, "%.2f %%", Math.floor(rate * 10_000 + 1e-9) / 100);
  }

  private static String text(Duration age) {
    long days = age.toDays();
    Duration rest = age.minusDays(days);
    String hours = rest.toString().substring(2).toLowerCase(Locale.ROOT);
    return days == 0 ? hours : rest.isZero() ? days + "d" : days + "d " + hours;
  }
}
