package io.scorebatch.registry.mlflow;

import io.scorebatch.api.registry.ModelPublisher;
import io.scorebatch.api.registry.ModelUpload;
import io.scorebatch.api.registry.PublishedModel;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Registers models in the folder {@code mlruns} of MLflow 2 and 3. A version, its files included,
 * is one folder that appears whole. A store that does not exist is made.
 */
final class FilePublisher implements ModelPublisher {
  private static final Pattern VERSION = Pattern.compile("version-([0-9]{1,9})/");
  private static final int MOST_TRIES = 100;

  private final Path root;

  FilePublisher(Path root) {
    this.root = root;
  }

  @Override
  public String description() {
    return "MLflow file store " + root;
  }

  @Override
  public void close() {}

  @Override
  public PublishedModel publish(ModelUpload model) {
    UploadRules.check(model);
    Path folder = root.resolve("models").resolve(model.name());
    Path unfinished = folder.resolve(".new-" + UUID.randomUUID());
    try {
      register(folder, model.name());
      UploadRules.copy(model.folder(), unfinished.resolve("artifacts"));
      Path tags = Files.createDirectories(unfinished.resolve("tags"));
      for (Map.Entry<String, String> tag : model.tags().entrySet()) {
        Files.writeString(tags.resolve(tag.getKey()), tag.getValue());
      }
      int version = place(folder, unfinished, model);
      if (model.alias().isPresent()) {
        Path aliases = Files.createDirectories(folder.resolve("aliases"));
        replace(aliases.resolve(model.alias().get()), Integer.toString(version));
      }
      return new PublishedModel(
          model.name(), version, location(folder, version).toString(), model.alias(), null);
    } catch (IOException e) {
      throw PublishErrors.unwritable(
          description(),
          "The system says: " + e + ".",
          "check that there is room and that the folder may be written.",
          e);
    } finally {
      UploadRules.remove(unfinished);
    }
  }

  private static void register(Path folder, String name) throws IOException {
    Path meta = folder.resolve("meta.yaml");
    Files.createDirectories(folder);
    long now = System.currentTimeMillis();
    if (!Files.exists(meta)) {
      Map<String, @Nullable Object> fields = new LinkedHashMap<>();
      fields.put("creation_timestamp", now);
      fields.put("description", null);
      fields.put("last_updated_timestamp", now);
      fields.put("name", name);
      replace(meta, yaml(fields));
    }
  }

  /** Gives the folder the next number that nobody takes at the same time. */
  private int place(Path folder, Path unfinished, ModelUpload model) throws IOException {
    int version = newest(folder);
    for (int attempt = 1; ; attempt++) {
      version++;
      Files.writeString(unfinished.resolve("meta.yaml"), meta(folder, version, model));
      try {
        Files.move(unfinished, folder.resolve("version-" + version));
        return version;
      } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
        if (attempt == MOST_TRIES) {
          throw e;
        }
      }
    }
  }

  private static int newest(Path folder) {
    int newest = 0;
    for (String name : LocalFolders.names(folder)) {
      Matcher version = VERSION.matcher(name);
      if (version.matches()) {
        newest = Math.max(newest, Integer.parseInt(version.group(1)));
      }
    }
    return newest;
  }

  private static URI location(Path folder, int version) {
    String text = folder.resolve("version-" + version).resolve("artifacts").toUri().toString();
    return URI.create(text.replaceAll("/$", ""));
  }

  private static String meta(Path folder, int version, ModelUpload model) {
    long now = System.currentTimeMillis();
    String location = location(folder, version).toString();
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("creation_timestamp", now);
    fields.put("current_stage", "None");
    fields.put("description", model.description().orElse(null));
    fields.put("last_updated_timestamp", now);
    fields.put("name", model.name());
    fields.put("run_id", null);
    fields.put("run_link", null);
    fields.put("source", location);
    fields.put("status", "READY");
    fields.put("status_message", null);
    fields.put("storage_location", location);
    fields.put("user_id", null);
    fields.put("version", version);
    return yaml(fields);
  }

  /** Flat YAML; texts as JSON strings, which YAML reads as they are. */
  private static String yaml(Map<String, @Nullable Object> fields) {
    List<String> lines = new ArrayList<>();
    fields.forEach(
        (key, value) ->
            lines.add(
                key
                    + ": "
                    + (value instanceof String text
                        ? com.fasterxml.jackson.databind.node.TextNode.valueOf(text).toString()
                        : value)));
    return String.join("\n", lines) + "\n";
  }

  private static void replace(Path file, String text) throws IOException {
    Path whole = Files.createTempFile(file.getParent(), ".new-", "");
    try {
      Files.write(whole, text.getBytes(StandardCharsets.UTF_8));
      Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(whole);
    }
  }
}
