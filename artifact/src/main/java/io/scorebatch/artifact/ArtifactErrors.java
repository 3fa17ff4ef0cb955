package io.scorebatch.artifact;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
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

  static ScorebatchException noModelFile(Path file) {
    return ScorebatchException.of(
        ErrorCode.MODEL_ARTIFACT_MISSING,
        "There is no model file '" + file + "'.",
        "",
        "check the path.");
  }

  static ScorebatchException tooLarge(Path file, long bytes) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "'" + file + "' has " + bytes + " bytes.",
        "Weights of more than 1 GiB are not read.",
        "log a smaller model, or score it with Python (python: allow).");
  }

  static ScorebatchException noFeatureSpec(Path folder) {
    return ScorebatchException.of(
        ErrorCode.FEATURE_SPEC_MISSING,
        "There is no feature_spec.yaml in '" + folder + "'.",
        "The MLmodel says that the model was logged with feature look-ups, which that file lists.",
        "log the model again with its training set.");
  }

  static ScorebatchException settingMissing(Path folder, String flavor, String key) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNREADABLE,
        "The flavor '" + flavor + "' in '" + folder.resolve("MLmodel") + "' has no '" + key + "'.",
        "It does not say which file holds the weights.",
        "log the model again, or restore the file from where it was logged.");
  }

  static ScorebatchException noKnownFlavor(Path folder, Collection<String> flavors) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "The model in '" + folder + "' has the flavors " + String.join(", ", flavors) + ".",
        "Scorebatch reads sklearn, xgboost and lightgbm itself, and Python scores whatever has"
            + " python_function.",
        "log the model with one of these flavors.");
  }

  static ScorebatchException inputCount(
      ErrorCode code, String folder, int inputs, List<String> names, String from) {
    return ScorebatchException.of(
        code,
        "The model in '"
            + folder
            + "' takes "
            + inputs
            + " inputs, "
            + from
            + " names "
            + names.size()
            + ": "
            + list(first(names)),
        "Its weights hold no names, so the columns cannot be matched to its inputs.",
        "log the model again with the columns it was trained on.");
  }

  static ScorebatchException inputsNotInSpec(
      String folder, Collection<String> missing, List<String> names) {
    return ScorebatchException.of(
        ErrorCode.FEATURE_SPEC_INVALID,
        "The model in '"
            + folder
            + "' takes the inputs "
            + String.join(", ", first(missing))
            + ", which feature_spec.yaml does not include.",
        "It includes: " + list(first(names)),
        "log the model again with the training set it was trained on.");
  }

  private static List<String> first(Collection<String> names) {
    List<String> first = new ArrayList<>(names.stream().limit(20).toList());
    if (names.size() > first.size()) {
      first.add("…");
    }
    return first;
  }

  private static String list(List<String> names) {
    return String.join(", ", names) + ".";
  }
}
