package io.scorebatch.pipeline.gate;

import io.scorebatch.api.engine.LookupEvidence;
import io.scorebatch.api.engine.ScoreStatistics.LookupStatistics;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.pipeline.config.FeatureChecks;
import io.scorebatch.pipeline.config.Limit;
import io.scorebatch.pipeline.gate.Verdicts.Fault;
import io.scorebatch.pipeline.gate.Verdicts.Topic;
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
  private final Verdicts verdicts;

  LookupGates(String modelName, FeatureChecks checks, Verdicts verdicts) {
    this.modelName = modelName;
    this.checks = checks;
    this.verdicts = verdicts;
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
      verdicts.fail(
          new Topic("min_match_rate", lookup.table(), ErrorCode.NO_MATCH),
          OptionalDouble.of(0),
          "",
          new Fault(
              String.format(
                  Locale.ROOT,
                  "None of %d keys of model '%s' is in table %s (version %d)",
                  lookup.missing(),
                  modelName,
                  lookup.table(),
                  lookup.tableVersion()),
              (stale(lookup) + "Every prediction would rest on missing features. " + swapped)
                  .strip(),
              "check that keys and table hold the same entities, in the same spelling."));
      return;
    }
    matchRate(lookup, checks.minMatchRate().orElse(ANY_SENSE), swapped);
    lookup
        .evidence()
        .ifPresent(
            evidence -> {
              checks.maxNullRate().ifPresent(limit -> nullRate(lookup, evidence, limit));
              checks.maxDefaultRate().ifPresent(limit -> defaultRate(lookup, evidence, limit));
              checks.maxAgeSeconds().ifPresent(limit -> age(lookup, evidence, limit));
            });
  }

  private static String stale(LookupStatistics lookup) {
    long stale = lookup.evidence().map(LookupEvidence::stale).orElse(0L);
    return stale == 0 ? "" : stale + " of them have rows older than the look-back only. ";
  }

  private void matchRate(LookupStatistics lookup, Limit limit, String swapped) {
    double rate = lookup.matchRate();
    verdicts.atLeast(
        new Topic("min_match_rate", lookup.table(), ErrorCode.MATCH_RATE_LOW),
        rate,
        limit,
        Verdicts::percent,
        new Fault(
            String.format(
                Locale.ROOT,
                "Model '%s' found %s of its keys in table %s (version %d): %d of %d",
                modelName,
                Verdicts.percent(rate),
                lookup.table(),
                lookup.tableVersion(),
                lookup.matched(),
                lookup.matched() + lookup.missing()),
            (stale(lookup) + swapped).strip(),
            "refresh the table, or lower min_match_rate."));
  }

  private void nullRate(LookupStatistics lookup, LookupEvidence evidence, Limit limit) {
    double rate = share(evidence.nullValues(), lookup.matched());
    verdicts.atMost(
        new Topic("max_null_rate", lookup.table(), ErrorCode.NULL_RATE_HIGH),
        rate,
        limit,
        Verdicts::percent,
        new Fault(
            String.format(
                Locale.ROOT,
                "Model '%s' found a NULL feature in %s of the rows of table %s (version %d): %d of"
                    + " %d",
                modelName,
                Verdicts.percent(rate),
                lookup.table(),
                lookup.tableVersion(),
                evidence.nullValues(),
                lookup.matched()),
            "",
            "fill the table, or raise max_null_rate."));
  }

  private void defaultRate(LookupStatistics lookup, LookupEvidence evidence, Limit limit) {
    long rows = lookup.matched() + lookup.missing();
    double rate = share(evidence.defaulted(), rows);
    verdicts.atMost(
        new Topic("max_default_rate", lookup.table(), ErrorCode.DEFAULT_RATE_HIGH),
        rate,
        limit,
        Verdicts::percent,
        new Fault(
            String.format(
                Locale.ROOT,
                "Model '%s' took a default value in place of a feature of table %s (version %d) in"
                    + " %s of its rows: %d of %d",
                modelName,
                lookup.table(),
                lookup.tableVersion(),
                Verdicts.percent(rate),
                evidence.defaulted(),
                rows),
            "",
            "refresh the table, or raise max_default_rate."));
  }

  private static double share(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }

  private void age(LookupStatistics lookup, LookupEvidence evidence, Limit limit) {
    evidence
        .greatestAge()
        .ifPresent(
            age ->
                verdicts.atMost(
                    new Topic("max_age", lookup.table(), ErrorCode.FEATURES_TOO_OLD),
                    age.toMillis() / 1000.0,
                    limit,
                    seconds -> text(Duration.ofMillis(Math.round(seconds * 1000))),
                    new Fault(
                        String.format(
                            Locale.ROOT,
                            "Model '%s' used features of table %s (version %d) that were %s old",
                            modelName,
                            lookup.table(),
                            lookup.tableVersion(),
                            text(age)),
                        evidence
                            .newest()
                            .map(at -> "The newest one used is of " + at + ".")
                            .orElse(""),
                        "refresh the table, or raise max_age.")));
  }

  private static String text(Duration age) {
    long days = age.toDays();
    Duration rest = age.minusDays(days);
    String hours = rest.toString().substring(2).toLowerCase(Locale.ROOT);
    return days == 0 ? hours : rest.isZero() ? days + "d" : days + "d " + hours;
  }
}
