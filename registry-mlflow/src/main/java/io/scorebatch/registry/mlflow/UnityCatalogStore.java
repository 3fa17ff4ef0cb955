package io.scorebatch.registry.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.remote.HttpService;
import io.scorebatch.remote.PercentEncoding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Models of a Unity Catalog, open source or Databricks, by its REST interface 2.1. Names have three
 * parts. Stages, runs and unregistered models are MLflow's and unknown here. Thread-safe.
 */
final class UnityCatalogStore implements ModelStore {
  static final String API = "/api/2.1/unity-catalog/";
  // An end also for a server that always promises one page more.
  private static final int MOST_PAGES = 1000;

  private final HttpService server;

  UnityCatalogStore(HttpService server) {
    this.server = server;
  }

  /** The three parts of a model's name. */
  record Name(String catalog, String schema, String model) {
    static Name of(String full, String description) {
      String[] parts = full.split("[.]", -1);
      if (parts.length != 3 || List.of(parts).contains("")) {
        throw ScorebatchException.of(
            ErrorCode.MODEL_URI_INVALID,
            "'" + full + "' is no model's name in the " + description + ".",
            "Names there have three parts.",
            "write models:/catalog.schema.model/3.");
      }
      return new Name(parts[0], parts[1], parts[2]);
    }
  }

  @Override
  public String description() {
    return server.description();
  }

  @Override
  public List<String> modelNames(String near) {
    Name name = Name.of(near, description());
    Map<String, String> query = new LinkedHashMap<>();
    query.put("catalog_name", name.catalog());
    query.put("schema_name", name.schema());
    List<String> names = new ArrayList<>();
    for (JsonNode page : pages("models", query)) {
      for (JsonNode model : page.path("registered_models")) {
        names.add(name.catalog() + "." + name.schema() + "." + model.path("name").asText(""));
      }
    }
    return names.stream().sorted().toList();
  }

  @Override
  public String namesPlace(String near) {
    Name name = Name.of(near, description());
    return "in schema " + name.catalog() + "." + name.schema();
  }

  @Override
  public Optional<RegisteredModel> model(String name) {
    Name.of(name, description());
    return server
        .find(API + "models/" + PercentEncoding.encode(name), Map.of("include_aliases", "true"))
        .map(
            answer -> {
              Map<String, Integer> aliases = new LinkedHashMap<>();
              for (JsonNode alias : answer.path("aliases")) {
                aliases.put(alias.path("alias_name").asText(""), alias.path("version_num").asInt());
              }
              return new RegisteredModel(name, aliases);
            });
  }

  @Override
  public Optional<ModelVersion> version(String name, int version) {
    Name.of(name, description());
    return server
        .find(API + "models/" + PercentEncoding.encode(name) + "/versions/" + version, Map.of())
        .map(answer -> version(name, answer));
  }

  @Override
  public List<ModelVersion> versions(String name) {
    Name.of(name, description());
    List<ModelVersion> versions = new ArrayList<>();
    for (JsonNode page : pages("models/" + PercentEncoding.encode(name) + "/versions", Map.of())) {
      for (JsonNode version : page.path("model_versions")) {
        versions.add(version(name, version));
      }
    }
    versions.sort(Comparator.comparingInt(ModelVersion::version));
    return versions;
  }

  private static ModelVersion version(String name, JsonNode version) {
    return new ModelVersion(
        name,
        version.path("version").asInt(),
        "None",
        version.path("status").asText("READY"),
        version.path("source").asText(""),
        Json.text(version, "storage_location"),
        Json.text(version, "run_id"),
        Json.text(version, "model_id"));
  }

  @Override
  public Optional<LoggedModel> loggedModel(String modelId) {
    throw registeredOnly("models:/" + modelId);
  }

  @Override
  public Optional<Run> run(String runId) {
    throw registeredOnly("runs:/" + runId + "/…");
  }

  @Override
  public List<LoggedModel> loggedModels(String runId) {
    throw registeredOnly("runs:/" + runId + "/…");
  }

  private ScorebatchException registeredOnly(String uri) {
    return ScorebatchException.of(
        ErrorCode.MODEL_URI_INVALID,
        "'" + uri + "' cannot be found in the " + description() + ".",
        "It holds registered models only; runs and models logged by them are in a tracking store.",
        "write models:/catalog.schema.model/3 or models:/catalog.schema.model@alias.");
  }

  @Override
  public void close() {}

  private List<JsonNode> pages(String path, Map<String, String> query) {
    List<JsonNode> pages = new ArrayList<>();
    Map<String, String> next = new LinkedHashMap<>(query);
    while (pages.size() < MOST_PAGES) {
      Optional<JsonNode> page = server.find(API + path, next);
      page.ifPresent(pages::add);
      String token = page.map(answer -> answer.path("next_page_token").asText("")).orElse("");
      if (token.isEmpty()) {
        break;
      }
      next.put("page_token", token);
    }
    return pages;
  }

  /**
   * Lets the server hand out credentials for a version's files.
   *
   * @param operation {@code READ_MODEL_VERSION} or {@code READ_WRITE_MODEL_VERSION}
   * @return its answer; null where it hands out none for this version
   */
  @Nullable JsonNode temporaryCredentials(String name, int version, String operation) {
    Name parts = Name.of(name, description());
    return server
        .post(
            API + "temporary-model-version-credentials",
            Json.object()
                .put("catalog_name", parts.catalog())
                .put("schema_name", parts.schema())
                .put("model_name", parts.model())
                .put("version", version)
                .put("operation", operation))
        .orElse(null);
  }
}
