package io.scorebatch.artifact;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.LoggedModel;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.ModelReader;
import io.scorebatch.artifact.mlmodel.MlModelFile;
import java.nio.file.Path;

/**
 * Reads what MLflow stored: the {@code MLmodel} file, the feature metadata, and the weights as
 * data. Immutable and thread-safe.
 */
public final class ArtifactReader implements ModelReader {
  @Override
  public ModelPackage read(Path given) {
    ArtifactFolder folder = ArtifactFolder.withMlModel(given);
    LoggedModel logged =
        MlModelFile.parse(ArtifactFolder.text(folder.resolve("MLmodel")), folder.root());
    return unsupported(logged.folder());
  }

  /**
   * Reads a model file that lies outside any MLflow folder: {@code .pkl .joblib .skops .ubj .json
   * .txt .lgb}.
   */
  public ModelPackage readFile(Path file) {
    return unsupported(file);
  }

  private static ModelPackage unsupported(Path path) {
    throw ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED, "'" + path + "' has no reader.", "", "");
  }
}
