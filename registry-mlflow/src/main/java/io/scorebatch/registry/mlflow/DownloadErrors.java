package io.scorebatch.registry.mlflow;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import org.jspecify.annotations.Nullable;

/** All failures of bringing a model's files here. Messages hold no secrets. */
final class DownloadErrors {
  private DownloadErrors() {}

  static ScorebatchException interrupted(String from, @Nullable Throwable cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.INTERRUPTED,
            "Reading from the " + from + " was interrupted.",
            "",
            "run again; what was downloaded is kept."),
        cause);
  }

  static ScorebatchException listingRefused(String from, String why) {
    return ScorebatchException.of(
        ErrorCode.MODEL_REFUSED,
        "The files at " + from + " were not downloaded.",
        why,
        "look at what the model's folder holds on its server.");
  }

  static ScorebatchException tooLarge(String from, long bytes, long most) {
    return ScorebatchException.of(
        ErrorCode.MODEL_REFUSED,
        "The files at " + from + " were not downloaded.",
        "They hold " + bytes + " bytes; at most " + most + " are allowed.",
        "allow more with SCOREBATCH_MAX_MODEL_BYTES, if a model may be that large.");
  }

  static ScorebatchException brokenDownload(
      String from, String file, String why, int tries, @Nullable Throwable cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.REGISTRY_UNREADABLE,
            "Downloading '" + file + "' from " + from + " did not succeed.",
            why + " (" + tries(tries) + " without a further byte).",
            "run again; what was downloaded is kept."),
        cause);
  }

  static ScorebatchException cacheUnusable(String folder, Exception cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.FILE_UNREADABLE,
            "The folder for downloaded models, " + folder + ", cannot be used.",
            cause.getClass().getSimpleName() + ": " + cause.getMessage() + ".",
            "make it writable, free space on its disk, or name another one."),
        cause);
  }

  private static String tries(int tries) {
    return tries == 1 ? "1 try" : tries + " tries";
  }
}
