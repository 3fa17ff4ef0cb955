package io.scorebatch.pipeline.gate;

import io.scorebatch.api.engine.Distribution;
import io.scorebatch.api.engine.ScoreStatistics;
import io.scorebatch.api.engine.ScoreStatistics.LookupStatistics;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.pipeline.config.BadRows;
import io.scorebatch.pipeline.config.Band;
import io.scorebatch.pipeline.config.Band.Range;
import io.scorebatch.pipeline.config.Drift;
import io.scorebatch.pipeline.config.Gates;
import io.scorebatch.pipeline.config.Limit;
import io.scorebatch.pipeline.config.Severity;
import io.scorebatch.pipeline.gate.Verdicts.Fault;
import io.scorebatch.pipeline.gate.Verdicts.Topic;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.DoubleFunction;

/** Holds a scored batch against what a pipeline asks of it. Pure. */
public final class BatchGates {
  private final Batch batch;
  private final ScoreStatistics statistics;
  private final Gates gates;
  private final Verdicts verdicts;

  private BatchGates(Batch batch, Gates gates, Verdicts verdicts) {
    this.batch = batch;
    this.statistics = batch.statistics();
    this.gates = gates;
    this.verdicts = verdicts;
  }

  /**
   * What batches are compared with. Immutable.
   *
   * @param previous the batch committed last; empty where there is none
   * @param predictions for drift of predictions; empty where there is none
   * @param features for drift of features; empty where there is none
   */
  public record Baselines(
      Optional<BatchProfile> previous,
      Optional<BatchProfile> predictions,
      Optional<BatchProfile> features) {
    /** Nothing to compare with. */
    public static final Baselines NONE =
        new Baselines(Optional.empty(), Optional.empty(), Optional.empty());
  }

  /**
   * Asks every gate.
   *
   * @param verdicts receives what they say
   */
  public static void check(
      Batch batch, Gates gates, BadRows badRows, Baselines baselines, Verdicts verdicts) {
    BatchGates all = new BatchGates(batch, gates, verdicts);
    all.rowCount();
    all.badRows(badRows);
    LookupGates lookups = new LookupGates(batch.modelName(), gates.features(), verdicts);
    for (LookupStatistics lookup : batch.statistics().lookups()) {
      lookups.check(lookup, batch.interchangeable().getOrDefault(lookup.table(), List.of()));
    }
    all.rowRange();
    all.rowChange(baselines.previous());
    all.nullPredictions();
    all.predictionRange();
    all.positiveShare();
    all.constantPrediction();
    all.predictionDrift(baselines.predictions());
    all.featureDrift(baselines.features());
    all.sampled();
  }

  private String model() {
    return "Model '" + batch.modelName() + "'";
  }

  private void rowCount() {
    if (!batch.oneRowPerKey()) {
      return;
    }
    long wanted = statistics.selected() - (batch.skipped() ? statistics.badRows() : 0);
    verdicts.settle(
        new Topic("row_count", "", ErrorCode.ROW_COUNT_MISMATCH),
        statistics.rows() == wanted,
        Severity.FAIL,
        OptionalDouble.of((double) statistics.rows()),
        wanted + " rows",
        new Fault(
            model() + " was given " + wanted + " keys and wrote " + statistics.rows() + " rows",
            "Each key has one row, always.",
            "please report this: it is a defect."));
  }

  private void badRows(BadRows rule) {
    if (statistics.badRows() == 0 || rule.budget().isEmpty()) {
      return;
    }
    BadRows.Budget budget = rule.budget().get();
    double measured =
        budget.share()
            ? (double) statistics.badRows() / Math.max(1, statistics.selected())
            : statistics.badRows();
    verdicts.atMost(
        new Topic("max_bad_rows", "", ErrorCode.BAD_ROWS_OVER_BUDGET),
        measured,
        new Limit(OptionalDouble.of(budget.amount()), OptionalDouble.empty()),
        budget.share() ? Verdicts::percent : Verdicts::number,
        new Fault(
            String.format(
                Locale.ROOT,
                "%s could not take %d of %d rows",
                model(),
                statistics.badRows(),
                statistics.selected()),
            rule.quarantine() ? "The quarantine table tells which and why." : "",
            "mend the rows, or raise max_bad_rows."));
  }

  private void rowRange() {
    gates
        .rowRange()
        .ifPresent(
            band ->
                within(
                    new Topic("row_range", "", ErrorCode.ROW_COUNT_OUT_OF_RANGE),
                    (double) statistics.rows(),
                    band,
                    Verdicts::number,
                    new Fault(
                        model() + " wrote " + statistics.rows() + " rows",
                        "",
                        "look at the keys, or widen row_range.")));
  }

  private void within(
      Topic topic, double measured, Band band, DoubleFunction<String> unit, Fault fault) {
    Severity severity =
        band.fail().isPresent() && !band.fail().get().holds(measured)
            ? Severity.FAIL
            : Severity.WARN;
    boolean warned = band.warn().isPresent() && !band.warn().get().holds(measured);
    Optional<Range> told = severity == Severity.FAIL ? band.fail() : band.warn().or(band::fail);
    verdicts.settle(
        topic,
        severity == Severity.WARN && !warned,
        severity,
        OptionalDouble.of(measured),
        told.map(range -> text(range, unit)).orElse(""),
        fault);
  }

  private static String text(Range range, DoubleFunction<String> unit) {
    if (range.low() == Double.NEGATIVE_INFINITY) {
      return "at most " + unit.apply(range.high());
    }
    return range.high() == Double.POSITIVE_INFINITY
        ? "at least " + unit.apply(range.low())
        : unit.apply(range.low()) + " to " + unit.apply(range.high());
  }

  private void rowChange(Optional<BatchProfile> previous) {
    if (gates.rowChange().isEmpty()) {
      return;
    }
    Topic topic = new Topic("row_change", "", ErrorCode.ROW_COUNT_CHANGED);
    Optional<String> incomparable = incomparable(previous);
    if (incomparable.isPresent()) {
      verdicts.skip(topic, incomparable.get());
      return;
    }
    long before = previous.orElseThrow().rows();
    double change = (double) Math.abs(statistics.rows() - before) / before;
    verdicts.atMost(
        topic,
        change,
        gates.rowChange().get(),
        Verdicts::percent,
        new Fault(
            String.format(
                Locale.ROOT,
                "%s wrote %d rows, %d in the run before: a change of %s",
                model(),
                statistics.rows(),
                before,
                Verdicts.percent(change)),
            "",
            "look at the keys, or raise row_change."));
  }

  private Optional<String> incomparable(Optional<BatchProfile> previous) {
    if (previous.isEmpty()) {
      return Optional.of("there is no batch before it");
    }
    if (!batch.whole() || !previous.get().whole()) {
      return Optional.of("only some of the keys were scored, now or before");
    }
    return previous.get().rows() == 0
        ? Optional.of("the batch before it had no rows")
        : Optional.empty();
  }

  private void nullPredictions() {
    if (gates.nullPredictions().isEmpty() || statistics.rows() == 0) {
      return;
    }
    double share = (double) statistics.nullPredictions() / statistics.rows();
    verdicts.atMost(
        new Topic("null_predictions", "", ErrorCode.NULL_PREDICTION),
        share,
        gates.nullPredictions().get(),
        Verdicts::percent,
        new Fault(
            String.format(
                Locale.ROOT,
                "%s gave no prediction (NULL or NaN) for %d of %d rows",
                model(),
                statistics.nullPredictions(),
                statistics.rows()),
            "",
            "look for missing features, or raise null_predictions."));
  }

  private void predictionRange() {
    if (gates.predictionRange().isEmpty()) {
      return;
    }
    Optional<Distribution> predictions = statistics.predictions().filter(all -> all.count() > 0);
    if (predictions.isEmpty() || batch.labels()) {
      verdicts.skip(
          new Topic("prediction_range", "", ErrorCode.PREDICTION_OUT_OF_RANGE),
          batch.labels() ? "its predictions are labels" : "it has no number as prediction");
      return;
    }
    Band band = gates.predictionRange().get();
    end("smallest", predictions.get().min(), band);
    end("greatest", predictions.get().max(), band);
  }

  private void end(String end, double value, Band band) {
    within(
        new Topic("prediction_range", end, ErrorCode.PREDICTION_OUT_OF_RANGE),
        value,
        band,
        Verdicts::number,
        new Fault(
            "The " + end + " prediction of model '" + batch.modelName() + "' is " + value,
            "",
            "look at the rows with such predictions, or widen prediction_range."));
  }

  private void positiveShare() {
    if (gates.positiveShare().isEmpty()) {
      return;
    }
    Topic topic = new Topic("positive_share", "", ErrorCode.POSITIVE_SHARE_OUT_OF_RANGE);
    if (statistics.positives().isEmpty() || statistics.rows() == 0) {
      verdicts.skip(topic, "its predictions flag no rows");
      return;
    }
    long positives = statistics.positives().getAsLong();
    double share = (double) positives / statistics.rows();
    within(
        topic,
        share,
        gates.positiveShare().get(),
        Verdicts::percent,
        new Fault(
            String.format(
                Locale.ROOT,
                "%s flags %d of %d rows: %s",
                model(),
                positives,
                statistics.rows(),
                Verdicts.percent(share)),
            "",
            "look at features and threshold, or widen positive_share."));
  }

  private void constantPrediction() {
    Optional<Distribution> predictions = statistics.predictions();
    if (gates.constantPrediction() == Severity.OFF
        || predictions.isEmpty()
        || predictions.get().count() < 2) {
      return;
    }
    Topic topic = new Topic("constant_prediction", "", ErrorCode.CONSTANT_PREDICTION);
    double first = predictions.get().min();
    boolean constant = first == predictions.get().max();
    if (constant && statistics.inputs().values().stream().noneMatch(BatchGates::varies)) {
      verdicts.skip(topic, "no number that goes into it varies");
      return;
    }
    verdicts.settle(
        topic,
        !constant,
        gates.constantPrediction(),
        constant ? OptionalDouble.of(first) : OptionalDouble.empty(),
        "predictions that differ",
        new Fault(
            String.format(
                Locale.ROOT,
                "%s predicts %s for all %d rows, though what goes into it differs",
                model(),
                batch.labels() ? "one label" : Verdicts.number(first),
                predictions.get().count()),
            "Features that are encoded or scaled outside the model arrive as they are, or missing.",
            "log the model with its preparation, or set constant_prediction: off."));
  }

  private static boolean varies(Distribution input) {
    return input.bins().size() > 1
        || input.min() < input.max()
        || (input.missing() > 0 && input.count() > 0);
  }

  private void predictionDrift(Optional<BatchProfile> baseline) {
    gates
        .predictionDrift()
        .ifPresent(
            drift ->
                drift(
                    "prediction_drift",
                    "",
                    ErrorCode.PREDICTION_DRIFT,
                    drift,
                    baseline.flatMap(BatchProfile::predictions),
                    statistics.predictions()));
  }

  private void featureDrift(Optional<BatchProfile> baseline) {
    gates
        .featureDrift()
        .ifPresent(
            drift ->
                new TreeMap<>(statistics.inputs())
                    .forEach(
                        (input, spread) ->
                            drift(
                                "feature_drift",
                                input,
                                ErrorCode.FEATURE_DRIFT,
                                drift,
                                baseline.flatMap(
                                    profile -> Optional.ofNullable(profile.inputs().get(input))),
                                Optional.of(spread))));
  }

  private void drift(
      String gate,
      String input,
      ErrorCode code,
      Drift drift,
      Optional<Distribution> baseline,
      Optional<Distribution> now) {
    if (baseline.isEmpty() || now.isEmpty()) {
      verdicts.skip(
          new Topic(gate, input, code),
          now.isEmpty() ? "it has no number as prediction" : "there is no baseline for it");
      return;
    }
    long fewest = Math.min(rows(baseline.get()), rows(now.get()));
    if (fewest < drift.minRows()) {
      verdicts.skip(
          new Topic(gate, input, code),
          fewest + " rows are too few to compare (min_rows " + drift.minRows() + ")");
      return;
    }
    String of = input.isEmpty() ? "Predictions" : "Values of input '" + input + "'";
    drift
        .psi()
        .ifPresent(
            limit -> {
              double psi = Distances.psi(baseline.get(), now.get());
              String what = "are spread otherwise than the baseline's: PSI ";
              distance(new Topic(gate + ".psi", input, code), psi, limit, of, what);
            });
    drift
        .ks()
        .ifPresent(
            limit -> {
              double ks = Distances.ks(baseline.get(), now.get());
              String what = "are spread otherwise than the baseline's: KS distance ";
              distance(new Topic(gate + ".ks", input, code), ks, limit, of, what);
            });
  }

  private void distance(Topic topic, double value, Limit limit, String of, String what) {
    verdicts.atMost(
        topic,
        value,
        limit,
        Verdicts::distance,
        new Fault(
            of + " of model '" + batch.modelName() + "' " + what + Verdicts.distance(value),
            "",
            "look at the features, train the model again, or raise "
                + topic.gate().substring(0, topic.gate().indexOf('.'))
                + "."));
  }

  private static long rows(Distribution distribution) {
    return distribution.count() + distribution.missing();
  }

  private void sampled() {
    if (batch.sampled().isEmpty()) {
      return;
    }
    verdicts.settle(
        new Topic("allow_sampled", "", ErrorCode.SAMPLE_NOT_PUBLISHED),
        gates.allowSampled(),
        Severity.FAIL,
        OptionalDouble.of((double) statistics.rows() / Math.max(1, statistics.keys())),
        "every key",
        new Fault(
            model() + " scored a sample of its keys: " + batch.sampled().get(),
            "A table of some of the keys looks like a table of all.",
            "run without a sample, or set allow_sampled: true."));
  }
}
