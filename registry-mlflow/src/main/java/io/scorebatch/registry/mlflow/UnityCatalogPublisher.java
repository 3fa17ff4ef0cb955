package io.scorebatch.registry.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.registry.ModelPublisher;
import io.scorebatch.api.registry.ModelUpload;
import io.scorebatch.api.registry.PublishedModel;
import io.scorebatch.remote.HttpService;
import io.scorebatch.remote.PercentEncoding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Registers models in an open source Unity Catalog whose storage is on this machine: a version that
 * waits, its files, then the word that it is complete.
 */
final class UnityCatalogPublisher implements ModelPublisher {
  private static final String API = UnityCatalogStore.API;

  private final HttpService server;

  UnityCatalogPublisher(HttpService server) {
    this.server = server;
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
    UnityCatalogStore.Name name = UnityCatalogStore.Name.of(model.name(), description());
    String path = API + "models/" + PercentEncoding.encode(model.name());
    if (server.find(path, Map.of()).isEmpty()) {
      answered(
          server.post(API + "models", named(name, "name")),
          "It has no schema " + name.catalog() + "." + name.schema() + ".");
    }
    ObjectNode body = named(name, "model_name").put("source", model.folder().toUri().toString());
    model.description().ifPresent(text -> body.put("comment", text));
    JsonNode made =
        answered(
            server.post(API + "models/versions", body),
            "It says that there is no model '" + model.name() + "'.");
    int version = made.path("version").asInt();
    String location = made.path("storage_location").asText("");
    upload(model.folder(), location);
    answered(
        server.patch(
            path + "/versions/" + version + "/finalize",
            Json.object().put("full_name", model.name()).put("version", version)),
        "It has forgotten version " + version + ".");
    if (model.alias().isPresent()) {
      setAlias(path, model.name(), version, model.alias().get());
    }
    return new PublishedModel(model.name(), version, location, model.alias(), null);
  }

  private static ObjectNode named(UnityCatalogStore.Name name, String field) {
    return Json.object()
        .put(field, name.model())
        .put("catalog_name", name.catalog())
        .put("schema_name", name.schema());
  }

  private void upload(Path folder, String location) {
    ArtifactLocation to = ArtifactLocation.of(location);
    if (!to.scheme().isEmpty() && !to.scheme().equals("file")) {
      throw PublishErrors.foreignArtifacts(description(), location);
    }
    try {
      Path target = Path.of(to.pathText());
      if (!target.isAbsolute() || (Files.isDirectory(target) && !isEmpty(target))) {
        throw PublishErrors.foreignArtifacts(description(), location);
      }
      UploadRules.copy(folder, target);
    } catch (IOException e) {
      throw PublishErrors.unwritable(
          description(),
          "Its storage '" + location + "' cannot be written: " + e + ".",
          "run this on the machine of the server.",
          e);
    }
  }

  private static boolean isEmpty(Path folder) {
    return LocalFolders.names(folder).isEmpty();
  }

  private void setAlias(String path, String name, int version, String alias) {
    try {
      answered(
          server.put(
              path + "/aliases/" + PercentEncoding.encode(alias),
              Json.object().put("version_num", version)),
          "The server keeps no aliases.");
    } catch (ScorebatchException e) {
      throw PublishErrors.aliasNotSet(description(), name, version, alias, e);
    }
  }

  private JsonNode answered(Optional<JsonNode> answer, String otherwise) {
    return answer.orElseThrow(
        () ->
            PublishErrors.unwritable(
                description(), otherwise, "make it there first, or choose another name.", null));
  }
}
