package io.scorebatch.artifact;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.LoggedModel;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.ModelReader;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.spec.FeatureSpec;
import io.scorebatch.artifact.mlmodel.MlModelFile;
import io.scorebatch.artifact.model.NativeModel;
import io.scorebatch.artifact.spec.FeatureSpecParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads what MLflow stored: the {@code MLmodel} file, the feature metadata, and the weights as
 * data. Nothing in a folder is executed, and no name in it leads out of it. Immutable and
 * thread-safe.
 *
 * <p>Feature metadata is found in the layout of Databricks' feature engineering client ({@code
 * data/feature_store/feature_spec.yaml}, weights in {@code raw_model}) and beside a plain MLmodel.
 * Inputs are named by the weights; where those hold no names, by the feature spec's included
 * columns in their order, else by the signature.
 *
 * <p>A model that only Python can score (a flavor or class without a native reader, a pickle that
 * names something unknown) is answered as a {@link io.scorebatch.api.model.ForeignModel} with the
 * runtime {@code python}; its attribute {@code reason} says why.
 */
public final class ArtifactReader implements ModelReader {
  private static final String FEATURE_STORE_LOADER = "databricks.feature_store.mlflow_model";
  private static final String SPEC = "feature_spec.yaml";

  /**
   * Reads the model in a folder that holds an MLmodel file, or whose only child does.
   *
   * @throws ScorebatchException {@code MODEL_ARTIFACT_MISSING} listing what is there, {@code
   *     MODEL_UNREADABLE}, {@code MODEL_UNSUPPORTED}, {@code MODEL_REFUSED}, or {@code
   *     FEATURE_SPEC_INVALID}, {@code FEATURE_SPEC_UNSUPPORTED}, {@code FEATURE_SPEC_MISSING}
   */
  @Override
  public ModelPackage read(Path given) {
    ArtifactFolder folder = ArtifactFolder.withMlModel(given);
    LoggedModel logged = mlModel(folder);
    List<String> notes = new ArrayList<>();
    ArtifactFolder scoredFolder = folder;
    LoggedModel scored = logged;
    Optional<FeatureSpec> spec;
    if (FEATURE_STORE_LOADER.equals(logged.loaderModule())) {
      ArtifactFolder store = folder.folder(featureStorePath(logged));
      if (store.find(SPEC).isEmpty()) {
        throw ArtifactErrors.noFeatureSpec(store.root());
      }
      spec = spec(store, notes);
      scoredFolder = store.folder("raw_model");
      if (scoredFolder.find("MLmodel").isEmpty()) {
        throw ArtifactErrors.noMlModel(
            scoredFolder.root(), ArtifactFolder.names(scoredFolder.root()));
      }
      scored = mlModel(scoredFolder);
    } else {
      spec = spec(folder, notes);
    }
    if (logged.signature().isEmpty() && scored.signature().isEmpty()) {
      notes.add(
          "The model has no signature; "
              + (spec.isPresent()
                  ? "its inputs are those of feature_spec.yaml."
                  : "its inputs are those stored with its weights."));
    }
    InputNames names = InputNames.of(spec, scored, logged);
    NativeModel read = new FlavorReader(scoredFolder, scored, names).read();
    notes.addAll(read.notes());
    Model model = names.apply(read.model());
    return complete(folder, logged, scored, spec, model, notes);
  }

  /**
   * Reads a model file that lies outside any MLflow folder. Its content tells the format: pickle or
   * joblib, skops, XGBoost JSON or UBJSON, LightGBM text.
   *
   * @param file the file
   * @throws ScorebatchException as {@link #read}
   */
  public ModelPackage readFile(Path file) {
    return readFile(file, null, null);
  }

  /**
   * As {@link #readFile(Path)}, where more is known than the file holds.
   *
   * @param file the file
   * @param className the Python class an XGBoost file is to be used as, as {@code model_class} of
   *     an MLmodel; null for {@code xgboost.core.Booster}
   * @param textColumns all input columns that hold text; null where that is not known. Read for
   *     LightGBM models with pandas categories
   */
  public ModelPackage readFile(
      Path file, @Nullable String className, @Nullable Set<String> textColumns) {
    if (!Files.isRegularFile(file)) {
      throw ArtifactErrors.noModelFile(file);
    }
    NativeModel read = ModelFile.read(file, className, textColumns);
    Path parent = file.toAbsolutePath().getParent();
    LoggedModel logged =
        new LoggedModel(
            parent == null ? file : parent,
            null,
            null,
            Map.of(),
            Optional.empty(),
            null,
            null,
            null);
    try {
      FolderDigest digest = FolderDigest.ofFile(file);
      return new ModelPackage(
          logged,
          logged,
          Optional.empty(),
          read.model(),
          Optional.of(OutputKind.PREDICT),
          read.notes(),
          digest.sha256(),
          digest.sizeBytes());
    } catch (IOException e) {
      throw ArtifactErrors.unreadable(file, e);
    }
  }

  private static LoggedModel mlModel(ArtifactFolder folder) {
    return MlModelFile.parse(ArtifactFolder.text(folder.resolve("MLmodel")), folder.root());
  }

  private static String featureStorePath(LoggedModel logged) {
    return logged
        .flavors()
        .getOrDefault("python_function", Map.of())
        .getOrDefault("data", "data/feature_store");
  }

  private static Optional<FeatureSpec> spec(ArtifactFolder folder, List<String> notes) {
    return folder
        .find(SPEC)
        .map(
            file -> {
              FeatureSpecParser.Parsed parsed =
                  FeatureSpecParser.parse(ArtifactFolder.text(file), file.toString());
              notes.addAll(parsed.notes());
              return parsed.spec();
            });
  }

  private static ModelPackage complete(
      ArtifactFolder folder,
      LoggedModel logged,
      LoggedModel scored,
      Optional<FeatureSpec> spec,
      Model model,
      List<String> notes) {
    Optional<OutputKind> output = pythonOutput(scored, model, notes);
    try {
      FolderDigest digest = FolderDigest.ofFolder(folder);
      return new ModelPackage(
          logged, scored, spec, model, output, notes, digest.sha256(), digest.sizeBytes());
    } catch (IOException e) {
      throw ArtifactErrors.unreadable(folder.root(), e);
    }
  }

  /** Only the sklearn flavor can be logged with another method than predict. */
  private static Optional<OutputKind> pythonOutput(
      LoggedModel scored, Model model, List<String> notes) {
    String function = scored.predictFn();
    boolean python =
        model.structure() instanceof ForeignModel foreign && foreign.runtime().equals("python");
    // Python obeys by itself.
    if (function == null || function.equals("predict") || python) {
      return Optional.of(OutputKind.PREDICT);
    }
    Optional<OutputKind> kind =
        OutputKind.parse(function).filter(k -> model.outputKinds().contains(k));
    if (kind.isEmpty()) {
      notes.add(
          "The model was logged to answer "
              + function
              + ", which is not computed here: ask for another output by output_kind.");
    }
    return kind;
  }

  /** Whether a failure to read weights leaves Python as a way to score the model. */
  static boolean leavesPython(ScorebatchException failure) {
    ErrorCode code = failure.problem().code();
    return code == ErrorCode.MODEL_UNSUPPORTED || code == ErrorCode.MODEL_REFUSED;
  }
}
