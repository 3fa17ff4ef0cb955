package io.scorebatch.artifact.mlmodel;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.artifact.yaml.YamlValue;
import org.jspecify.annotations.Nullable;

/** What can be wrong with an MLmodel file. */
final class MlModelErrors {
  private static final String FIX =
      "log the model again, or restore the file from where it was logged.";

  private MlModelErrors() {}

  static ScorebatchException noFlavors(String file, @Nullable YamlValue found) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNREADABLE,
        "'" + file + "' names no flavor.",
        found == null
            ? "It has no key 'flavors', so it does not say which library's model lies beside it."
            : "'flavors' is " + found.kind() + " without any entry.",
        FIX);
  }

  static ScorebatchException badSignature(String file, String why) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNREADABLE,
        "The signature in '" + file + "' cannot be read.",
        "In it, " + why + ".",
        FIX);
  }
}
