package io.scorebatch.remote;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import org.jspecify.annotations.Nullable;

/**
 * All failures of talking to a server or store. Messages hold no secrets. Immutable.
 *
 * @param place which one, such as {@code MLflow server http://host:5000}
 * @param code the code of the problem that it cannot be used
 */
record ServiceErrors(String place, ErrorCode code) {
  ScorebatchException unreadable(String why, String fix, @Nullable Throwable cause) {
    return new ScorebatchException(
        new Problem(code, "The " + place + " cannot be read.", why, fix), cause);
  }

  ScorebatchException unreachable(String call, String why, int tries, @Nullable Throwable cause) {
    return unreadable(
        "It did not answer " + call + ": " + why + " (" + tries(tries) + ").",
        "check the address, that the server runs and that this machine reaches it.",
        cause);
  }

  ScorebatchException tooSlow(String call, long seconds, int tries) {
    return unreadable(
        "It did not answer " + call + " within " + seconds + " s (" + tries(tries) + ").",
        "try again later, or allow more with MLFLOW_HTTP_REQUEST_TIMEOUT (seconds).",
        null);
  }

  ScorebatchException tls(String why, Throwable cause) {
    return unreadable(
        "Its certificate is not trusted: " + why + ".",
        "name the certificate of its issuer with MLFLOW_TRACKING_SERVER_CERT_PATH (PEM).",
        cause);
  }

  ScorebatchException failing(String call, int status, String said, int tries) {
    return unreadable(
        "It answered " + call + " with " + status + said(said) + " (" + tries(tries) + ").",
        status == 429
            ? "ask less often, or try again later."
            : "look into the server's log, or try again later.",
        null);
  }

  ScorebatchException unauthorized(
      int status, Credentials credentials, String said, String variables) {
    boolean asked = credentials.header().isPresent();
    return unreadable(
        asked
            ? "It refused " + credentials.description() + " with " + status + said(said) + "."
            : "It wants to know who asks: " + status + said(said) + ".",
        asked
            ? "renew it if it has expired, and check what its owner may do."
            : "set " + variables + ".",
        null);
  }

  ScorebatchException refused(String call, int status, String said) {
    return unreadable(
        "It refused " + call + " with " + status + said(said) + ".",
        status == 404
            ? "check that the address is that of such a server, without a page's path behind it."
            : "check the address and the version of the server.",
        null);
  }

  ScorebatchException redirected(String call, int status, String where) {
    return unreadable(
        "It answered "
            + call
            + " with "
            + status
            + " and sends us to "
            + where
            + "; credentials are not carried to another address.",
        "name that address instead, if it is right.",
        null);
  }

  ScorebatchException notUnderstood(String call, String why) {
    return unreadable(
        "Its answer to " + call + " cannot be read: " + why + ".",
        "check that the address is that of such a server.",
        null);
  }

  static ScorebatchException setting(String name, String why, String fix) {
    return ScorebatchException.of(
        ErrorCode.USAGE, "Setting " + name + " cannot be used.", why, fix);
  }

  static ScorebatchException addressInvalid(String uri, String why, String fix) {
    return ScorebatchException.of(ErrorCode.USAGE, "'" + uri + "' cannot be used.", why, fix);
  }

  ScorebatchException interrupted(@Nullable Throwable cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.INTERRUPTED,
            "Work with the " + place + " was interrupted.",
            "",
            "run again."),
        cause);
  }

  private static String tries(int tries) {
    return tries == 1 ? "1 try" : tries + " tries";
  }

  private static String said(String said) {
    return said.isBlank() ? "" : ", saying: " + said.strip().replaceAll("[.\\s]+$", "");
  }
}
