package io.scorebatch.pipeline.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.engine.Distribution;
import io.scorebatch.api.engine.ScoreStatistics;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ErrorKind;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.plan.RowHandling.OnBadRow;
import io.scorebatch.api.run.GateResult;
import io.scorebatch.api.run.GateResult.Verdict;
import io.scorebatch.pipeline.config.BadRows;
import io.scorebatch.pipeline.config.Gates;
import io.scorebatch.pipeline.config.GatesText;
import io.scorebatch.pipeline.gate.BatchGates.Baselines;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchGatesTest {
  private long keys = 1000;
  private long selected = 1000;
  private long rows = 1000;
  private long badRows;
  private long nulls;
  private OptionalLong positives = OptionalLong.of(50);
  private Distribution predictions = evenly(0, 1, 1000);
  private Map<String, Distribution> inputs = Map.of("spend", evenly(0, 100, 1000));
  private boolean labels;
  private Optional<String> sampled = Optional.empty();
  private BadRows rule = BadRows.FAIL;
  private Baselines baselines = Baselines.NONE;

  private static Distribution evenly(double low, double high, int count) {
    return DistancesTest.spread(
        IntStream.range(0, count).mapToDouble(i -> low + (high - low) * i / count).toArray());
  }

  private static Distribution all(double value, int count) {
    double[] values = new double[count];
    Arrays.fill(values, value);
    return DistancesTest.spread(values);
  }

  private ScoreStatistics statistics() {
    return new ScoreStatistics(
        keys,
        selected,
        rows,
        badRows,
        nulls,
        positives,
        Optional.of(predictions),
        inputs,
        List.of(),
        List.of());
  }

  private BatchProfile profile() {
    return BatchProfile.of("churn", statistics());
  }

  private Verdicts check(String gates) {
    return check(GatesText.parse(gates));
  }

  private Verdicts check(Gates gates) {
    Verdicts verdicts = new Verdicts();
    Batch batch =
        new Batch(
            "churn", statistics(), true, rule.action() == OnBadRow.SKIP, labels, sampled, Map.of());
    BatchGates.check(batch, gates, rule, baselines, verdicts);
    return verdicts;
  }

  private static GateResult of(Verdicts verdicts, String gate) {
    return verdicts.results().stream()
        .filter(result -> result.gate().equals(gate))
        .findFirst()
        .orElseThrow();
  }

  private void against(BatchProfile profile) {
    baselines = new Baselines(Optional.of(profile), Optional.of(profile), Optional.of(profile));
  }

  private static void assertFails(Verdicts verdicts, ErrorCode code, String message) {
    assertThat(verdicts.failures()).extracting(Problem::code).containsExactly(code);
    assertThat(code.kind()).isEqualTo(ErrorKind.GATE);
    assertThat(verdicts.failures().get(0).message()).isEqualTo(code.label() + " " + message);
  }

  private static void assertPasses(Verdicts verdicts) {
    assertThat(verdicts.failures()).isEmpty();
    assertThat(verdicts.warnings()).isEmpty();
  }

  @Test
  void anOrdinaryBatchPassesTheUsualGates() {
    against(profile());
    Verdicts verdicts = check(Gates.USUAL);
    assertPasses(verdicts);
    assertThat(verdicts.results())
        .extracting(GateResult::gate)
        .containsExactly(
            "row_count",
            "row_change",
            "null_predictions",
            "constant_prediction",
            "prediction_drift.psi");
    assertThat(verdicts.results())
        .allSatisfy(result -> assertThat(result.verdict()).isEqualTo(Verdict.PASSED));
  }

  @Test
  void aRowTooFewFailsWhateverThePipelineSays() {
    rows = 999;
    assertFails(
        check(Gates.NONE),
        ErrorCode.ROW_COUNT_MISMATCH,
        "Model 'churn' was given 1000 keys and wrote 999 rows; wanted 1000 rows. Each key has one"
            + " row, always. Fix: please report this: it is a defect.");
  }

  @Test
  void rowsAreCountedAgainstThoseSelected() {
    selected = 10;
    rows = 10;
    assertPasses(check(Gates.NONE));
  }

  @Test
  void badRowsLeftOutAreNoneTooFewWithinTheirBudget() {
    rule = new BadRows(OnBadRow.SKIP, Optional.of(new BadRows.Budget(10, false)), true);
    badRows = 10;
    rows = 990;
    assertPasses(check(Gates.NONE));
    badRows = 11;
    rows = 989;
    assertFails(
        check(Gates.NONE),
        ErrorCode.BAD_ROWS_OVER_BUDGET,
        "Model 'churn' could not take 11 of 1000 rows; wanted at most 10. The quarantine table"
            + " tells which and why. Fix: mend the rows, or raise max_bad_rows.");
  }

  @Test
  void aBudgetOfBadRowsMayBeAShare() {
    rule = new BadRows(OnBadRow.NULL, Optional.of(BadRows.Budget.USUAL), false);
    badRows = 10;
    assertPasses(check(Gates.NONE));
    badRows = 11;
    assertFails(
        check(Gates.NONE),
        ErrorCode.BAD_ROWS_OVER_BUDGET,
        "Model 'churn' could not take 11 of 1000 rows; wanted at most 1.00 %. Fix: mend the rows,"
            + " or raise max_bad_rows.");
  }

  @Test
  void rowsLieInARange() {
    assertPasses(check("{row_range: [1000, null]}"));
    assertPasses(check("{row_range: [null, 1000]}"));
    assertFails(
        check("{row_range: [1001, 5000]}"),
        ErrorCode.ROW_COUNT_OUT_OF_RANGE,
        "Model 'churn' wrote 1000 rows; wanted 1001 to 5000. Fix: look at the keys, or widen"
            + " row_range.");
    assertThat(check("{row_range: {fail: [1, null], warn: [2000, null]}}").warnings())
        .containsExactly("warning: Model 'churn' wrote 1000 rows; wanted at least 2000");
  }

  @Test
  void theNumberOfRowsIsComparedWithTheRunBefore() {
    against(profile());
    rows = 500;
    keys = 500;
    selected = 500;
    assertPasses(check("{row_change: 50%}"));
    assertThat(of(check("{row_change: 50%}"), "row_change").measured())
        .isEqualTo(OptionalDouble.of(0.5));
    assertFails(
        check("{row_change: 20%}"),
        ErrorCode.ROW_COUNT_CHANGED,
        "Model 'churn' wrote 500 rows, 1000 in the run before: a change of 50.00 %; wanted at most"
            + " 20.00 %. Fix: look at the keys, or raise row_change.");
  }

  @Test
  void withoutAWholeBatchBeforeNothingIsCompared() {
    assertThat(of(check("{row_change: 0.1}"), "row_change").detail())
        .isEqualTo("there is no batch before it");
    selected = 10;
    against(profile());
    selected = 1000;
    GateResult result = of(check("{row_change: 0.1}"), "row_change");
    assertThat(result.verdict()).isEqualTo(Verdict.NOT_CHECKED);
    assertThat(result.detail()).isEqualTo("only some of the keys were scored, now or before");
  }

  @Test
  void missingPredictionsWarnAndAboveHalfOfTheRowsFail() {
    nulls = 1;
    assertThat(check(Gates.USUAL).warnings())
        .containsExactly(
            "warning: Model 'churn' gave no prediction (NULL or NaN) for 1 of 1000 rows; wanted at"
                + " most 0.00 %");
    nulls = 501;
    assertFails(
        check(Gates.USUAL),
        ErrorCode.NULL_PREDICTION,
        "Model 'churn' gave no prediction (NULL or NaN) for 501 of 1000 rows; wanted at most 50.00"
            + " %. Fix: look for missing features, or raise null_predictions.");
    assertPasses(check("{null_predictions: off}"));
  }

  @Test
  void predictionsLieInARange() {
    assertPasses(check("{prediction_range: [0, 1]}"));
    assertFails(
        check("{prediction_range: [0.5, 1]}"),
        ErrorCode.PREDICTION_OUT_OF_RANGE,
        "The smallest prediction of model 'churn' is 0.0; wanted 0.5 to 1. Fix: look at the rows"
            + " with such predictions, or widen prediction_range.");
    predictions = all(Double.POSITIVE_INFINITY, 10);
    assertThat(check("{prediction_range: [null, 1e300]}").failures().get(0).what())
        .isEqualTo("The smallest prediction of model 'churn' is Infinity; wanted at most 1.0E300.");
    labels = true;
    assertThat(of(check("{prediction_range: [0, 1]}"), "prediction_range").detail())
        .isEqualTo("its predictions are labels");
  }

  @Test
  void theShareOfPositivesLiesInABand() {
    assertPasses(check("{positive_share: [1%, 5%]}"));
    assertFails(
        check("{positive_share: [0.1%, 4%]}"),
        ErrorCode.POSITIVE_SHARE_OUT_OF_RANGE,
        "Model 'churn' flags 50 of 1000 rows: 5.00 %; wanted 0.10 % to 4.00 %. Fix: look at"
            + " features and threshold, or widen positive_share.");
    positives = OptionalLong.empty();
    assertThat(of(check("{positive_share: [0, 1]}"), "positive_share").verdict())
        .isEqualTo(Verdict.NOT_CHECKED);
  }

  /** Field report 99: what was encoded outside the model gives the training mean for every row. */
  @Test
  void onePredictionForRowsThatDifferIsTold() {
    predictions = all(0.31, 1000);
    assertThat(check(Gates.USUAL).warnings())
        .containsExactly(
            "warning: Model 'churn' predicts 0.31 for all 1000 rows, though what goes into it"
                + " differs; wanted predictions that differ. Features that are encoded or scaled"
                + " outside the model arrive as they are, or missing.");
    assertThat(check("{constant_prediction: fail}").failures().get(0).code())
        .isEqualTo(ErrorCode.CONSTANT_PREDICTION);
    assertPasses(check("{constant_prediction: off}"));
  }

  @Test
  void onePredictionForEqualRowsOrForOneRowIsRight() {
    predictions = all(0.31, 1000);
    inputs = Map.of("spend", all(7, 1000));
    assertPasses(check("{constant_prediction: fail}"));
    predictions = all(0.31, 1);
    inputs = Map.of("spend", evenly(0, 1, 10));
    assertPasses(check("{constant_prediction: fail}"));
  }

  @Test
  void predictionsThatDriftAwayAreTold() {
    against(profile());
    predictions = evenly(0.5, 1.5, 1000);
    Verdicts verdicts = check("{prediction_drift: {psi: {warn: 0.1, fail: 99}, ks: 0.2}}");
    assertThat(of(verdicts, "prediction_drift.psi").verdict()).isEqualTo(Verdict.WARNED);
    assertFails(
        verdicts,
        ErrorCode.PREDICTION_DRIFT,
        "Predictions of model 'churn' are spread otherwise than the baseline's: KS distance 0.5;"
            + " wanted at most 0.2. Fix: look at the features, train the model again, or raise"
            + " prediction_drift.");
    predictions = evenly(0, 1, 1100);
    assertPasses(check("{prediction_drift: {psi: 0.1, ks: 0.1}}"));
  }

  @Test
  void featuresAreComparedInputByInput() {
    against(profile());
    inputs = Map.of("spend", evenly(1000, 2000, 1000), "age", evenly(0, 1, 1000));
    Verdicts verdicts = check("{feature_drift: 0.25}");
    assertThat(verdicts.failures())
        .extracting(Problem::what)
        .singleElement()
        .asString()
        .startsWith(
            "Values of input 'spend' of model 'churn' are spread otherwise than the baseline's:"
                + " PSI ")
        .endsWith("; wanted at most 0.25.");
    assertThat(verdicts.results().stream().filter(r -> r.subject().equals("age")))
        .singleElement()
        .satisfies(r -> assertThat(r.detail()).isEqualTo("there is no baseline for it"));
  }

  @Test
  void tooFewRowsAreNotComparedUnlessAskedFor() {
    predictions = evenly(0, 1, 100);
    against(profile());
    predictions = evenly(5, 6, 100);
    GateResult skipped = of(check("{prediction_drift: 0.25}"), "prediction_drift");
    assertThat(skipped.verdict()).isEqualTo(Verdict.NOT_CHECKED);
    assertThat(skipped.detail()).isEqualTo("100 rows are too few to compare (min_rows 500)");
    assertThat(check("{prediction_drift: {psi: 0.25, min_rows: 50}}").failures()).hasSize(1);
  }

  @Test
  void aSampleIsPublishedUnlessThatIsForbidden() {
    sampled = Optional.of("1000 of 625782 rows");
    assertPasses(check(Gates.USUAL));
    assertFails(
        check("{allow_sampled: false}"),
        ErrorCode.SAMPLE_NOT_PUBLISHED,
        "Model 'churn' scored a sample of its keys: 1000 of 625782 rows; wanted every key. A table"
            + " of some of the keys looks like a table of all. Fix: run without a sample, or set"
            + " allow_sampled: true.");
  }

  @Test
  void everyFailureIsToldAtOnce() {
    rows = 900;
    nulls = 900;
    assertThat(check("{null_predictions: 0, prediction_range: [5, 6]}").failures())
        .extracting(Problem::code)
        .containsExactly(
            ErrorCode.ROW_COUNT_MISMATCH,
            ErrorCode.NULL_PREDICTION,
            ErrorCode.PREDICTION_OUT_OF_RANGE,
            ErrorCode.PREDICTION_OUT_OF_RANGE);
  }
}
