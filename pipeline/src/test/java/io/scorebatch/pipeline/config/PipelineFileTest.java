package io.scorebatch.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.plan.Sample;
import io.scorebatch.pipeline.config.ModelSpec.Scoring;
import io.scorebatch.pipeline.config.ModelSpec.Source;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
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
    assertThat(model.keys().idColumns()).containsExactly("workspace_id", "usage_date");
    assertThat(model.prediction().type()).isEqualTo(ModelType.ANOMALY_DETECTION);
    assertThat(model.scoring()).isEqualTo(Scoring.SCORE_BATCH);
    assertThat(model.lookups().duplicates()).isEqualTo(DuplicateKeys.FAIL);
    assertThat(model.prediction().threshold()).isEqualTo(0.5);
  }

  @Test
  void takesWhatAModelLeavesOutFromTheDefaults() {
    PipelineSpec pipeline =
        parse(
            HEAD
                + "defaults: {mode: overwrite, max_rows: null, on_duplicate_key: latest,"
                + " threshold: 0.7}\n"
                + MODEL);
    assertThat(pipeline.models().get(0).lookups().duplicates()).isEqualTo(DuplicateKeys.LATEST);
    assertThat(pipeline.models().get(0).prediction().threshold()).isEqualTo(0.7);
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
    assertThat(pipeline.models().get(1).keys().source()).contains(new Source.Table("gold.t"));
    assertThat(pipeline.models().get(2).keys().source()).contains(new Source.Sql("SELECT 1 AS k"));
    assertThat(pipeline.models().get(0).keys().source())
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
            max_rows: 0
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
                      "pipeline.yaml:16: 'models[1].max_rows' is '0'.");
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
    assertThat(model.gates().features().minMatchRate())
        .contains(new Limit(OptionalDouble.of(0.9), OptionalDouble.of(0.99)));
    assertThat(model.gates().features().maxNullRate())
        .contains(new Limit(OptionalDouble.of(0), OptionalDouble.empty()));
    assertThat(model.gates().features().maxAgeSeconds())
        .contains(new Limit(OptionalDouble.empty(), OptionalDouble.of(36 * 3600)));
    assertThat(model.lookups().evidence()).isTrue();
  }

  private static ModelSpec model(String settings) {
    return parse(HEAD + MODEL + settings.indent(4)).models().get(0);
  }

  @Test
  void choosesTheModeThatOtherSettingsAskFor() {
    assertThat(model("").write()).isEqualTo(WriteSpec.overwrite("cost_anomaly_predictions"));
    assertThat(model("incremental: content").write().mode()).isEqualTo(WriteMode.MERGE);
    WriteSpec sliced = model("slice_column: day").write();
    assertThat(sliced.mode()).isEqualTo(WriteMode.REPLACE_WHERE);
    assertThat(sliced.partitionBy()).containsExactly("day");
    assertThat(sliced.part()).isEqualTo(new WriteSpec.Part.Slice("day"));
    assertThat(model("replace_where: usage_date >= DATE '2024-01-01'").write().part())
        .isEqualTo(new WriteSpec.Part.Predicate("usage_date >= DATE '2024-01-01'"));
    assertThat(model("mode: replace_where\npartition_by: [usage_date]").write().part())
        .isEqualTo(new WriteSpec.Part.Partitions());
    assertThat(model("mode: merge\ndeleted_keys: remove").write().removeDeletedKeys()).isTrue();
  }

  @Test
  void refusesWaysOfWritingThatContradict() {
    assertThatThrownBy(
            () ->
                model(
                    """
                    mode: append
                    replace_where: x
                    slice_column: day
                    partition_by: [usage_date, usage_date]
                    deleted_keys: remove
                    incremental: content
                    """))
        .hasMessageContaining("'models[0].replace_where' is set without mode replace_where.")
        .hasMessageContaining("'models[0].replace_where' is set beside slice_column.")
        .hasMessageContaining("'models[0].partition_by' lacks the slice_column.")
        .hasMessageContaining("'models[0].partition_by' names a column twice.")
        .hasMessageContaining("'models[0].deleted_keys' is 'remove' without mode merge.")
        .hasMessageContaining("'models[0].incremental.by' is 'content', which needs a table that")
        .hasMessageContaining("'models[0].slice_column' does not go with incremental.");
    assertThatThrownBy(() -> model("mode: replace_where"))
        .hasMessageContaining("'models[0].mode' is 'replace_where', but not of what.");
    assertThatThrownBy(() -> model("mode: overwrite\nincremental: {by: table_version, lag: 1h}"))
        .hasMessageContaining("'models[0].incremental' does not go with mode overwrite.")
        .hasMessageContaining("'models[0].incremental.lag' is set, but rows are not told by a");
  }

  @Test
  void readsHowRowsAreToldThatAreNew() {
    assertThat(model("incremental: {by: watermark, column: last_updated, lag: 30m}").incremental())
        .contains(
            new IncrementalSpec(
                IncrementalSpec.By.WATERMARK,
                Optional.of("last_updated"),
                Duration.ofMinutes(30),
                Duration.ofDays(1),
                IncrementalSpec.OnNewModel.FULL));
    assertThat(
            model("incremental: {by: missing_keys, on_new_model: new_rows_only}")
                .incremental()
                .map(IncrementalSpec::onNewModel))
        .contains(IncrementalSpec.OnNewModel.NEW_ROWS_ONLY);
    assertThatThrownBy(() -> model("incremental: {column: c}"))
        .hasMessageContaining("'models[0].incremental.by' is missing.");
    assertThatThrownBy(() -> model("incremental: watermark"))
        .hasMessageContaining("'models[0].incremental' names no column.");
    String query = MODEL.replace("feature_table: cost_features", "source: {sql: SELECT 1}");
    assertThatThrownBy(() -> parse(HEAD + query + "    incremental: table_version\n"))
        .hasMessageContaining(
            "'models[0].incremental' is 'table_version', but the keys do not come from a table.");
  }

  @Test
  void readsHowManyRowsAreScored() {
    assertThat(model("max_rows: 100_000\nsample_seed: -7").sample())
        .isEqualTo(new SampleSpec(Optional.of(new Sample.Rows(100_000)), -7, Optional.empty()));
    assertThat(model("sample: 1%\nsample_stratify: workspace_id").sample())
        .isEqualTo(
            new SampleSpec(Optional.of(new Sample.Share(0.01)), 0, Optional.of("workspace_id")));
    assertThat(model("max_rows: null").sample()).isEqualTo(SampleSpec.ALL);
    assertThatThrownBy(() -> model("max_rows: 5\nsample: 0.5\nsample_stratify: cost"))
        .hasMessageContaining("'models[0].sample' is set beside max_rows.")
        .hasMessageContaining("'models[0].sample_stratify' is 'cost', neither a key nor passed");
    assertThatThrownBy(() -> model("sample: 120%"))
        .hasMessageContaining("'models[0].sample' is '120%'.");
  }

  @Test
  void refusesThatModelsReplaceEachOthersRows() {
    String two =
        """
        models:
          - {model_name: a, feature_table: f, id_columns: [k], output_table: o, model_type: raw, mode: MODE}
          - {model_name: b, feature_table: f, id_columns: [k], output_table: o, model_type: raw, mode: append}
        """;
    assertThat(parse(HEAD + two.replace("MODE", "append")).models()).hasSize(2);
    assertThatThrownBy(() -> parse(HEAD + two.replace("MODE", "merge")))
        .hasMessageContaining("'models[1].output_table' 'o' is also the table of models[0].");
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
