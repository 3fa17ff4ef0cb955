package io.scorebatch.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What earlier runs of a pipeline took, from their {@code run_results.json}. Immutable.
 *
 * @param models the newest run that committed each model, by model name
 * @param newest the newest run that committed anything
 */
public record PastRuns(Map<String, Model> models, Optional<Run> newest) {
  private static final int RUNS_READ = 50;

  public PastRuns {
    models = Map.copyOf(models);
  }

  /** What a model took. */
  public record Model(double seconds, long rows) {}

  /**
   * What a run took.
   *
   * @param peakMemory of the whole program, as the run noted it; empty where it did not
   */
  public record Run(String runId, int models, double seconds, Optional<String> peakMemory) {}

  /**
   * Reads the runs in a folder, newest first; what is no run's result is passed over.
   *
   * @param folder the folder that holds a folder a run; need not exist
   */
  public static PastRuns read(Path folder) {
    Map<String, Model> models = new HashMap<>();
    Optional<Run> newest = Optional.empty();
    for (Path run : newestFirst(folder)) {
      JsonNode json;
      try {
        json = new ObjectMapper().readTree(run.resolve("run_results.json").toFile());
      } catch (IOException e) {
        continue; // a run that was killed, or a file of another program
      }
      int committed = 0;
      for (JsonNode model : json.path("models")) {
        if (model.path("status").asText().equals("SUCCESS")) {
          committed++;
          models.putIfAbsent(
              model.path("model_name").asText(),
              new Model(model.path("elapsed_seconds").asDouble(), model.path("rows").asLong()));
        }
      }
      if (newest.isEmpty() && committed > 0) {
        JsonNode memory = json.path("provenance").path("peak memory");
        newest =
            Optional.of(
                new Run(
                    json.path("run_id").asText(),
                    committed,
                    json.path("elapsed_seconds").asDouble(),
                    Optional.ofNullable(memory.textValue())));
      }
    }
    return new PastRuns(models, newest);
  }

  /** Names of runs sort as they started. */
  private static List<Path> newestFirst(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> runs = Files.list(folder)) {
      return runs.filter(run -> Files.isRegularFile(run.resolve("run_results.json")))
          .sorted(Comparator.comparing((Path run) -> run.getFileName().toString()).reversed())
          .limit(RUNS_READ)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
