package io.scorebatch.artifact.write;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;

/** What can go wrong when a model is written. */
final class WriteErrors {
  private WriteErrors() {}

  static ScorebatchException exists(Path folder) {
    return ScorebatchException.of(
        ErrorCode.FILE_UNREADABLE,
        "'" + folder + "' exists already.",
        "A model is written as a whole, never into files that are there.",
        "name a new folder.");
  }

  static ScorebatchException failed(Path folder, IOException cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.FILE_UNREADABLE,
            "The model cannot be written to '" + folder + "'.",
            "The system says: " + cause + ".",
            "check that the disk has room and that the folder may be written."),
        cause);
  }

  static ScorebatchException noPythonFunction(Path folder, Collection<String> flavors) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "The model in '" + folder + "' has the flavors " + String.join(", ", flavors) + ".",
        "Feature metadata is for models with python_function, which is how they are called.",
        "log the model with a flavor that has python_function.");
  }

  static ScorebatchException noFlavor(Path file, String format) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "'" + file + "' (" + format + ") cannot be made an MLflow model here.",
        "There is no flavor for such a file.",
        "log the model with MLflow and name its folder or URI.");
  }
}
