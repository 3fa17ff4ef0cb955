package io.scorebatch.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.engine.ScoreStatistics.LookupStatistics;
import io.scorebatch.api.run.ModelResult;
import io.scorebatch.api.run.ModelStatus;
import io.scorebatch.api.run.RunListener;
import io.scorebatch.api.table.AsOf;
import io.scorebatch.pipeline.run.RunScope;
import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keys of a pipeline find in feature tables, and what is said of it. */
class PipelineKeysTest {
  @TempDir private Path folder;
  private Connections connections = Connections.fromEnvironment();

  @BeforeEach
  void connect() {
    connections =
        Connections.fromEnvironment()
            .withoutStores()
            .withFolder(folder)
            .withTables(folder.resolve("tables").toString());
  }

  private void table(String name, List<String> key, String timestampKey, String query) {
    try (FeatureEngineeringClient client = FeatureEngineeringClient.connect(connections)) {
      client.createTable(
          new TableDefinition(
              "main.ml." + name, key, timestampKey.isEmpty() ? null : timestampKey, "x", Map.of()),
          query);
    }
  }

  /** A model whose five inputs are one feature, looked up by these keys. */
  private void model(List<String> requested, String lookup) throws IOException {
    Path model = folder.resolve("model");
    Path logged = Fixtures.fixture("mlflow-3.17.2/sklearn-isolation-forest/model");
    try (Stream<Path> files = Files.walk(logged)) {
      for (Path file : files.toList()) {
        Files.copy(file, model.resolve(logged.relativize(file).toString()));
      }
    }
    StringBuilder spec = new StringBuilder("input_columns:\n");
    for (String key : requested) {
      spec.append("- " + key + ": {include: false, source: training_data}\n");
    }
    for (int i = 0; i < 5; i++) {
      spec.append("- f" + i + ": {" + lookup + ", feature_name: v, source: feature_store}\n");
    }
    String table = lookup.replaceAll("table_name: (\\S+?),.*", "$1");
    spec.append("input_tables:\n- " + table + ": {}\nserialization_version: 11\n");
    Files.writeString(model.resolve("feature_spec.yaml"), spec);
  }

  private Pipeline pipeline(String settings) throws IOException {
    Path file = folder.resolve("pipeline.yaml");
    Files.writeString(
        file,
        "version: 1\ncatalog: main\nschema: ml\ntables: ./tables\nmodels:\n"
            + "  - {model_name: m, model_uri: model, output_table: scores, model_type: raw, "
            + settings
            + "}\n");
    return Pipeline.load(file, connections.withoutStores(), null);
  }

  private static ModelResult run(Pipeline pipeline, Optional<AsOf> asOf) {
    Pipeline.Options options =
        new Pipeline.Options(
            List.of(),
            Set.of(),
            OptionalInt.empty(),
            OptionalLong.empty(),
            false,
            false,
            RunScope.USUAL.asOf(asOf));
    return pipeline.run(options, RunListener.SILENT).models().get(0);
  }

  private List<String> keysScored(String query) {
    List<String> rows = new ArrayList<>();
    try (FeatureEngineeringClient client = FeatureEngineeringClient.connect(connections)) {
      client.sql(
          query,
          new io.scorebatch.api.engine.SqlEngine.Rows() {
            @Override
            public void columns(List<io.scorebatch.api.type.Column> columns) {}

            @Override
            public void row(List<@org.jspecify.annotations.Nullable Object> values) {
              rows.add(values.toString());
            }
          });
    }
    return rows;
  }

  private void dailyPrices() throws IOException {
    table(
        "prices",
        List.of("code", "day"),
        "day",
        "SELECT * FROM (VALUES ('007', DATE '2024-07-29', 7.0::DOUBLE),"
            + " ('007', DATE '2024-07-28', 6.0), ('8', DATE '2024-07-30', 8.0))"
            + " AS t(code, day, v)");
    model(
        List.of("code", "day"),
        "table_name: main.ml.prices, lookup_key: [code], timestamp_lookup_key: [day]");
  }

  @Test
  void aPipelineTakesKeysFromFilesInTheTypesOfTheTablesKeys() throws IOException {
    dailyPrices();
    Files.writeString(folder.resolve("k.csv"), "code,day\n007,2024-07-30\n8,2024-07-30\n");
    Files.writeString(
        folder.resolve("k.jsonl"),
        "{\"code\": \"007\", \"day\": \"2024-07-30\"}\n{\"code\": \"8\", \"day\": \"2024-07-30\"}\n");
    try (FeatureEngineeringClient client = FeatureEngineeringClient.connect(connections)) {
      client
          .scoreBatch(folder.resolve("model").toString(), Keys.file(folder.resolve("k.csv")))
          .saveAsFile(folder.resolve("k.parquet"));
    }
    for (String file : List.of("k.csv", "k.jsonl", "k.parquet")) {
      ModelResult result =
          run(pipeline("source: {file: " + file + "}, id_columns: [code, day]"), Optional.empty());
      assertThat(result.problems()).as(file).isEmpty();
      assertThat(result.status()).as(file).isEqualTo(ModelStatus.SUCCESS);
      assertThat(lookup(result).matched()).as(file).isEqualTo(2);
      assertThat(keysScored("SELECT code, day FROM main.ml.scores ORDER BY ALL"))
          .as(file)
          .containsExactly("[007, 2024-07-30]", "[8, 2024-07-30]");
    }
    ModelResult asOf =
        run(
            pipeline("source: {file: k.csv}, id_columns: [code, day]"),
            Optional.of(new AsOf.Version(0)));
    assertThat(asOf.status()).isEqualTo(ModelStatus.SUCCESS);
    assertThat(asOf.notes())
        .contains("the keys are those of now: a file is not read as of a moment");
  }

  @Test
  void aKeyFileThatIsNotThereIsNamed() throws IOException {
    dailyPrices();
    ModelResult result =
        run(pipeline("source: {file: absent.csv}, id_columns: [code, day]"), Optional.empty());
    assertThat(result.status()).isEqualTo(ModelStatus.FAILED);
    assertThat(result.problems().get(0).message()).contains(folder.resolve("absent.csv") + "");
  }

  private static LookupStatistics lookup(ModelResult result) {
    return result.statistics().orElseThrow().lookups().get(0);
  }

  /** Field report 106. */
  @Test
  void aMissingDayIsToldOrMissingAsThePipelineSays() throws IOException {
    dailyPrices();
    Files.writeString(folder.resolve("k.csv"), "code,day\n007,2024-07-30\n8,2024-07-30\n");
    String keys = "source: {file: k.csv}, id_columns: [code, day]";
    ModelResult usual = run(pipeline(keys + ", max_age: {warn: 0s}"), Optional.empty());
    assertThat(lookup(usual).matched()).isEqualTo(2);
    assertThat(usual.notes())
        .anyMatch(
            note ->
                note.startsWith(
                    "warning: Model 'm' used features of table main.ml.prices (version 0) that"
                        + " were 1d old"));
    ModelResult exact = run(pipeline(keys + ", lookback: 0s"), Optional.empty());
    assertThat(exact.status()).isEqualTo(ModelStatus.SUCCESS);
    assertThat(lookup(exact).matched()).isEqualTo(1);
    assertThat(lookup(exact).missing()).isEqualTo(1);
    ModelResult twoDays = run(pipeline(keys + ", lookback: 2d"), Optional.empty());
    assertThat(lookup(twoDays).matched()).isEqualTo(2);
  }

  /** Field report 103. */
  @Test
  void keysOfOneTypeThatChangedPlacesAreSuspectedWhereHardlyAnyIsFound() throws IOException {
    table(
        "stock",
        List.of("store", "item"),
        "",
        "SELECT s AS store, 1000 + i AS item, 1.0::DOUBLE AS v"
            + " FROM range(1, 41) AS a(s), range(0, 10) AS b(i)"
            + " UNION ALL SELECT 1001, 1, 2.0");
    model(List.of("a", "b"), "table_name: main.ml.stock, lookup_key: [a, b]");
    String swapped = "SELECT item AS a, store AS b FROM main.ml.stock";
    ModelResult result =
        run(pipeline("source: {sql: \"" + swapped + "\"}, id_columns: [a, b]"), Optional.empty());
    assertThat(result.status()).isEqualTo(ModelStatus.SUCCESS);
    assertThat(result.notes())
        .contains(
            "warning: Model 'm' found 0.49 % of its keys in table main.ml.stock (version 0): 2 of"
                + " 401; wanted at least 1.00 %. Keys store, item are of one type: they may have"
                + " changed places.");
    ModelResult none =
        run(
            pipeline(
                "source: {sql: \""
                    + swapped
                    + " WHERE item NOT IN (1, 1001)\"}, id_columns: [a, b]"),
            Optional.empty());
    assertThat(none.problems().get(0).message())
        .contains("None of 360 keys of model 'm' is in table main.ml.stock (version 0).")
        .contains("Keys store, item are of one type: they may have changed places.");
  }
}
