package io.scorebatch.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.pipeline.config.Band.Range;
import io.scorebatch.pipeline.config.Drift.Baseline;
import io.scorebatch.pipeline.config.Gates.Golden;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class GatesEntryTest {
  private static Limit limit(double fail) {
    return new Limit(OptionalDouble.of(fail), OptionalDouble.empty());
  }

  private static Gates withDefaults(String defaults, String model) {
    String text =
        """
        version: 1
        catalog: main
        schema: ml
        defaults: {%s}
        models:
          - {model_name: m, feature_table: f, id_columns: [k], output_table: o, model_type: raw%s}
        """
            .formatted(defaults, model);
    return PipelineFile.parse(text, "p.yaml", Path.of(".")).models().get(0).gates();
  }

  @Test
  void aPipelineThatSaysNothingHasTheUsualGates() {
    assertThat(withDefaults("", "")).isEqualTo(Gates.USUAL);
    assertThat(GatesText.parse("{}")).isEqualTo(Gates.USUAL);
  }

  @Test
  void readsEveryGate() {
    Gates gates =
        GatesText.parse(
            """
            {row_range: [1_000, null], row_change: {warn: 20%, fail: 150%}, null_predictions: 0,
             prediction_range: {fail: [-1, 1], warn: [0, 0.5]}, positive_share: [0.1%, 20%],
             constant_prediction: fail, min_match_rate: 0.9, max_null_rate: 10%,
             max_default_rate: 0.2, max_age: 36h,
             prediction_drift: {psi: {warn: 0.1}, ks: 0.2, baseline: main.ml.o@12, min_rows: 30},
             feature_drift: {psi: 0.3, baseline: base/run_results.json},
             golden_rows: {warn: golden.jsonl}, allow_sampled: false}""");
    assertThat(gates.rowRange())
        .contains(
            new Band(Optional.of(new Range(1000, Double.POSITIVE_INFINITY)), Optional.empty()));
    assertThat(gates.rowChange())
        .contains(new Limit(OptionalDouble.of(1.5), OptionalDouble.of(0.2)));
    assertThat(gates.nullPredictions()).contains(limit(0));
    assertThat(gates.predictionRange())
        .contains(new Band(Optional.of(new Range(-1, 1)), Optional.of(new Range(0, 0.5))));
    assertThat(gates.positiveShare())
        .contains(new Band(Optional.of(new Range(0.001, 0.2)), Optional.empty()));
    assertThat(gates.constantPrediction()).isEqualTo(Severity.FAIL);
    assertThat(gates.features())
        .isEqualTo(
            new FeatureChecks(
                Optional.of(limit(0.9)),
                Optional.of(limit(0.1)),
                Optional.of(limit(0.2)),
                Optional.of(limit(36 * 3600))));
    assertThat(gates.predictionDrift())
        .contains(
            new Drift(
                Optional.of(new Limit(OptionalDouble.empty(), OptionalDouble.of(0.1))),
                Optional.of(limit(0.2)),
                new Baseline.TableVersion("main.ml.o", 12),
                30));
    assertThat(gates.featureDrift().orElseThrow().baseline())
        .isEqualTo(new Baseline.File("base/run_results.json"));
    assertThat(gates.goldenRows()).contains(new Golden("golden.jsonl", Severity.WARN));
    assertThat(gates.allowSampled()).isFalse();
  }

  @Test
  void offTakesAGateAway() {
    Gates gates =
        GatesText.parse("{null_predictions: off, row_change: off, prediction_drift: off}");
    assertThat(gates.nullPredictions()).isEmpty();
    assertThat(gates.rowChange()).isEmpty();
    assertThat(gates.predictionDrift()).isEmpty();
    assertThat(gates.constantPrediction()).isEqualTo(Severity.WARN);
  }

  @Test
  void aModelTakesGateByGateFromTheDefaults() {
    Gates gates =
        withDefaults(
            "gates: {null_predictions: 1%, allow_sampled: false}, min_match_rate: 0.5",
            ", gates: {null_predictions: 2%, max_age: 2d}, max_null_rate: 0.1");
    assertThat(gates.nullPredictions()).contains(limit(0.02));
    assertThat(gates.allowSampled()).isFalse();
    assertThat(gates.features().minMatchRate()).contains(limit(0.5));
    assertThat(gates.features().maxNullRate()).contains(limit(0.1));
    assertThat(gates.features().maxAgeSeconds()).contains(limit(2 * 86_400));
  }

  @Test
  void saysOfEveryGateWhatIsWrong() {
    assertThatThrownBy(
            () ->
                GatesText.parse(
                    "{row_range: [5, 1], positive_share: [0, 2], prediction_range: 7,"
                        + " null_predictions: lots, row_changed: 1, prediction_drift: {},"
                        + " feature_drift: {psi: -1}, constant_prediction: maybe,"
                        + " golden_rows: {fail: a, warn: b}, max_age: soon}"))
        .hasMessageContaining("'models[0].gates.row_range' is no band.")
        .hasMessageContaining("'models[0].gates.positive_share' is no band.")
        .hasMessageContaining("'models[0].gates.prediction_range' is no list.")
        .hasMessageContaining("'models[0].gates.null_predictions' is 'lots'.")
        .hasMessageContaining(
            "unknown key 'models[0].gates.row_changed'; did you mean 'row_change'?")
        .hasMessageContaining("'models[0].gates.prediction_drift' names no limit.")
        .hasMessageContaining("'models[0].gates.feature_drift.psi' is '-1'.")
        .hasMessageContaining("'models[0].gates.constant_prediction' is 'maybe'")
        .hasMessageContaining("'models[0].gates.golden_rows' names no one file.")
        .hasMessageContaining("'models[0].gates.max_age' is 'soon'.");
    assertThatThrownBy(() -> withDefaults("gates: {null_prediction: 0}", ""))
        .hasMessageContaining(
            "p.yaml:4: unknown key 'defaults.gates.null_prediction'; did you mean");
  }
}
