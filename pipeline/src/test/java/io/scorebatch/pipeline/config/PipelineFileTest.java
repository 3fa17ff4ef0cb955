package io.scorebatch.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.pipeline.config.FeatureChecks.Limit;
import io.scorebatch.pipeline.config.ModelSpec.Scoring;
import io.scorebatch.pipeline.config.ModelSpec.Source;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class PipelineFileTest {
  private static final String HEAD =
      """
      version: 1
      catalog: main
      schema: ml
      tables: ./warehouse
      registry: sqlite:///mlflow.db
      """;
  private static final String MODEL =
      """
      models:
        - model_name: cost_anomaly_detector
          domain: cost
          feature_table: cost_features
          id_columns: [workspace_id, usage_date]
          output_table: cost_anomaly_predictions
          model_type: anomaly_detection
      """;

  private static PipelineSpec parse(String text) {
    return PipelineFile.parse(text, "pipeline.yaml", Path.of("."));
  }

  @Test
  void readsTheWordsOfTheField() {
    PipelineSpec pipeline = parse(HEAD + "max_workers: 3\nmemory_limit: 2GB\n" + MODEL);
    assertThat(pipeline.name()).isEqualTo("pipeline");
    assertThat(pipeline.engine()).isEqualTo("duckdb");
    assertThat(pipeline.maxWorkers()).hasValue(3);
    assertThat(pipeline.memoryLimitBytes()).isEqualTo(OptionalLong.of(2_000_000_000L));
    ModelSpec model = pipeline.models().get(0);
    assertThat(model.domain()).isEqualTo("COST");
    assertThat(model.idColumns()).containsExactly("workspace_id", "usage_date");
    assertThat(model.type()).isEqualTo(ModelType.ANOMALY_DETECTION);
    assertThat(model.scoring()).isEqualTo(Scoring.SCORE_BATCH);
    assertThat(model.duplicates()).isEqualTo(DuplicateKeys.FAIL);
    assertThat(model.threshold()).isEqualTo(0.5);
  }

  @Test
  void takesWhatAModelLeavesOutFromTheDefaults() {
    PipelineSpec pipeline =
        parse(
            HEAD
                + "defaults: {mode: overwrite, max_rows: null, on_duplicate_key: latest,"
                + " threshold: 0.7}\n"
                + MODEL);
    assertThat(pipeline.models().get(0).duplicates()).isEqualTo(DuplicateKeys.LATEST);
    assertThat(pipeline.models().get(0).threshold()).isEqualTo(0.7);
  }

  @Test
  void readsASourceAsTableQueryOrFile() {
    String manual =
        """
        models:
          - {model_name: c, source: {file: keys/k.csv}, id_columns: [k], output_table: oc, model_type: raw}
          - {model_name: a, scoring: manual, source: gold.t, id_columns: [k], output_table: oa, model_type: raw}
          - {model_name: b, scoring: manual, source: {sql: "SELECT 1 AS k"}, id_columns: [k], output_table: ob, model_type: raw}
        """;
    PipelineSpec pipeline = parse(HEAD + manual);
    assertThat(pipeline.models().get(1).source()).contains(new Source.Table("gold.t"));
    assertThat(pipeline.models().get(2).source()).contains(new Source.Sql("SELECT 1 AS k"));
    assertThat(pipeline.models().get(0).source())
        .contains(new Source.File(Path.of("keys/k.csv"), KeySource.File.Format.CSV));
    assertThatThrownBy(
            () ->
                parse(
                    HEAD
                        + MODEL.replace("feature_table: cost_features", "source: {file: k.arrow}")
                        + "    lookback: soon\n"))
        .hasMessageContaining("is 'k.arrow', whose ending tells no format.")
        .hasMessageContaining("'models[0].lookback' is 'soon'.");
    assertThatThrownBy(
            () ->
                parse(
                    HEAD
                        + MODEL.replace(
                            "feature_table: cost_features", "source: {file: k.csv, sql: x}")))
        .hasMessageContaining("'models[0].source' does not name one of table, sql and file.");
  }

  @Test
  void reportsEveryProblemWithItsLine() {
    String text =
        """
        version: 2
        catalog: main
        schema: ml
        engin: duckdb
        models:
          - model_name: a
            feature_table: f
            id_columns: [k]
            output_table: o
            model_typ: regression
          - model_name: a
            feature_table: f
            id_columns: [k]
            output_table: o
            model_type: regresion
            max_rows: 10
        """;
    assertThatThrownBy(() -> parse(text))
        .isInstanceOfSatisfying(
            ScorebatchException.class,
            e -> {
              assertThat(e.problems())
                  .allMatch(p -> p.code() == ErrorCode.PIPELINE_INVALID)
                  .extracting(p -> p.what())
                  .containsExactlyInAnyOrder(
                      "pipeline.yaml:1: 'version' is '2'.",
                      "pipeline.yaml:4: unknown key 'engin'; did you mean 'engine'?",
                      "pipeline.yaml:6: 'models[0].model_type' is missing.",
                      "pipeline.yaml:10: unknown key 'models[0].model_typ';"
                          + " did you mean 'model_type'?",
                      "pipeline.yaml:11: 'models[1].model_name' 'a' is also the name of models[0].",
                      "pipeline.yaml:14: 'models[1].output_table' 'o' is also the table of"
                          + " models[0].",
                      "pipeline.yaml:15: 'models[1].model_type' is 'regresion'; did you mean"
                          + " 'regression'?",
                      "pipeline.yaml:16: 'models[1].max_rows' is set, but rows cannot be capped"
                          + " yet.");
            });
  }

  @Test
  void refusesAKeyThatStandsTwice() {
    assertThatThrownBy(() -> parse(HEAD + "catalog: other\n" + MODEL))
        .hasMessageContaining("pipeline.yaml:6: 'catalog' stands twice.");
  }

  @Test
  void refusesTextThatIsNoYaml() {
    assertThatThrownBy(() -> parse("models: [unclosed"))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining("pipeline.yaml is no YAML");
    assertThatThrownBy(() -> parse("")).hasMessageContaining("pipeline.yaml is empty");
    assertThatThrownBy(() -> parse("- a list")).hasMessageContaining("is no map of settings");
  }

  @Test
  void namesTheFileThatIsNotThere() {
    assertThatThrownBy(() -> PipelineFile.read(Path.of("nowhere/pipeline.yaml")))
        .isInstanceOfSatisfying(
            ScorebatchException.class,
            e -> assertThat(e.problem().code()).isEqualTo(ErrorCode.FILE_UNREADABLE))
        .hasMessageContaining("nowhere");
  }

  @Test
  void readsSizes() {
    assertThat(PipelineFile.parseSize("600MB")).hasValue(600_000_000L);
    assertThat(PipelineFile.parseSize("2 GiB")).hasValue(2L << 30);
    assertThat(PipelineFile.parseSize("much")).isEmpty();
    assertThat(PipelineFile.parseSize("99999999999999GB")).isEmpty();
  }

  @Test
  void readsFunctionsAsSqlOrJavaClass() {
    PipelineSpec pipeline =
        parse(HEAD + "functions: {main.ml.Twice: x * 2, main.ml.f: {java: com.acme.F}}\n" + MODEL);
    assertThat(pipeline.functions()).containsExactly(Map.entry("main.ml.twice", "x * 2"));
    assertThat(pipeline.javaFunctions()).containsExactly(Map.entry("main.ml.f", "com.acme.F"));
  }

  @Test
  void readsLimitsOfFeaturesAsOneValueOrTwo() {
    ModelSpec model =
        parse(
                HEAD
                    + "defaults: {min_match_rate: 0.5, max_age: {warn: 36h}}\n"
                    + MODEL
                    + "    min_match_rate: {fail: 0.9, warn: 0.99}\n"
                    + "    max_null_rate: 0\n"
                    + "    feature_evidence: true\n")
            .models()
            .get(0);
    assertThat(model.checks().minMatchRate())
        .contains(new Limit(OptionalDouble.of(0.9), OptionalDouble.of(0.99)));
    assertThat(model.checks().maxNullRate())
        .contains(new Limit(OptionalDouble.of(0), OptionalDouble.empty()));
    assertThat(model.checks().maxAgeSeconds())
        .contains(new Limit(OptionalDouble.empty(), OptionalDouble.of(36 * 3600)));
    assertThat(model.featureEvidence()).isTrue();
  }

  @Test
  void refusesLimitsThatAreNone() {
    assertThatThrownBy(
            () ->
                parse(
                    HEAD
                        + MODEL
                        + "    min_match_rate: 90\n"
                        + "    max_age: {fail: soon}\n"
                        + "    max_null_rate: {}\n"
                        + "    feature_evidence: yes\n"))
        .hasMessageContaining("'models[0].min_match_rate' is '90'.")
        .hasMessageContaining("'models[0].max_age.fail' is 'soon'.")
        .hasMessageContaining("'models[0].max_null_rate' names no limit.")
        .hasMessageContaining("'models[0].feature_evidence' is 'yes'.");
  }
}
