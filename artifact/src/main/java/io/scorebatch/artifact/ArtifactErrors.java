package io.scorebatch.artifact;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What can be wrong with an artifact folder. */
final class ArtifactErrors {
  private ArtifactErrors() {}

  static ScorebatchException missingFolder(Path folder, List<String> around) {
    return ScorebatchException.of(
        ErrorCode.MODEL_ARTIFACT_MISSING,
        "There is no model folder '" + folder + "'.",
        around.isEmpty() ? "Its parent does not exist either." : "Beside it lie: " + list(around),
        "check the model's artifact location.");
  }

  static ScorebatchException noMlModel(Path folder, List<String> names) {
    return ScorebatchException.of(
        ErrorCode.MODEL_ARTIFACT_MISSING,
        "There is no MLmodel file in '" + folder + "', nor in an only child of it.",
        names.isEmpty() ? "The folder is empty." : "The folder holds: " + list(names),
        "point to the folder that holds the MLmodel file.");
  }

  static ScorebatchException notAFolder(Path path) {
    return ScorebatchException.of(
        ErrorCode.MODEL_ARTIFACT_MISSING,
        "'" + path + "' is a file where a model folder belongs.",
        "",
        "point to the folder that holds the MLmodel file.");
  }

  static ScorebatchException missingFile(Path root, String name, Path shown, List<String> names) {
    return ScorebatchException.of(
        ErrorCode.MODEL_ARTIFACT_MISSING,
        "The model in '" + root + "' names the file '" + name + "', which is not there.",
        names.isEmpty() ? "'" + shown + "' is empty." : "'" + shown + "' holds: " + list(names),
        "copy the whole artifact folder, or log the model again.");
  }

  static ScorebatchException pathEscapes(Path root, String name) {
    return ScorebatchException.of(
        ErrorCode.MODEL_REFUSED,
        "The model in '" + root + "' names the path '" + name + "', which is refused.",
        "It leads out of the model's folder.",
        "put the file inside the folder and name it by its relative path.");
  }

  static ScorebatchException notText(Path file) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNREADABLE,
        "'" + file + "' is not text in UTF-8.",
        "",
        "log the model again, or restore the file from where it was logged.");
  }

  static ScorebatchException unreadable(Path path, IOException cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.FILE_UNREADABLE,
            "'" + path + "' cannot be read.",
            "The system says: " + cause + ".",
            "check that the path is there and may be read."),
        cause);
  }

  private static String list(List<String> names) {
    return String.join(", ", names) + ".";
  }
}
