package io.scorebatch.registry.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.Map;
import java.util.Optional;

/**
 * Registers models in an open source Unity Catalog whose storage is on this machine or S3: a
 * version that waits, its files, then the word that it is complete. To S3 they go with the
 * temporary credentials that the catalog hands out.
 */
final class UnityCatalogPublisher implements ModelPublisher {
  private static final String API = UnityCatalogStore.API;

  private final HttpService server;
  private final RegistrySettings settings;
  private final Patience patience;

  UnityCatalogPublisher(HttpService server, RegistrySettings settings, Patience patience) {
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
    try {
      upload(model, version, location);
    } catch (ScorebatchException e) {
      throw PublishErrors.leftWaiting(description(), model.name(), version, e);
    }
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

  private void upload(ModelUpload model, int version, String location) {
    Path folder = model.folder();
    ArtifactLocation to = ArtifactLocation.of(location);
    try {
      if (to.scheme().matches("s3a?")) {
        uploadToS3(model, version, S3Location.of(location));
        return;
      }
      Path target = Path.of(to.pathText());
      boolean local = to.scheme().isEmpty() || to.scheme().equals("file");
      if (!local || !target.isAbsolute() || (Files.isDirectory(target) && !isEmpty(target))) {
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

  private void uploadToS3(ModelUpload model, int version, S3Location target) throws IOException {
    JsonNode given =
        new UnityCatalogStore(server)
            .temporaryCredentials(model.name(), version, "READ_WRITE_MODEL_VERSION");
    S3Access access =
        Optional.ofNullable(given)
            .flatMap(answer -> UnityCatalogArtifacts.access(answer, server, settings))
            .orElseThrow(() -> PublishErrors.foreignArtifacts(description(), target.toString()));
    try (ObjectStore store =
        ObjectStore.open(
            access, patience, ErrorCode.REGISTRY_UNREADABLE, ErrorCode.REGISTRY_NOT_WRITABLE)) {
      for (String file : UploadRules.files(model.folder())) {
        store.put(target.child(file), model.folder().resolve(file));
      }
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
