package io.scorebatch.remote;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * How a server is told who asks. Immutable.
 *
 * @param header value of the Authorization header; empty to ask without one
 * @param description for messages: which setting it came from, never its value
 * @param secrets what must not appear in any message
 */
public record Credentials(Optional<String> header, String description, List<String> secrets) {
  public static final Credentials NONE =
      new Credentials(Optional.empty(), "no credentials", List.of());

  public Credentials {
    requireNonNull(header, "header is null");
    requireNonNull(description, "description is null");
    secrets = List.copyOf(secrets);
  }

  public static Credentials bearer(String token, String description) {
    return new Credentials(Optional.of("Bearer " + token), description, List.of(token));
  }

  public static Credentials basic(String user, String password, String description) {
    String pair =
        Base64.getEncoder()
            .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    return new Credentials(Optional.of("Basic " + pair), description, List.of(password, pair));
  }

  /** A text with every secret in it replaced. */
  public String redact(String text) {
    String redacted = text;
    for (String secret : secrets) {
      if (!secret.isEmpty()) {
        redacted = redacted.replace(secret, "***");
      }
    }
    return redacted;
  }

  @Override
  public String toString() {
    return description;
  }
}
