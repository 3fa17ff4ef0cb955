package io.scorebatch.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.error.Suggestions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * A run as its {@code run_results.json} tells it. Immutable.
 *
 * @param folder the run's folder
 * @param runId its id
 * @param pipeline the pipeline's name
 * @param startedAt UTC
 * @param seconds wall time
 * @param models one entry a model
 */
public record RecordedRun(
    Path folder,
    String runId,
    String pipeline,
    Instant startedAt,
    double seconds,
    List<Model> models) {
  public static final String FILE = "run_results.json";

  public RecordedRun {
    models = List.copyOf(models);
  }

  /**
   * What became of a model.
   *
   * @param name name in the pipeline
   * @param domain its domain
   * @param status {@code SUCCESS}, {@code FAILED}, {@code NOT_FOUND} or {@code SKIPPED}
   * @param method how it was scored; empty where it was not
   * @param version version of the model
   * @param digest of its artifacts; empty where not read
   * @param table prediction table, as the pipeline names it
   * @param tableVersion version committed
   * @param rows rows committed
   * @param seconds wall time
   * @param gates what gates said
   * @param problems why it failed, as messages
   * @param notes what the user should know
   */
  public record Model(
      String name,
      String domain,
      String status,
      String method,
      OptionalLong version,
      String digest,
      String table,
      OptionalLong tableVersion,
      long rows,
      double seconds,
      List<Gate> gates,
      List<String> problems,
      List<String> notes) {
    public Model {
      gates = List.copyOf(gates);
      problems = List.copyOf(problems);
      notes = List.copyOf(notes);
    }

    public boolean committed() {
      return tableVersion.isPresent();
    }
  }

  /** What a gate said; measured as text, empty where nothing was. */
  public record Gate(
      String gate, String subject, String measured, String limit, String verdict, String detail) {
    /** Gate and subject: what tells it from others of the model. */
    public String name() {
      return subject.isEmpty() ? gate : gate + " (" + subject + ")";
    }
  }

  /** Its model of a name; empty where it has none. */
  public Optional<Model> model(String name) {
    return models.stream().filter(model -> model.name().equals(name)).findFirst();
  }

  /**
   * Reads a run's folder; empty where it holds no results: a run that was killed, or another
   * program's folder.
   */
  public static Optional<RecordedRun> read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(parse(folder, new ObjectMapper().readTree(file.toFile())));
    } catch (IOException | DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /**
   * Finds a run among those of a pipeline.
   *
   * @param runs the folder that holds a folder a run; need not exist
   * @param wanted an id or the start of one; empty for the newest
   * @throws ScorebatchException {@code USAGE} where there is no such run, or there are several
   */
  public static RecordedRun find(Path runs, String wanted) {
    List<RecordedRun> all = newestFirst(runs);
    List<RecordedRun> found =
        wanted.isEmpty()
            ? all.stream().limit(1).toList()
            : all.stream().filter(run -> run.runId().startsWith(wanted)).toList();
    if (found.size() == 1) {
      return found.get(0);
    }
    List<String> ids = all.stream().map(RecordedRun::runId).toList();
    if (found.isEmpty()) {
      throw ScorebatchException.of(
          ErrorCode.USAGE,
          wanted.isEmpty()
              ? "There is no finished run in " + runs + "."
              : "There is no finished run '" + wanted + "' in " + runs + ".",
          Suggestions.didYouMean(wanted, ids),
          ids.isEmpty()
              ? "run the pipeline first: scorebatch run -f FILE."
              : "name one of its " + ids.size() + " runs, the newest is " + ids.get(0) + ".");
    }
    throw ScorebatchException.of(
        ErrorCode.USAGE,
        "'" + wanted + "' is the start of " + found.size() + " runs.",
        "",
        "write more of the id: " + found.get(0).runId() + " …");
  }

  /** All runs with results; ids sort as the runs started. */
  public static List<RecordedRun> newestFirst(Path runs) {
    if (!Files.isDirectory(runs)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(runs)) {
      return folders
          .map(RecordedRun::read)
          .flatMap(Optional::stream)
          .sorted(Comparator.comparing(RecordedRun::runId).reversed())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static RecordedRun parse(Path folder, JsonNode json) {
    List<Model> models = new ArrayList<>();
    json.path("models").forEach(model -> models.add(model(model)));
    return new RecordedRun(
        folder,
        json.path("run_id").asText(),
        json.path("pipeline").asText(),
        Instant.parse(json.path("started_at").asText()),
        json.path("elapsed_seconds").asDouble(),
        models);
  }

  private static Model model(JsonNode json) {
    List<Gate> gates = new ArrayList<>();
    for (JsonNode gate : json.path("gates")) {
      gates.add(
          new Gate(
              gate.path("gate").asText(),
              gate.path("subject").asText(),
              text(gate, "measured"),
              gate.path("limit").asText(),
              gate.path("verdict").asText(),
              gate.path("detail").asText()));
    }
    List<String> problems = new ArrayList<>();
    for (JsonNode problem : json.path("problems")) {
      problems.add(problem.path("code").asText() + " " + problem.path("what").asText());
    }
    List<String> notes = new ArrayList<>();
    json.path("notes").forEach(note -> notes.add(note.asText()));
    return new Model(
        json.path("model_name").asText(),
        json.path("domain").asText(),
        json.path("status").asText(),
        text(json, "method"),
        number(json, "model_version"),
        text(json, "model_digest"),
        json.path("output_table").asText(),
        number(json, "table_version"),
        json.path("rows").asLong(),
        json.path("elapsed_seconds").asDouble(),
        gates,
        problems,
        notes);
  }

  private static String text(JsonNode json, String field) {
    return json.path(field).isNull() ? "" : json.path(field).asText();
  }

  private static OptionalLong number(JsonNode json, String field) {
    return json.path(field).isIntegralNumber()
        ? OptionalLong.of(json.path(field).longValue())
        : OptionalLong.empty();
  }
}
