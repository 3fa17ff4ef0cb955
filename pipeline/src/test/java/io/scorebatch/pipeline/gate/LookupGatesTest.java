package io.scorebatch.pipeline.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.engine.LookupEvidence;
import io.scorebatch.api.engine.ScoreStatistics.LookupStatistics;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ErrorKind;
import io.scorebatch.api.error.Problem;
import io.scorebatch.pipeline.config.FeatureChecks;
import io.scorebatch.pipeline.config.Limit;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class LookupGatesTest {
  private final Verdicts verdicts = new Verdicts();
  private long defaulted;

  private static Optional<Limit> limit(double fail, double warn) {
    return Optional.of(new Limit(OptionalDouble.of(fail), OptionalDouble.of(warn)));
  }

  private static final FeatureChecks CHECKS =
      new FeatureChecks(
          limit(0.9, 0.99), limit(0.2, 0.1), limit(0.5, 0.4), limit(2 * 86_400, 86_400));

  private void check(FeatureChecks checks, long matched, long missing, long nulls, Duration age) {
    LookupEvidence evidence =
        new LookupEvidence(
            nulls,
            defaulted,
            missing,
            Optional.of(Instant.parse("2024-01-01T00:00:00Z")),
            Optional.of(Instant.parse("2024-01-02T00:00:00Z")),
            Optional.of(age));
    new LookupGates("churn", checks, verdicts)
        .check(
            new LookupStatistics(
                "main.ml.users", 7, matched, missing, Optional.of(evidence), List.of()),
            List.of());
  }

  @Test
  void whatKeepsAllLimitsPassesTheirEdgesIncluded() {
    check(CHECKS, 99, 1, 9, Duration.ofDays(1));
    assertThat(verdicts.failures()).isEmpty();
    assertThat(verdicts.warnings()).isEmpty();
  }

  @Test
  void whatPassesTheFirstLimitIsAWarning() {
    check(CHECKS, 989, 11, 110, Duration.ofHours(25));
    assertThat(verdicts.failures()).isEmpty();
    assertThat(verdicts.warnings())
        .containsExactly(
            "warning: Model 'churn' found 98.90 % of its keys in table main.ml.users (version 7):"
                + " 989 of 1000; wanted at least 99.00 %. 11 of them have rows older than the look-back"
                + " only.",
            "warning: Model 'churn' found a NULL feature in 11.12 % of the rows of table"
                + " main.ml.users (version 7): 110 of 989; wanted at most 10.00 %",
            "warning: Model 'churn' used features of table main.ml.users (version 7) that were 1d"
                + " 1h old; wanted at most 1d. The newest one used is of 2024-01-02T00:00:00Z.");
  }

  @Test
  void whatPassesTheSecondLimitStopsTheModel() {
    check(CHECKS, 50, 50, 25, Duration.ofDays(3));
    assertThat(verdicts.failures())
        .extracting(Problem::code)
        .containsExactly(
            ErrorCode.MATCH_RATE_LOW, ErrorCode.NULL_RATE_HIGH, ErrorCode.FEATURES_TOO_OLD);
    assertThat(verdicts.failures())
        .allSatisfy(p -> assertThat(p.code().kind()).isEqualTo(ErrorKind.GATE));
    assertThat(verdicts.failures().get(0).message())
        .isEqualTo(
            "SB-0605 Model 'churn' found 50.00 % of its keys in table main.ml.users (version 7):"
                + " 50 of 100; wanted at least 90.00 %. 50 of them have rows older than the"
                + " look-back only. Fix: refresh the table, or lower min_match_rate.");
  }

  /** Field report 96. */
  @Test
  void aLookupThatFindsNothingFailsWhateverTheLimits() {
    check(FeatureChecks.NONE, 0, 3, 0, Duration.ZERO);
    assertThat(verdicts.failures().get(0).code()).isEqualTo(ErrorCode.NO_MATCH);
    assertThat(verdicts.failures().get(0).message())
        .contains("None of 3 keys of model 'churn' is in table main.ml.users (version 7).")
        .contains("3 of them have rows older than the look-back only.");
  }

  @Test
  void noKeysAreNoMismatch() {
    check(CHECKS, 0, 0, 0, Duration.ZERO);
    assertThat(verdicts.failures()).isEmpty();
    assertThat(verdicts.warnings()).isEmpty();
  }

  @Test
  void defaultsThatStandInForFeaturesAreCounted() {
    defaulted = 51;
    check(CHECKS, 100, 0, 0, Duration.ZERO);
    assertThat(verdicts.failures())
        .extracting(Problem::message)
        .containsExactly(
            "SB-0650 Model 'churn' took a default value in place of a feature of table"
                + " main.ml.users (version 7) in 51.00 % of its rows: 51 of 100; wanted at most"
                + " 50.00 %. Fix: refresh the table, or raise max_default_rate.");
  }
}
