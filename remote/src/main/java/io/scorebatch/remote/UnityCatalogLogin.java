package io.scorebatch.remote;

import java.util.Map;

/** Open source Unity Catalog servers, {@code uc:http://host:8080}. */
public final class UnityCatalogLogin {
  private UnityCatalogLogin() {}

  /**
   * The server at an address, with the token of {@code MLFLOW_UC_OSS_TOKEN} if it wants one.
   *
   * @throws io.scorebatch.api.error.ScorebatchException {@code USAGE} where there is no address
   */
  public static HttpService service(String uri, Environment environment, HttpSettings http) {
    String address = uri.replaceFirst("^uc:", "");
    if (!address.matches("https?://[^\\s/@?#]+(/[^\\s?#]*)?")) {
      throw ServiceErrors.addressInvalid(
          "uc:…", "After 'uc:' comes no address.", "write uc:http://host:8080.");
    }
    String base = address.replaceAll("/+$", "");
    String token = environment.variable("MLFLOW_UC_OSS_TOKEN", "");
    Credentials credentials =
        token.isEmpty()
            ? Credentials.NONE
            : Credentials.bearer(token, "the token of MLFLOW_UC_OSS_TOKEN");
    return new HttpService(
        "Unity Catalog " + base, base, () -> credentials, "MLFLOW_UC_OSS_TOKEN", Map.of(), http);
  }
}
