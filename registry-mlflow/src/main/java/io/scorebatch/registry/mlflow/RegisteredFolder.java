package io.scorebatch.registry.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.scorebatch.remote.Content;
import io.scorebatch.remote.HttpService;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Files of a version in the older model registry of a Databricks workspace. */
record RegisteredFolder(HttpService server, String name, int version) implements RemoteFolder {

  @Override
  public String description() {
    return "models:/" + name + "/" + version + " of the " + server.description();
  }

  private Map<String, String> query(String path) {
    Map<String, String> query = new LinkedHashMap<>();
    query.put("name", name);
    query.put("version", Integer.toString(version));
    query.put("path", path);
    return query;
  }

  @Override
  public List<RemoteFile> list(String directory) {
    Map<String, String> query = query(directory);
    List<RemoteFile> files = new ArrayList<>();
    String token;
    do {
      Optional<JsonNode> page = server.find(RestStore.API + "model-versions/list-artifacts", query);
      for (JsonNode file : page.map(answer -> answer.path("files")).orElse(Json.NO_ELEMENTS)) {
        files.add(
            new RemoteFile(
                file.path("path").asText(""),
                file.path("is_dir").asBoolean(),
                file.path("file_size").asLong()));
      }
      token = page.map(answer -> answer.path("next_page_token").asText("")).orElse("");
      query.put("page_token", token);
    } while (!token.isEmpty() && files.size() < DownloadCache.MOST_FILES);
    return files;
  }

  @Override
  public Content open(String file, long from, @Nullable String version) {
    JsonNode signed =
        server.get(RestStore.API + "model-versions/get-signed-download-uri", query(file));
    Map<String, String> headers = new LinkedHashMap<>();
    for (JsonNode header : signed.path("headers")) {
      headers.put(header.path("name").asText(""), header.path("value").asText(""));
    }
    return server.openSigned(signed.path("signed_uri").asText(""), headers, from, version);
  }
}
