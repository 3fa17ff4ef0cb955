package io.scorebatch.registry.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.scorebatch.remote.HttpService;
import io.scorebatch.remote.PercentEncoding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An MLflow server of versions 2 and 3, by its REST interface 2.0. Thread-safe. */
final class RestStore implements ModelStore {
  static final String API = "/api/2.0/mlflow/";
  private static final String PAGE = "1000";
  // An end also for a server that always promises one page more.
  private static final int MOST_PAGES = 100;

  private final HttpService server;

  RestStore(HttpService server) {
    this.server = server;
  }

  @Override
  public String description() {
    return server.description();
  }

  @Override
  public List<String> modelNames(String near) {
    List<String> names = new ArrayList<>();
    Map<String, String> query = new LinkedHashMap<>(Map.of("max_results", PAGE));
    for (JsonNode page : pages("registered-models/search", query)) {
      for (JsonNode model : page.path("registered_models")) {
        names.add(model.path("name").asText(""));
      }
    }
    return names.stream().sorted().toList();
  }

  @Override
  public Optional<RegisteredModel> model(String name) {
    return server
        .find(API + "registered-models/get", Map.of("name", name))
        .map(
            answer -> {
              Map<String, Integer> aliases = new LinkedHashMap<>();
              for (JsonNode alias : answer.path("registered_model").path("aliases")) {
                aliases.put(alias.path("alias").asText(""), alias.path("version").asInt());
              }
              return new RegisteredModel(name, aliases);
            });
  }

  @Override
  public Optional<ModelVersion> version(String name, int version) {
    Map<String, String> query = orderedMap("name", name, "version", Integer.toString(version));
    return server
        .find(API + "model-versions/get", query)
        .map(answer -> version(name, answer.path("model_version"), storageLocation(query)));
  }

  /** The one call that knows where the files of a version are, whatever it was made from. */
  private @Nullable String storageLocation(Map<String, String> query) {
    return server
        .find(API + "model-versions/get-download-uri", query)
        .map(answer -> Json.text(answer, "artifact_uri"))
        .orElse(null);
  }

  @Override
  public List<ModelVersion> versions(String name) {
    String quote = name.contains("'") ? "\"" : "'";
    if (name.contains(quote)) {
      return List.of();
    }
    List<ModelVersion> versions = new ArrayList<>();
    Map<String, String> query =
        orderedMap("filter", "name=" + quote + name + quote, "max_results", PAGE);
    for (JsonNode page : pages("model-versions/search", query)) {
      for (JsonNode version : page.path("model_versions")) {
        versions.add(version(name, version, null));
      }
    }
    versions.sort(Comparator.comparingInt(ModelVersion::version));
    return versions;
  }

  private static ModelVersion version(String name, JsonNode version, @Nullable String location) {
    String stage = version.path("current_stage").asText("");
    return new ModelVersion(
        name,
        version.path("version").asInt(),
        stage.isEmpty() ? "None" : stage,
        version.path("status").asText("READY"),
        version.path("source").asText(""),
        location,
        Json.text(version, "run_id"),
        Json.text(version, "model_id"));
  }

  @Override
  public Optional<LoggedModel> loggedModel(String modelId) {
    return server
        .find(API + "logged-models/" + PercentEncoding.encode(modelId), Map.of())
        .map(answer -> answer.path("model").path("info"))
        .map(
            info ->
                new LoggedModel(
                    modelId,
                    info.path("name").asText(""),
                    info.path("artifact_uri").asText(""),
                    info.path("status").asText("").replace("LOGGED_MODEL_", ""),
                    Json.text(info, "source_run_id")));
  }

  @Override
  public Optional<Run> run(String runId) {
    return runAnswer(runId)
        .map(run -> new Run(runId, run.path("info").path("artifact_uri").asText("")));
  }

  private Optional<JsonNode> runAnswer(String runId) {
    return server.find(API + "runs/get", Map.of("run_id", runId)).map(answer -> answer.path("run"));
  }

  @Override
  public List<LoggedModel> loggedModels(String runId) {
    List<LoggedModel> models = new ArrayList<>();
    runAnswer(runId)
        .ifPresent(
            run -> {
              for (JsonNode output : run.path("outputs").path("model_outputs")) {
                // The newest first, as the interface promises.
                loggedModel(output.path("model_id").asText(""))
                    .ifPresent(model -> models.add(0, model));
              }
            });
    return models;
  }

  @Override
  public void close() {}

  private List<JsonNode> pages(String path, Map<String, String> query) {
    List<JsonNode> pages = new ArrayList<>();
    Map<String, String> next = new LinkedHashMap<>(query);
    while (pages.size() < MOST_PAGES) {
      JsonNode page = server.get(API + path, next);
      pages.add(page);
      String token = page.path("next_page_token").asText("");
      if (token.isEmpty()) {
        break;
      }
      next.put("page_token", token);
    }
    return pages;
  }

  private static Map<String, String> orderedMap(String a, String b, String c, String d) {
    Map<String, String> map = new LinkedHashMap<>();
    map.put(a, b);
    map.put(c, d);
    return map;
  }
}
