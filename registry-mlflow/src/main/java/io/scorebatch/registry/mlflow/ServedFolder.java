package io.scorebatch.registry.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.scorebatch.remote.Content;
import io.scorebatch.remote.HttpService;
import io.scorebatch.remote.PercentEncoding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A folder of an MLflow server's artifacts. The server has three interfaces to them, which differ
 * in their words only.
 *
 * @param description for messages
 * @param listPath what lists a folder
 * @param listQuery asked with every listing
 * @param folderParameter names the folder to list
 * @param root what stands before a path of ours in the server's paths; empty or ends with a slash
 * @param relative whether listed paths start at the listed folder rather than at the server's root
 * @param filePath what opens a file
 * @param fileQuery asked with every file
 * @param fileParameter names the file; empty where it is part of the path
 */
record ServedFolder(
    HttpService server,
    String description,
    String listPath,
    Map<String, String> listQuery,
    String folderParameter,
    String root,
    boolean relative,
    String filePath,
    Map<String, String> fileQuery,
    String fileParameter)
    implements RemoteFolder {
  private static final String PROXY = "/api/2.0/mlflow-artifacts/artifacts";

  /** What the server keeps for its clients: {@code mlflow-artifacts:/path}. */
  static ServedFolder proxied(HttpService server, String path) {
    return new ServedFolder(
        server,
        "mlflow-artifacts:/" + path + " of the " + server.description(),
        PROXY,
        Map.of(),
        "path",
        path.isEmpty() ? "" : path + "/",
        true,
        PROXY + "/",
        Map.of(),
        "");
  }

  /** What the server reads for a run from wherever it lies. */
  static ServedFolder ofRun(HttpService server, String runId, String path) {
    return new ServedFolder(
        server,
        "runs:/" + runId + "/" + path + " of the " + server.description(),
        RestStore.API + "artifacts/list",
        Map.of("run_id", runId),
        "path",
        path.isEmpty() ? "" : path + "/",
        false,
        "/get-artifact",
        Map.of("run_id", runId),
        "path");
  }

  /** What the server reads for a model of MLflow 3 from wherever it lies. */
  static ServedFolder ofModel(HttpService server, String modelId) {
    return new ServedFolder(
        server,
        "models:/" + modelId + " of the " + server.description(),
        RestStore.API + "logged-models/" + modelId + "/artifacts/directories",
        Map.of(),
        "artifact_directory_path",
        "",
        false,
        "/ajax-api/2.0/mlflow/logged-models/" + modelId + "/artifacts/files",
        Map.of(),
        "artifact_file_path");
  }

  @Override
  public List<RemoteFile> list(String directory) {
    String folder = (root + directory).replaceAll("/$", "");
    Map<String, String> query = new LinkedHashMap<>(listQuery);
    if (!folder.isEmpty()) {
      query.put(folderParameter, folder);
    }
    List<RemoteFile> files = new ArrayList<>();
    for (JsonNode file :
        server.find(listPath, query).map(answer -> answer.path("files")).orElse(Json.NO_ELEMENTS)) {
      String listed = file.path("path").asText("");
      String path =
          relative
              ? (directory.isEmpty() ? listed : directory + "/" + listed)
              : listed.startsWith(root) ? listed.substring(root.length()) : listed;
      files.add(
          new RemoteFile(path, file.path("is_dir").asBoolean(), file.path("file_size").asLong()));
    }
    return files;
  }

  @Override
  public Content open(String file, long from, @Nullable String version) {
    if (fileParameter.isEmpty()) {
      return server.open(
          filePath + PercentEncoding.encodePath(root + file), fileQuery, from, version);
    }
    Map<String, String> query = new LinkedHashMap<>(fileQuery);
    query.put(fileParameter, root + file);
    return server.open(filePath, query, from, version);
  }
}
