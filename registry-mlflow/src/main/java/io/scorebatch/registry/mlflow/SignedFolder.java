package io.scorebatch.registry.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.scorebatch.remote.Content;
import io.scorebatch.remote.HttpService;
import io.scorebatch.remote.PercentEncoding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Files of a version in the Unity Catalog of Databricks, whatever cloud they lie in: the Files API
 * lists them and signs an address for each.
 *
 * @param name of the model, three parts
 */
record SignedFolder(HttpService server, String name, int version) implements RemoteFolder {
  private static final String API = "/api/2.0/fs/";

  private String root() {
    return "/Models/" + name.replace('.', '/') + "/" + version;
  }

  @Override
  public String description() {
    return root() + " of the " + server.description();
  }

  @Override
  public List<RemoteFile> list(String directory) {
    String listed = root() + (directory.isEmpty() ? "" : "/" + directory);
    Map<String, String> query = new LinkedHashMap<>();
    List<RemoteFile> files = new ArrayList<>();
    String token;
    do {
      Optional<JsonNode> page =
          server.find(API + "directories" + PercentEncoding.encodePath(listed), query);
      for (JsonNode file : page.map(answer -> answer.path("contents")).orElse(Json.NO_ELEMENTS)) {
        String path = file.path("path").asText("");
        files.add(
            new RemoteFile(
                path.startsWith(root() + "/") ? path.substring(root().length() + 1) : path,
                file.path("is_directory").asBoolean(),
                file.path("file_size").asLong()));
      }
      token = page.map(answer -> answer.path("next_page_token").asText("")).orElse("");
      query.put("page_token", token);
    } while (!token.isEmpty() && files.size() < DownloadCache.MOST_FILES);
    return files;
  }

  @Override
  public Content open(String file, long from, @Nullable String version) {
    String call = API + "create-download-url";
    JsonNode signed = server.ask(call, Json.object().put("path", root() + "/" + file));
    Map<String, String> headers = new LinkedHashMap<>();
    for (JsonNode header : signed.path("headers")) {
      headers.put(header.path("name").asText(""), header.path("value").asText(""));
    }
    return server.openSigned(signed.path("url").asText(""), headers, from, version);
  }
}
