package io.scorebatch.artifact.write;

import static java.util.Objects.requireNonNull;

import io.scorebatch.api.model.Model;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A trained model that is to get feature metadata. Immutable. */
public sealed interface RawModel {
  /**
   * An MLflow model: copied as it is, all its files. A {@code feature_spec.yaml} beside its MLmodel
   * is left out, as another one takes its place.
   *
   * @param folder the folder with the MLmodel file
   */
  record Folder(Path folder) implements RawModel {
    public Folder {
      requireNonNull(folder, "folder is null");
    }
  }

  /**
   * A plain model file: it gets an MLmodel file of the flavor it belongs to.
   *
   * @param file a pickle, skops, XGBoost, LightGBM, CatBoost or ONNX file
   * @param model what the file holds, as it was read
   * @param modelClass the Python class an XGBoost file is used as; null for {@code
   *     xgboost.core.Booster}
   */
  record File(Path file, Model model, @Nullable String modelClass) implements RawModel {
    public File {
      requireNonNull(file, "file is null");
      requireNonNull(model, "model is null");
    }
  }
}
