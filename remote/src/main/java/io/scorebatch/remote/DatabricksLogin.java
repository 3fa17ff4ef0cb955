package io.scorebatch.remote;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A Databricks workspace and who asks it: the profile named in the URI; otherwise {@code
 * DATABRICKS_HOST} with {@code DATABRICKS_TOKEN} or {@code DATABRICKS_CLIENT_ID} and {@code
 * DATABRICKS_CLIENT_SECRET}; otherwise the profile {@code DATABRICKS_CONFIG_PROFILE} or {@code
 * DEFAULT}. Profiles are sections of {@code ~/.databrickscfg}, or of the file that {@code
 * DATABRICKS_CONFIG_FILE} names.
 *
 * @param source where it was found, for messages
 * @param values host, token, client_id, client_secret; the keys of a profile
 */
public record DatabricksLogin(String source, Map<String, String> values) {
  private static final Duration EARLY = Duration.ofMinutes(2);

  /**
   * @param uri {@code databricks}, {@code databricks-uc}, or either with {@code ://profile}
   */
  public static DatabricksLogin of(String uri, Environment environment) {
    String profile = uri.contains("://") ? uri.substring(uri.indexOf("://") + 3) : "";
    if (profile.contains(":") || (uri.contains(":") && profile.isEmpty())) {
      throw ServiceErrors.addressInvalid(
          uri,
          "It names no profile; secret scopes can be read inside of Databricks only.",
          "write databricks-uc://profile with a profile of ~/.databrickscfg.");
    }
    Map<String, String> variables = new LinkedHashMap<>();
    for (String key : new String[] {"host", "token", "client_id", "client_secret"}) {
      String value = environment.variable("DATABRICKS_" + key.toUpperCase(Locale.ROOT), "");
      if (!value.isEmpty()) {
        variables.put(key, value);
      }
    }
    if (profile.isEmpty() && variables.containsKey("host")) {
      return new DatabricksLogin("DATABRICKS_HOST", variables);
    }
    String file =
        environment.variable(
            "DATABRICKS_CONFIG_FILE",
            Path.of(System.getProperty("user.home"), ".databrickscfg").toString());
    Map<String, Map<String, String>> profiles =
        IniFile.read(environment.baseFolder().resolve(file));
    String name =
        profile.isEmpty() ? environment.variable("DATABRICKS_CONFIG_PROFILE", "DEFAULT") : profile;
    Map<String, String> found = profiles.get(name);
    if (found == null || !found.containsKey("host")) {
      throw ServiceErrors.setting(
          "profile '" + name + "'",
          found == null
              ? "File "
                  + file
                  + " has "
                  + (profiles.isEmpty()
                      ? "no profiles."
                      : "the profiles " + String.join(", ", profiles.keySet()) + ".")
              : "It names no host.",
          "set DATABRICKS_HOST and DATABRICKS_TOKEN, or add the profile to the file.");
    }
    return new DatabricksLogin("profile '" + name + "' of " + file, found);
  }

  private String value(String key) {
    return values.getOrDefault(key, "");
  }

  private String base() {
    String host = value("host").replaceAll("/+$", "");
    return host.contains("://") ? host : "https://" + host;
  }

  public HttpService service(String what, Environment environment, HttpSettings http) {
    String base = base();
    if (!base.matches("https?://[^\\s/@?#]+")) {
      throw ServiceErrors.setting(
          source, "Its host is no address.", "write https://<workspace>.cloud.databricks.com.");
    }
    return new HttpService(
        what + " " + base,
        base,
        credentials(base, http),
        "DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET",
        Map.of(),
        http);
  }

  private Supplier<Credentials> credentials(String base, HttpSettings http) {
    if (!value("token").isEmpty()) {
      Credentials token = Credentials.bearer(value("token"), "the token of " + source);
      return () -> token;
    }
    if (!value("client_id").isEmpty() && !value("client_secret").isEmpty()) {
      return new ServicePrincipal(base, value("client_id"), value("client_secret"), source, http);
    }
    return () -> Credentials.NONE;
  }

  @Override
  public String toString() {
    return source;
  }

  /** Exchanges a service principal's secret for tokens of an hour. Thread-safe. */
  private static final class ServicePrincipal implements Supplier<Credentials> {
    private final HttpService login;
    private final String source;
    private final Clock clock = Clock.systemUTC();
    private Credentials token = Credentials.NONE;
    private Instant until = Instant.EPOCH;

    ServicePrincipal(String base, String id, String secret, String source, HttpSettings http) {
      Credentials principal = Credentials.basic(id, secret, "the service principal of " + source);
      this.source = source;
      this.login =
          new HttpService(
              "Databricks workspace " + base,
              base,
              () -> principal,
              "DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET",
              Map.of(),
              http);
    }

    @Override
    public synchronized Credentials get() {
      if (clock.instant().isAfter(until.minus(EARLY))) {
        JsonNode answer =
            login.form(
                "/oidc/v1/token", Map.of("grant_type", "client_credentials", "scope", "all-apis"));
        token =
            Credentials.bearer(
                answer.path("access_token").asText(""),
                "the token for the service principal of " + source);
        until = clock.instant().plusSeconds(answer.path("expires_in").asLong());
      }
      return token;
    }
  }
}
