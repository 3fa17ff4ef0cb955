package io.scorebatch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectionTest {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private Path folder;

  @Test
  void showsWhatAModelIsMadeOf() {
    Inspection found = inspect(Fixtures.fixture("sklearn-1.9.1/columns-boosting/model.pkl"));
    assertThat(String.join("\n", found.structure()))
        .isEqualTo(
            """
            Pipeline
              Union
                Branch
                  Select
                  Check
                  Impute
                  Check
                  Standardize
                Branch
                  Select
                  Check
                  OneHot
                Branch
                  Select
                  Check
                  MapCategories
                Branch
                  Select
              Check
              TreeEnsemble (4 trees, 60 nodes)""");
    assertThat(found.inputs())
        .containsEntry("region", "text")
        .containsEntry("cost", "number")
        .containsKey("visits");
  }

  @Test
  void takesTypesFromTheSignature() {
    Inspection found =
        inspect(Fixtures.fixture("mlflow-3.17.2/sklearn-forest-optional-column/model"));
    assertThat(found.inputs()).containsEntry("f0", "double");
    assertThat(found.inputs().values()).contains("double, optional");
  }

  @Test
  void saysWhyOnlyPythonCanScore() {
    Inspection found = inspect(Fixtures.fixture("mlflow-3.17.2/pyfunc-pickle/model"));
    assertThat(found.support()).isEqualTo(Inspection.Support.PYTHON);
    assertThat(found.why())
        .isEqualTo("Its flavors (python_function) are none that Scorebatch reads itself.");
  }

  @Test
  void saysWhatIsRefused() throws IOException {
    Path file = folder.resolve("model.pkl");
    Files.writeString(file, "cos\nsystem\n(S'true'\ntR.");
    Inspection found = inspect(file);
    assertThat(found.support()).isEqualTo(Inspection.Support.REFUSED);
    assertThat(found.why()).contains("os.system");
    assertThat(found.model()).isEmpty();
    assertThat(InspectionJson.print(found)).contains("\"support\" : \"refused\"");
  }

  @Test
  void failsWhereThereIsNoModel() {
    assertThatThrownBy(() -> inspect(folder.resolve("nothing")))
        .isInstanceOf(ScorebatchException.class);
  }

  @Test
  void listsTheFeatureTablesOfAModel() throws IOException {
    Path model = folder.resolve("model");
    try (Stream<Path> files =
        Files.list(Fixtures.fixture("mlflow-3.17.2/sklearn-forest-pickle/model"))) {
      Files.createDirectories(model);
      for (Path file : files.toList()) {
        Files.copy(file, model.resolve(file.getFileName().toString()));
      }
    }
    StringBuilder spec = new StringBuilder("input_columns:\n");
    spec.append(
        "- id:\n    data_type: long\n    include: false\n    source: training_data\n"
            + "    topological_ordering: 0\n");
    for (int i = 0; i < 5; i++) {
      spec.append("- f")
          .append(i)
          .append(":\n    data_type: double\n    feature_name: f")
          .append(i)
          .append("\n    include: true\n    lookup_key:\n    - id\n    output_name: f")
          .append(i)
          .append("\n    source: feature_store\n    table_name: main.ml.features\n")
          .append("    topological_ordering: 1\n");
    }
    spec.append("input_tables:\n- main.ml.features:\n    table_id: '1'\n");
    spec.append("serialization_version: 8\n");
    Files.writeString(model.resolve("feature_spec.yaml"), spec);
    JsonNode json = JSON.readTree(InspectionJson.print(inspect(model)));
    assertThat(json.at("/feature_spec/keys/0").asText()).isEqualTo("id");
    assertThat(json.at("/feature_spec/lookups").size()).isEqualTo(5);
    assertThat(json.at("/feature_spec/lookups/2/table").asText()).isEqualTo("main.ml.features");
    assertThat(json.at("/feature_spec/lookups/2/lookup_key/0").asText()).isEqualTo("id");
  }

  private Inspection inspect(Path model) {
    return FeatureEngineeringClient.inspect(
        Connections.fromEnvironment().withCertificates(folder.resolve("certificates")),
        model.toString());
  }
}
