package io.scorebatch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.client.Pipeline;
import io.scorebatch.pipeline.config.ModelSpec;
import io.scorebatch.table.delta.DirectoryCatalog;
import io.scorebatch.testing.Fixtures;
import io.scorebatch.testing.PythonEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The reference night: 25 models, 5 feature tables in full size, one command. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NightTest {
  private static final Demo DEMO = Demo.once();

  private static List<ModelSpec> models() {
    return Pipeline.load(DEMO.folder().resolve("pipeline.yaml"), DEMO.connections(), null)
        .spec()
        .models();
  }

  @Test
  @Order(1)
  void commitsAllModelsAndShowsTheAnalystsQueries() {
    assertThat(DEMO.result().err()).isEmpty();
    assertThat(DEMO.result().exitCode()).isZero();
    assertThat(DEMO.result().out())
        .contains("25 of 25 models committed, 5,190,150 predictions")
        .contains("Today's worst cost anomalies")
        .contains("Cost anomalies and what those days cost")
        .contains("Cost anomalies with failing jobs");
  }

  @Test
  @Order(2)
  void writesRunResultsForProgramsAndPeople() throws IOException {
    Path run = onlyRun();
    JsonNode results = new ObjectMapper().readTree(run.resolve("run_results.json").toFile());
    assertThat(results.get("statuses").get("SUCCESS").asInt()).isEqualTo(25);
    assertThat(results.get("rows").asLong()).isEqualTo(5_190_150);
    JsonNode anomaly = results.get("models").get(0);
    assertThat(anomaly.get("model_name").asText()).isEqualTo("cost_anomaly_detector");
    assertThat(anomaly.get("model_version").asInt()).isEqualTo(2);
    assertThat(anomaly.get("model_digest").asText()).hasSize(64);
    assertThat(anomaly.get("tables_read").get("main.ml.cost_features").asLong()).isZero();
    assertThat(anomaly.get("statistics").get("lookups").get(0).get("matched").asLong())
        .isEqualTo(2_740);
    assertThat(PackagedProgram.text(run.resolve("report.html")))
        .contains("25 of 25 models committed");
  }

  private static Path onlyRun() throws IOException {
    try (Stream<Path> runs = Files.list(DEMO.folder().resolve(".scorebatch/runs"))) {
      return runs.sorted().findFirst().orElseThrow();
    }
  }

  @Test
  @Order(3)
  void hasOneRowForEachDistinctKey() {
    for (ModelSpec model : models()) {
      Optional<String> features = model.keys().featureTable();
      if (features.isEmpty()) {
        continue;
      }
      String keys = String.join(", ", model.keys().idColumns());
      Map<String, @Nullable Object> counts =
          DEMO.sql(
                  "SELECT (SELECT count(*) FROM (SELECT DISTINCT "
                      + keys
                      + " FROM main.ml."
                      + features.get()
                      + ")) AS wanted, (SELECT count(*) FROM main.ml."
                      + model.write().table()
                      + ") AS rows, (SELECT count(*) FROM (SELECT DISTINCT "
                      + keys
                      + " FROM main.ml."
                      + model.write().table()
                      + ")) AS keys,"
                      + " (SELECT count(*) FROM main.ml."
                      + model.write().table()
                      + " WHERE prediction IS NULL OR isnan(prediction)) AS empty")
              .get(0);
      assertThat(counts.get("rows")).as(model.modelName()).isEqualTo(counts.get("wanted"));
      assertThat(counts.get("keys")).as(model.modelName()).isEqualTo(counts.get("wanted"));
      assertThat(counts.get("empty")).as(model.modelName()).isEqualTo(0L);
    }
  }

  /**
   * The goldens were written by Python with NumPy's AVX-512 loops switched off (reference.json says
   * so), so that its exp and pow are glibc's: every cell is equal bit for bit.
   */
  @Test
  @Order(4)
  void equalsPythonBitForBit() throws IOException {
    JsonNode reference =
        new ObjectMapper()
            .readTree(
                Fixtures.root().resolve("examples/health-monitor/golden/reference.json").toFile());
    assertThat(reference.get("numpy_avx512").asBoolean()).isFalse();
    int cells = 0;
    for (ModelSpec model : models()) {
      cells +=
          new Golden(model.modelName(), model.keys().idColumns())
              .compare(DEMO, model.write().table());
    }
    assertThat(cells).isGreaterThan(20_000);
  }

  @Test
  @Order(5)
  void isReadByDeltalakeWithTheDocumentedSchema() {
    PythonEnvironment python =
        PythonEnvironment.require(
            Fixtures.root().resolve("e2e/src/test/python/requirements.txt"), NightTest.class);
    String out =
        python.run(
            Fixtures.root().resolve("e2e/src/test/python/read_predictions.py"),
            DEMO.folder().toString());
    assertThat(out).contains("25 prediction tables, 5190150 rows");
  }

  @Test
  @Order(6)
  void replacesATableInOneVersionAndKeepsTheOldRowsReadable() {
    PackagedProgram.Result second =
        PackagedProgram.run(
            DEMO.folder(),
            "run",
            "--select",
            "cost_anomaly_detector,tag_recommender,data_drift_detector",
            "--quiet");
    assertThat(second.err()).isEmpty();
    assertThat(second.exitCode()).isZero();
    assertThat(second.out()).contains("3 of 3 models committed");
    try (DirectoryCatalog tables = DirectoryCatalog.open(DEMO.folder().resolve("warehouse"))) {
      TableName name = new TableName("main", "ml", "cost_anomaly_predictions");
      TableSnapshot before = tables.snapshot(name, 0);
      TableSnapshot after = tables.snapshot(name);
      assertThat(after.version()).isEqualTo(1);
      assertThat(before.rows()).hasValue(2_740);
      assertThat(after.rows()).hasValue(2_740);
      assertThat(after.files()).doesNotContainAnyElementsOf(before.files());
      assertThat(before.files()).allMatch(f -> Files.exists(Path.of(f.path())));
      assertThat(after.comment())
          .isEqualTo(
              "Predictions of model main.ml.cost_anomaly_detector version 2"
                  + " (anomaly_detection), one row per workspace_id, usage_date."
                  + " Written by Scorebatch.");
      assertThat(after.schema().find("is_anomaly").orElseThrow().comment())
          .isEqualTo("1 where prediction is below 0, else 0.");
    }
  }
}
