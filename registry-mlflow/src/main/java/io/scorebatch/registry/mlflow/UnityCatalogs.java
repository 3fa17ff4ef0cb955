package io.scorebatch.registry.mlflow;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.remote.DatabricksLogin;
import io.scorebatch.remote.HttpService;
import io.scorebatch.remote.HttpSettings;
import io.scorebatch.remote.UnityCatalogLogin;
import java.util.List;

/** Opens Unity Catalogs: the open source server and that of Databricks. */
final class UnityCatalogs {
  private UnityCatalogs() {}

  /** {@code uc:http://host:8080}, with the token of {@code MLFLOW_UC_OSS_TOKEN} if it wants one. */
  static ModelRegistry openSource(String uri, String note, RegistrySettings settings) {
    HttpSettings http = HttpSettings.of(settings.variables(), ErrorCode.REGISTRY_UNREADABLE);
    return registry(openSourceService(uri, http, settings), false, note, settings, http);
  }

  static HttpService openSourceService(String uri, HttpSettings http, RegistrySettings settings) {
    return UnityCatalogLogin.service(uri, settings.variables(), http);
  }

  /** The Unity Catalog of a Databricks workspace. */
  static ModelRegistry databricks(String uri, String note, RegistrySettings settings) {
    HttpSettings http = HttpSettings.of(settings.variables(), ErrorCode.REGISTRY_UNREADABLE);
    HttpService server =
        DatabricksLogin.of(uri, settings.variables())
            .service("Unity Catalog of Databricks", settings.variables(), http);
    return registry(server, true, note, settings, http);
  }

  /** The older model registry of a Databricks workspace. */
  static ModelRegistry workspace(String uri, String note, RegistrySettings settings) {
    HttpSettings http = HttpSettings.of(settings.variables(), ErrorCode.REGISTRY_UNREADABLE);
    HttpService server =
        DatabricksLogin.of(uri, settings.variables())
            .service("model registry of the Databricks workspace", settings.variables(), http);
    DownloadCache cache = cache(settings, http);
    return new StoreRegistry(
        new RestStore(server),
        server.description() + note,
        settings.baseFolder(),
        List.of(new RegisteredArtifacts(server, cache)));
  }

  private static ModelRegistry registry(
      HttpService server,
      boolean databricks,
      String note,
      RegistrySettings settings,
      HttpSettings http) {
    UnityCatalogStore store = new UnityCatalogStore(server);
    return new StoreRegistry(
        store,
        server.description() + note,
        settings.baseFolder(),
        List.of(
            new LocalArtifacts(List.of()),
            new UnityCatalogArtifacts(
                server, store, databricks, settings, http.patience(), cache(settings, http))));
  }

  private static DownloadCache cache(RegistrySettings settings, HttpSettings http) {
    return DownloadCache.of(settings, http.patience());
  }
}
