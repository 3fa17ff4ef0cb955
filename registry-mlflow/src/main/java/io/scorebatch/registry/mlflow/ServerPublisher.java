package io.scorebatch.registry.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.registry.ModelPublisher;
import io.scorebatch.api.registry.ModelUpload;
import io.scorebatch.api.registry.PublishedModel;
import io.scorebatch.remote.HttpService;
import io.scorebatch.remote.ObjectStore;
import io.scorebatch.remote.Patience;
import io.scorebatch.remote.PercentEncoding;
import io.scorebatch.remote.S3Access;
import io.scorebatch.remote.S3Location;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Registers models in an MLflow server of version 2 or 3: a run, its files, and a version of it. A
 * run whose upload fails is marked failed and stays.
 */
final class ServerPublisher implements ModelPublisher {
  private static final String PROXY = "/api/2.0/mlflow-artifacts/artifacts/";
  private static final String MODEL = "model";

  private final HttpService server;
  private final RegistrySettings settings;
  private final Patience patience;

  ServerPublisher(HttpService server, RegistrySettings settings, Patience patience) {
    this.server = server;
    this.settings = settings;
    this.patience = patience;
  }

  @Override
  public String description() {
    return server.description();
  }

  @Override
  public void close() {}

  @Override
  public PublishedModel publish(ModelUpload model) {
    UploadRules.check(model);
    JsonNode info = startRun(model);
    String runId = info.path("run_id").asText("");
    String source = info.path("artifact_uri").asText("").replaceAll("/+$", "") + "/" + MODEL;
    int version;
    try {
      upload(model.folder(), ArtifactLocation.of(source));
      version = register(model, source, runId);
    } catch (IOException e) {
      endRun(runId, "FAILED");
      throw PublishErrors.unwritable(
          description(),
          "The system says: " + e + ".",
          "check that the model's files may be read.",
          e);
    } catch (ScorebatchException e) {
      endRun(runId, "FAILED");
      throw e;
    }
    endRun(runId, "FINISHED");
    if (model.alias().isPresent()) {
      setAlias(model.name(), version, model.alias().get());
    }
    return new PublishedModel(model.name(), version, source, model.alias(), runId);
  }

  private JsonNode startRun(ModelUpload model) {
    ObjectNode body =
        Json.object()
            .put("experiment_id", settings.variable("MLFLOW_EXPERIMENT_ID", "0"))
            .put("run_name", "log-model " + model.name())
            .put("start_time", System.currentTimeMillis());
    tags(body, Map.of("mlflow.source.name", "scorebatch", "mlflow.source.type", "LOCAL"));
    return server
        .post(RestStore.API + "runs/create", body)
        .orElseThrow(
            () ->
                PublishErrors.unwritable(
                    description(),
                    "It has no experiment "
                        + settings.variable("MLFLOW_EXPERIMENT_ID", "0")
                        + ", in which the run would be.",
                    "name another one with MLFLOW_EXPERIMENT_ID.",
                    null))
        .path("run")
        .path("info");
  }

  private static void tags(ObjectNode body, Map<String, String> tags) {
    ArrayNode list = body.putArray("tags");
    tags.forEach((key, value) -> list.addObject().put("key", key).put("value", value));
  }

  private void endRun(String runId, String status) {
    server.post(
        RestStore.API + "runs/update",
        Json.object()
            .put("run_id", runId)
            .put("status", status)
            .put("end_time", System.currentTimeMillis()));
  }

  private void upload(Path folder, ArtifactLocation to) throws IOException {
    List<String> files = UploadRules.files(folder);
    if (to.scheme().equals("mlflow-artifacts")) {
      String path = to.pathText().replaceAll("^/+|/+$", "");
      for (String file : files) {
        server.put(PROXY + PercentEncoding.encodePath(path + "/" + file), folder.resolve(file));
      }
    } else if (to.scheme().matches("s3a?")) {
      uploadToS3(folder, files, to);
    } else if (to.scheme().isEmpty() || to.scheme().equals("file")) {
      Path target = Path.of(to.pathText());
      // <root>/<experiment>/<run>/artifacts/model: the root tells whether it is this machine's.
      Path root = target.resolve("../../../..").normalize();
      if (!target.isAbsolute() || !Files.isDirectory(root)) {
        throw PublishErrors.foreignArtifacts(description(), to.toString());
      }
      UploadRules.copy(folder, target);
    } else {
      throw PublishErrors.foreignArtifacts(description(), to.toString());
    }
  }

  private void uploadToS3(Path folder, List<String> files, ArtifactLocation to) {
    S3Location target = S3Location.of(to.toString());
    try (ObjectStore store =
        ObjectStore.open(
            S3Access.of(settings.variables()),
            patience,
            ErrorCode.REGISTRY_UNREADABLE,
            ErrorCode.REGISTRY_NOT_WRITABLE)) {
      for (String file : files) {
        store.put(target.child(file), folder.resolve(file));
      }
    }
  }

  private int register(ModelUpload model, String source, String runId) {
    if (server
        .find(RestStore.API + "registered-models/get", Map.of("name", model.name()))
        .isEmpty()) {
      server.post(
          RestStore.API + "registered-models/create", Json.object().put("name", model.name()));
    }
    ObjectNode body =
        Json.object().put("name", model.name()).put("source", source).put("run_id", runId);
    model.description().ifPresent(text -> body.put("description", text));
    tags(body, model.tags());
    Optional<JsonNode> made = server.post(RestStore.API + "model-versions/create", body);
    return made.map(answer -> answer.path("model_version").path("version").asInt())
        .orElseThrow(
            () ->
                PublishErrors.unwritable(
                    description(),
                    "It says that there is no registered model '" + model.name() + "'.",
                    "try again; somebody may have deleted it meanwhile.",
                    null));
  }

  private void setAlias(String name, int version, String alias) {
    try {
      server.post(
          RestStore.API + "registered-models/alias",
          Json.object()
              .put("name", name)
              .put("alias", alias)
              .put("version", Integer.toString(version)));
    } catch (ScorebatchException e) {
      throw PublishErrors.aliasNotSet(description(), name, version, alias, e);
    }
  }
}
