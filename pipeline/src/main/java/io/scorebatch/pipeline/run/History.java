package io.scorebatch.pipeline.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.pipeline.gate.BatchProfile;
import io.scorebatch.pipeline.gate.ProfileJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Profiles of earlier batches in the results of earlier runs: for tables that are appended to,
 * whose properties no commit sets. Thread-safe.
 *
 * @param runs the folder that holds a folder a run; need not exist
 */
record History(Path runs) {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String RESULTS = "run_results.json";

  /** How many runs are looked at for one that committed the model. */
  private static final int RUNS_READ = 50;

  /** The profile of the batch a model committed last. */
  Optional<BatchProfile> last(String pipeline, String modelName) {
    if (!Files.isDirectory(runs)) {
      return Optional.empty();
    }
    for (Path run : newestFirst()) {
      Optional<JsonNode> json = read(run.resolve(RESULTS));
      if (json.isPresent() && json.get().path("pipeline").asText().equals(pipeline)) {
        Optional<BatchProfile> profile = profile(json.get(), modelName);
        if (profile.isPresent()) {
          return profile;
        }
      }
    }
    return Optional.empty();
  }

  /** Ids of runs sort as the runs started. */
  private List<Path> newestFirst() {
    try (Stream<Path> folders = Files.list(runs)) {
      return folders
          .filter(run -> Files.isRegularFile(run.resolve(RESULTS)))
          .sorted(Comparator.comparing((Path run) -> run.getFileName().toString()).reversed())
          .limit(RUNS_READ)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The profile of a model in a file: a run's results, or a profile alone. */
  static Optional<BatchProfile> inFile(Path file, String modelName) {
    return read(file)
        .flatMap(
            json ->
                json.has("models") ? profile(json, modelName) : ProfileJson.parse(json.toString()));
  }

  private static Optional<BatchProfile> profile(JsonNode results, String modelName) {
    for (JsonNode model : results.path("models")) {
      if (model.path("model_name").asText().equals(modelName) && model.has("profile")) {
        return ProfileJson.parse(model.get("profile").toString());
      }
    }
    return Optional.empty();
  }

  private static Optional<JsonNode> read(Path file) {
    try {
      return Optional.of(MAPPER.readTree(file.toFile()));
    } catch (IOException e) {
      return Optional.empty(); // a run that was killed, or a file of another program
    }
  }
}
