package io.scorebatch.registry.mlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.registry.ResolvedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same questions to every kind of local store, in the versions of MLflow that wrote them. */
class LocalStoreTest {
  @TempDir Path folder;

  static List<String> stores() {
    return Stores.names();
  }

  private ModelRegistry open(String store) {
    Stores.copy(store, folder);
    return MlflowRegistries.open(
        store.startsWith("sqlite") ? "sqlite:///mlflow.db" : "mlruns", Stores.settings(folder));
  }

  @ParameterizedTest
  @MethodSource("stores")
  void findsAVersionByNumber(String store) {
    try (ModelRegistry registry = open(store)) {
      ResolvedModel model = registry.resolve("models:/main.ml.churn/2");
      assertThat(model.uri()).isEqualTo("models:/main.ml.churn/2");
      assertThat(model.name()).isEqualTo("main.ml.churn");
      assertThat(model.version()).hasValue(2);
      assertThat(model.folder().resolve("MLmodel")).isRegularFile();
      assertThat(model.folder().toString()).contains(store.contains("3.17") ? "/m-" : "/model");
      assertThat(model.runId()).matches("[0-9a-f]{32}");
      if (store.contains("3.17")) {
        assertThat(model.modelId()).matches("m-[0-9a-f]{32}");
        assertThat(model.folder().toString()).contains(model.modelId());
      } else {
        assertThat(model.modelId()).isNull();
        assertThat(model.folder().toString()).contains(model.runId());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("stores")
  void saysThatAStoreWasMoved(String store) {
    try (ModelRegistry registry = open(store)) {
      ResolvedModel model = registry.resolve("models:/main.ml.churn/2");
      assertThat(model.source())
          .contains("/srv/registry-fixtures/" + store + "/mlruns/")
          .endsWith("(moved to " + model.folder() + ")");
      assertThat(model.folder()).startsWith(folder);
    }
  }

  @ParameterizedTest
  @MethodSource("stores")
  void takesTheHighestNumberForLatest(String store) {
    try (ModelRegistry registry = open(store)) {
      assertThat(registry.resolve("models:/main.ml.churn/latest").version()).hasValue(11);
    }
  }

  @ParameterizedTest
  @MethodSource("stores")
  void pinsTheVersionThatAnAliasPointsAt(String store) {
    try (ModelRegistry registry = open(store)) {
      assertThat(registry.resolve("models:/main.ml.churn@champion").version()).hasValue(2);
      assertThat(registry.resolve("models:/main.ml.churn@challenger").version()).hasValue(10);
    }
  }

  @ParameterizedTest
  @MethodSource("stores")
  void takesTheHighestVersionInAStage(String store) {
    try (ModelRegistry registry = open(store)) {
      assertThat(registry.resolve("models:/main.ml.churn/Production").version()).hasValue(3);
      assertThat(registry.resolve("models:/main.ml.churn/staging").version()).hasValue(4);
      assertThat(registry.resolve("models:/main.ml.churn/Archived").version()).hasValue(1);
    }
  }

  @ParameterizedTest
  @MethodSource("stores")
  void findsTheModelThatARunLogged(String store) {
    try (ModelRegistry registry = open(store)) {
      ResolvedModel registered = registry.resolve("models:/main.ml.churn/1");
      ResolvedModel model = registry.resolve("runs:/" + registered.runId() + "/model/.");
      assertThat(model.folder()).isEqualTo(registered.folder());
      assertThat(model.name()).isEqualTo("model");
      assertThat(model.version()).isEmpty();
      assertThat(model.runId()).isEqualTo(registered.runId());
      assertThat(model.modelId()).isEqualTo(registered.modelId());
    }
  }

  @ParameterizedTest
  @MethodSource("stores")
  void findsAModelByItsId(String store) {
    try (ModelRegistry registry = open(store)) {
      ResolvedModel registered = registry.resolve("models:/main.ml.churn/1");
      if (registered.modelId() != null) {
        ResolvedModel model = registry.resolve("models:/" + registered.modelId());
        assertThat(model.folder()).isEqualTo(registered.folder());
        assertThat(model.name()).isEqualTo("model");
        assertThat(model.version()).isEmpty();
        assertThat(model.runId()).isEqualTo(registered.runId());
      }
      assertFailure(
          () -> registry.resolve("models:/m-00000000000000000000000000000000"),
          ErrorCode.MODEL_NOT_FOUND,
          "No model has the id 'm-00000000000000000000000000000000' in the MLflow ");
    }
  }

  @ParameterizedTest
  @MethodSource("stores")
  void findsNamesWithSpacesAndModelsFromPlainFolders(String store) {
    try (ModelRegistry registry = open(store)) {
      assertThat(registry.resolve("models:/two%20words/1").name()).isEqualTo("two words");
      ResolvedModel copied = registry.resolve("models:/copied/1");
      assertThat(copied.folder()).isEqualTo(folder.toRealPath().resolve("exported/nightly"));
      assertThat(copied.runId()).isNull();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @MethodSource("stores")
  void suggestsNamesNearToAnUnknownOneAndCountsWhatThereIs(String store) {
    try (ModelRegistry registry = open(store)) {
      assertFailure(
          () -> registry.resolve("models:/main.ml.churm/1"),
          ErrorCode.MODEL_NOT_FOUND,
          "SB-0201 Model 'main.ml.churm' is not in the " + registry.description() + ".",
          "5 models are registered there: copied, empty, main.ml.chum, main.ml.churn, two words.",
          "Fix: did you mean 'main.ml.chum' or 'main.ml.churn'?");
      assertFailure(
          () -> registry.resolve("models:/main.ml.churm@champion"),
          ErrorCode.MODEL_NOT_FOUND,
          "did you mean");
      assertFailure(
          () -> registry.resolve("models:/..%2F..%2Fetc/latest"),
          ErrorCode.MODEL_NOT_FOUND,
          "Model '../../etc' is not in the ");
    }
  }

  @ParameterizedTest
  @MethodSource("stores")
  void listsTheVersionsWhereOneIsUnknownOrDeleted(String store) {
    try (ModelRegistry registry = open(store)) {
      for (int version : new int[] {5, 12}) {
        assertFailure(
            () -> registry.resolve("models:/main.ml.churn/" + version),
            ErrorCode.MODEL_VERSION_NOT_FOUND,
            "Model 'main.ml.churn' has no version " + version + " in the MLflow ",
            "It has versions 11, 10, 9, 8, 7, 6, 4, 3, 2, 1; deleted versions do not count.");
      }
      assertFailure(
          () -> registry.resolve("models:/empty/latest"),
          ErrorCode.MODEL_VERSION_NOT_FOUND,
          "Model 'empty' has no versions in the MLflow ");
      assertFailure(
          () -> registry.resolve("models:/empty/1"),
          ErrorCode.MODEL_VERSION_NOT_FOUND,
          "Model 'empty' has no versions in the MLflow ");
    }
  }

  @ParameterizedTest
  @MethodSource("stores")
  void listsTheAliasesWhereOneIsUnknown(String store) {
    try (ModelRegistry registry = open(store)) {
      assertFailure(
          () -> registry.resolve("models:/main.ml.churn@champoin"),
          ErrorCode.MODEL_ALIAS_NOT_FOUND,
          "Model 'main.ml.churn' has no alias 'champoin' in the MLflow ",
          "It has challenger (version 10), champion (version 2).",
          "Fix: did you mean 'champion'?");
      assertFailure(
          () -> registry.resolve("models:/copied@champion"),
          ErrorCode.MODEL_ALIAS_NOT_FOUND,
          "It has no aliases.");
    }
  }

  @ParameterizedTest
  @MethodSource("stores")
  void listsTheStagesWhereOneIsNotInUse(String store) {
    try (ModelRegistry registry = open(store)) {
      assertFailure(
          () -> registry.resolve("models:/main.ml.churn/Prodution"),
          ErrorCode.MODEL_VERSION_NOT_FOUND,
          "has no version in stage 'Prodution'",
          "Stages in use: Archived, None, Production, Staging; versions: ",
          "Fix: did you mean 'Production'?");
      assertFailure(
          () -> registry.resolve("models:/main.ml.churn/champion"),
          ErrorCode.MODEL_VERSION_NOT_FOUND,
          "Fix: 'champion' is an alias: write models:/main.ml.churn@champion.");
    }
  }

  @ParameterizedTest
  @MethodSource("stores")
  void saysWhatWasTriedAndWhatIsThereWhereFilesAreGone(String store) throws IOException {
    try (ModelRegistry registry = open(store)) {
      ResolvedModel model = registry.resolve("models:/main.ml.churn/2");
      try (Stream<Path> files = Files.walk(model.folder())) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Files.delete(file);
        }
      }
      Files.writeString(model.folder().resolve("left.txt"), "");
      assertFailure(
          () -> registry.resolve("models:/main.ml.churn/2"),
          ErrorCode.MODEL_ARTIFACT_MISSING,
          "SB-0204 No MLmodel file was found for 'models:/main.ml.churn/2' (model 'main.ml.churn'"
              + " version 2).",
          "(does not exist; /",
          model.folder() + " (holds left.txt)",
          "Fix: copy the model's files to one of these places");
    }
  }

  @ParameterizedTest
  @MethodSource("stores")
  void saysThatARunIsUnknown(String store) {
    try (ModelRegistry registry = open(store)) {
      assertFailure(
          () -> registry.resolve("runs:/00000000000000000000000000000000/model"),
          ErrorCode.MODEL_NOT_FOUND,
          "No run has the id '00000000000000000000000000000000' in the MLflow ");
      String run = registry.resolve("models:/main.ml.churn/1").runId();
      assertFailure(
          () -> registry.resolve("runs:/" + run + "/notes"),
          ErrorCode.MODEL_ARTIFACT_MISSING,
          "notes (holds readme.txt)");
    }
  }

  static void assertFailure(ThrowingCallable call, ErrorCode code, String... parts) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ScorebatchException.class,
            failure -> assertThat(failure.problem().code()).isEqualTo(code))
        .hasMessageContainingAll(parts);
  }
}
