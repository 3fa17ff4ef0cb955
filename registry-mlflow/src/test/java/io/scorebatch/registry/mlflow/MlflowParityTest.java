package io.scorebatch.registry.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.testing.PythonEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same store, asked by real MLflow and by us. */
class MlflowParityTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"sqlite, sqlite:///FOLDER/mlflow.db", "file, file://FOLDER/mlruns"})
  void findsTheFilesThatMlflowFinds(String kind, String uri) {
    PythonEnvironment python = MlflowStores.environment(MlflowParityTest.class);
    Path store = folder.resolve("store");
    python.run(MlflowStores.python("write_store.py"), kind, store.toString());
    String registryUri = uri.replace("FOLDER", store.toString());
    Map<String, String> ours = new TreeMap<>();
    try (ModelRegistry registry = MlflowRegistries.open(registryUri, Stores.settings(folder))) {
      ResolvedModel first = registry.resolve("models:/main.ml.churn/1");
      List<String> uris =
          new ArrayList<>(
              List.of(
                  "models:/main.ml.churn/1",
                  "models:/main.ml.churn/2",
                  "models:/main.ml.churn/5",
                  "models:/main.ml.churn/10",
                  "models:/main.ml.churn/99",
                  "models:/main.ml.churn/latest",
                  "models:/main.ml.churn/Production",
                  "models:/main.ml.churn/Staging",
                  "models:/main.ml.churn@champion",
                  "models:/main.ml.churn@challenger",
                  "models:/main.ml.churn@nobody",
                  "models:/main.ml.chum/1",
                  "models:/two words/1",
                  "models:/copied/1",
                  "models:/empty/1"));
      uris.add("models:/" + first.modelId());
      uris.add("runs:/" + first.runId() + "/model");
      uris.add("runs:/" + first.runId() + "/nothing");
      for (String each : uris) {
        ours.put(each, answer(registry, each));
      }
    }
    List<String> arguments = new ArrayList<>(List.of(registryUri));
    arguments.addAll(ours.keySet());
    String said = python.run(MlflowStores.python("ask_store.py"), arguments.toArray(new String[0]));
    Map<String, String> theirs = new TreeMap<>();
    for (String line : said.split("\\R")) {
      String[] parts = line.split("\t", -1);
      if (parts.length == 2) {
        theirs.put(parts[0], parts[1]);
      }
    }
    assertThat(ours).isEqualTo(theirs);
    assertThat(ours.values()).filteredOn(each -> each.equals("none")).hasSize(5);
  }

  private static String answer(ModelRegistry registry, String uri) {
    try {
      byte[] model = Files.readAllBytes(registry.resolve(uri).folder().resolve("model.pkl"));
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(model));
    } catch (ScorebatchException e) {
      return "none";
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
