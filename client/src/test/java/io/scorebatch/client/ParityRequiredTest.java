package io.scorebatch.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.run.ModelResult;
import io.scorebatch.api.run.ModelStatus;
import io.scorebatch.api.run.RunListener;
import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParityRequiredTest {
  private static final String MODEL = "mlflow-3.17.2/sklearn-forest-strings/model";
  private static final String PYFUNC = "mlflow-3.17.2/pyfunc-pickle/model";

  @TempDir private Path folder;
  private Connections connections = Connections.fromEnvironment();

  @BeforeEach
  void makeRows() {
    connections =
        connections
            .withoutStores()
            .withTables(folder.toString())
            .withNames("main", "ml")
            .withPython(new Python(false, Optional.empty()))
            .withCertificates(folder.resolve("certificates"));
    try (FeatureEngineeringClient client = FeatureEngineeringClient.connect(connections)) {
      client.createTable(
          new TableDefinition("main.ml.rows", List.of("id"), null, "Rows.", Map.of()),
          "SELECT i AS id, 0.1*i AS f0, 1.0*i AS f1, 2.0 AS f2, 0.0 AS f3, -1.0*i AS f4"
              + " FROM range(10) AS t(i)");
    }
  }

  @Test
  void refusesModelsWithoutACertificateUntilTheyAreVerified() throws IOException {
    ModelResult refused = run(MODEL, "parity: required");
    assertThat(refused.status()).isEqualTo(ModelStatus.FAILED);
    assertThat(refused.problems().get(0).message())
        .startsWith("SB-0308 Model 'm' has no parity certificate.")
        .contains("run 'scorebatch verify " + Fixtures.fixture(MODEL));

    String row = "{\"f0\":0,\"f1\":0,\"f2\":0,\"f3\":0,\"f4\":0,\"predict\":\"%s\"}\n";
    String label = "wrong";
    verify(String.format(java.util.Locale.ROOT, row, label));
    assertThat(run(MODEL, "parity: required").problems().get(0).what())
        .isEqualTo("Model 'm' has a certificate that says DIFFERENT.");

    Certificate shown = verify(String.format(java.util.Locale.ROOT, row, "?"));
    String worst = shown.kinds().get(0).worst();
    label = worst.substring(worst.indexOf(": ") + 2, worst.indexOf(", Python"));
    verify(String.format(java.util.Locale.ROOT, row, label));
    ModelResult scored = run(MODEL, "parity: required");
    assertThat(scored.problems()).isEmpty();
    assertThat(scored.status()).isEqualTo(ModelStatus.SUCCESS);
    assertThat(scored.rows()).isEqualTo(10);
  }

  @Test
  void parityIsOptionalUnlessAskedFor() throws IOException {
    assertThat(run(MODEL, "parity: optional").status()).isEqualTo(ModelStatus.SUCCESS);
    assertThat(run(MODEL, "domain: COST").status()).isEqualTo(ModelStatus.SUCCESS);
  }

  @Test
  void saysHowPythonIsAllowed() throws IOException {
    ModelResult denied = run(PYFUNC, "python: deny");
    assertThat(denied.status()).isEqualTo(ModelStatus.FAILED);
    assertThat(denied.problems().get(0).message())
        .contains("the pipeline does not allow Python for it")
        .contains("Its flavors (python_function) are none that Scorebatch reads itself.")
        .contains("'python: allow'")
        .contains("--allow-python");
    assertThat(run(PYFUNC, "domain: COST").problems().get(0).message())
        .contains("the pipeline does not allow Python for it");
  }

  private Certificate verify(String row) throws IOException {
    Path rows = folder.resolve("rows.jsonl");
    Files.writeString(rows, row);
    return Verification.of(connections, Fixtures.fixture(MODEL).toString())
        .over(rows)
        .run()
        .certificate();
  }

  private ModelResult run(String model, String setting) throws IOException {
    Path file = folder.resolve("pipeline.yaml");
    Files.writeString(
        file,
        String.format(
            java.util.Locale.ROOT,
            """
            version: 1
            catalog: main
            schema: ml
            tables: .
            models:
              - model_name: m
                model_uri: %s
                scoring: manual
                source: rows
                id_columns: [id]
                output_table: predictions
                model_type: raw
                %s
            """,
            Fixtures.fixture(model),
            setting));
    return Pipeline.load(file, connections.withoutStores(), null)
        .run(Pipeline.Options.all(), RunListener.SILENT)
        .models()
        .get(0);
  }
}
