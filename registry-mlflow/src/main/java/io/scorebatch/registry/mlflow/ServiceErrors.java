package io.scorebatch.registry.mlflow;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import org.jspecify.annotations.Nullable;

/** All failures of talking to a server. Messages hold no secrets. */
final class ServiceErrors {
  private ServiceErrors() {}

  static ScorebatchException unreachable(
      String server, String call, String why, int tries, @Nullable Throwable cause) {
    return RegistryErrors.unreadable(
        server,
        "It did not answer " + call + ": " + why + " (" + tries(tries) + ").",
        "check the address, that the server runs and that this machine reaches it.",
        cause);
  }

  static ScorebatchException tooSlow(String server, String call, long seconds, int tries) {
    return RegistryErrors.unreadable(
        server,
        "It did not answer " + call + " within " + seconds + " s (" + tries(tries) + ").",
        "try again later, or allow more with MLFLOW_HTTP_REQUEST_TIMEOUT (seconds).",
        null);
  }

  static ScorebatchException tls(String server, String why, Throwable cause) {
    return RegistryErrors.unreadable(
        server,
        "Its certificate is not trusted: " + why + ".",
        "name the certificate of its issuer with MLFLOW_TRACKING_SERVER_CERT_PATH (PEM).",
        cause);
  }

  static ScorebatchException failing(
      String server, String call, int status, String said, int tries) {
    return RegistryErrors.unreadable(
        server,
        "It answered " + call + " with " + status + said(said) + " (" + tries(tries) + ").",
        status == 429
            ? "ask less often, or try again later."
            : "look into the server's log, or try again later.",
        null);
  }

  static ScorebatchException unauthorized(
      String server, int status, Credentials credentials, String said, String variables) {
    boolean asked = credentials.header().isPresent();
    return RegistryErrors.unreadable(
        server,
        asked
            ? "It refused " + credentials.description() + " with " + status + said(said) + "."
            : "It wants to know who asks: " + status + said(said) + ".",
        asked
            ? "renew it if it has expired, and check that its owner may read models."
            : "set " + variables + ".",
        null);
  }

  static ScorebatchException refused(String server, String call, int status, String said) {
    return RegistryErrors.unreadable(
        server,
        "It refused " + call + " with " + status + said(said) + ".",
        status == 404
            ? "check that the address is that of such a server, without a page's path behind it."
            : "check the address and the version of the server.",
        null);
  }

  static ScorebatchException redirected(String server, String call, int status, String where) {
    return RegistryErrors.unreadable(
        server,
        "It answered "
            + call
            + " with "
            + status
            + " and sends us to "
            + where
            + "; credentials are not carried to another address.",
        "name that address as the registry, if it is right.",
        null);
  }

  static ScorebatchException notUnderstood(String server, String call, String why) {
    return RegistryErrors.unreadable(
        server,
        "Its answer to " + call + " cannot be read: " + why + ".",
        "check that the address is that of such a server.",
        null);
  }

  static ScorebatchException setting(String name, String why, String fix) {
    return ScorebatchException.of(
        ErrorCode.USAGE, "Setting " + name + " cannot be used.", why, fix);
  }

  static ScorebatchException interrupted(String server, @Nullable Throwable cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.INTERRUPTED,
            "Reading from the " + server + " was interrupted.",
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
        "allow more if a model may be that large.");
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

  private static String said(String said) {
    return said.isBlank() ? "" : ", saying: " + said.strip().replaceAll("[.\\s]+$", "");
  }
}
