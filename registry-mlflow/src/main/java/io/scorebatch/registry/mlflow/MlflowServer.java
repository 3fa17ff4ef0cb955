package io.scorebatch.registry.mlflow;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.remote.Credentials;
import io.scorebatch.remote.HttpService;
import io.scorebatch.remote.HttpSettings;
import io.scorebatch.remote.IniFile;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Opens an MLflow server: its address, who asks, and how files come from it. */
final class MlflowServer {
  private static final String LOGIN =
      "MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD";

  private MlflowServer() {}

  static HttpService service(String uri, HttpSettings http, RegistrySettings settings) {
    URI address = address(uri);
    Credentials credentials = credentials(address, settings);
    String base = address(address);
    String workspace = settings.variable("MLFLOW_WORKSPACE", "");
    return new HttpService(
        "MLflow server " + base,
        base,
        () -> credentials,
        LOGIN,
        workspace.isEmpty() ? Map.of() : Map.of("X-MLFLOW-WORKSPACE", workspace),
        http);
  }

  static ModelRegistry open(String uri, String note, RegistrySettings settings) {
    HttpSettings http = HttpSettings.of(settings.variables(), ErrorCode.REGISTRY_UNREADABLE);
    HttpService server = service(uri, http, settings);
    RestStore store = new RestStore(server);
    DownloadCache cache = DownloadCache.of(settings, http.patience());
    return new StoreRegistry(
        store,
        server.description() + note,
        settings.baseFolder(),
        List.of(
            new LocalArtifacts(List.of()),
            new S3Artifacts(settings, http.patience(), cache),
            new ServedArtifacts(server, store, cache)));
  }

  private static URI address(String uri) {
    try {
      URI address = new URI(uri);
      if (address.getHost() == null || address.getQuery() != null) {
        throw new URISyntaxException("it", "is no http(s)://host:port");
      }
      return address;
    } catch (URISyntaxException e) {
      // The address may hold a password: it is not repeated.
      throw RegistryErrors.registryUriInvalid(
          uri.substring(0, uri.indexOf(':')) + "://…",
          "The address cannot be read.",
          "write http(s)://host:port, with the path of a proxy behind it where there is one.");
    }
  }

  /** Without a password and without a slash at its end. */
  private static String address(URI address) {
    String port = address.getPort() < 0 ? "" : ":" + address.getPort();
    String path = address.getRawPath() == null ? "" : address.getRawPath().replaceAll("/+$", "");
    return address.getScheme() + "://" + address.getHost() + port + path;
  }

  /** As MLflow chooses: a user's name and password before a token. */
  private static Credentials credentials(URI address, RegistrySettings settings) {
    String userInfo = address.getUserInfo();
    if (userInfo != null && userInfo.contains(":")) {
      int colon = userInfo.indexOf(':');
      return Credentials.basic(
          userInfo.substring(0, colon),
          userInfo.substring(colon + 1),
          "the user and password in its address");
    }
    Map<String, String> file =
        IniFile.read(Path.of(System.getProperty("user.home"), ".mlflow", "credentials"))
            .getOrDefault("mlflow", Map.of());
    String user =
        settings.variable(
            "MLFLOW_TRACKING_USERNAME", file.getOrDefault("mlflow_tracking_username", ""));
    String password =
        settings.variable(
            "MLFLOW_TRACKING_PASSWORD", file.getOrDefault("mlflow_tracking_password", ""));
    if (!user.isEmpty() && !password.isEmpty()) {
      return Credentials.basic(
          user, password, "user '" + user + "' with the password of MLFLOW_TRACKING_PASSWORD");
    }
    String token = settings.variable("MLFLOW_TRACKING_TOKEN", "");
    return token.isEmpty()
        ? Credentials.NONE
        : Credentials.bearer(token, "the token of MLFLOW_TRACKING_TOKEN");
  }
}
