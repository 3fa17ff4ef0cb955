package io.scorebatch.client;

import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.registry.ResolvedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Compares the scores of a model with what Python answered, and certifies what was found. Rows come
 * from a file or the model's input example. Python's answers come with them, as columns {@code
 * prediction} (what the logged model's own {@code predict} returns), {@code predict}, {@code
 * decision_function}, {@code score_samples}, {@code raw_margin}, {@code predict_proba_<class>} or
 * {@code <kind>_<position>}; or Python is started to answer. Immutable.
 */
public final class Verification {
  private final Connections connections;
  private final String modelUri;
  private final Optional<Path> rows;
  private final boolean againstPython;
  private final Optional<Path> recording;

  private Verification(
      Connections connections,
      String modelUri,
      Optional<Path> rows,
      boolean againstPython,
      Optional<Path> recording) {
    this.connections = connections;
    this.modelUri = modelUri;
    this.rows = rows;
    this.againstPython = againstPython;
    this.recording = recording;
  }

  /** Over the model's input example, with answers recorded there. */
  public static Verification of(Connections connections, String modelUri) {
    return new Verification(connections, modelUri, Optional.empty(), false, Optional.empty());
  }

  /** Over the rows of a file: {@code .json}, {@code .jsonl}, {@code .csv} or {@code .parquet}. */
  public Verification over(Path file) {
    return new Verification(connections, modelUri, Optional.of(file), againstPython, recording);
  }

  /**
   * Python answers now, over the rows and edge rows made from them: the model's thresholds and
   * their neighbours, missing and huge values. The connections must allow it.
   *
   * @param keep file that keeps the recording, as JSON; null for none
   */
  public Verification againstPython(@Nullable Path keep) {
    return new Verification(connections, modelUri, rows, true, Optional.ofNullable(keep));
  }

  /**
   * A certificate and where it is kept.
   *
   * @param certificate what was found
   * @param file kept by digest; pipelines with {@code parity: required} look there
   */
  public record Result(Certificate certificate, Path file) {}

  /**
   * Compares, and keeps the certificate in place of an older one.
   *
   * @throws io.scorebatch.api.error.ScorebatchException where model or rows cannot be read, there
   *     is nothing to compare, or Python may not or cannot answer
   */
  public Result run() {
    try (ModelRegistry registry = Wiring.models(connections)) {
      ResolvedModel resolved = registry.resolve(modelUri);
      ModelPackage model = new FolderOrFileReader().read(resolved.folder());
      Recording recorded = recorded(resolved, model);
      Certificate certificate = compare(resolved, model, recorded);
      return new Result(certificate, CertificateFolder.of(connections).keep(certificate));
    }
  }

  private Recording recorded(ResolvedModel resolved, ModelPackage model) {
    Path folder = model.logged().folder();
    Path scored = model.scored().folder();
    boolean alone = Files.isRegularFile(resolved.folder());
    Optional<Recording> known =
        rows.map(RecordingFile::read)
            .or(() -> alone ? Optional.empty() : RecordingFile.example(List.of(folder, scored)));
    if (!againstPython) {
      return known.orElseThrow(() -> RecordingErrors.noExample(resolved.folder()));
    }
    Recording edges =
        EdgeRows.with(
            model.model(),
            known.orElseGet(() -> new Recording(List.of(), List.of(), "No given rows")));
    Path weights = alone ? resolved.folder() : scored;
    if (recording.isPresent()) {
      return record(model, weights, edges, recording.get());
    }
    try (Scratch scratch = Scratch.folder()) {
      return record(model, weights, edges, scratch.path().resolve("recording.json"));
    }
  }

  private Recording record(ModelPackage model, Path weights, Recording edges, Path file) {
    return PythonRecorder.record(connections.python().settings(), model, weights, edges, file);
  }

  Certificate compare(ResolvedModel resolved, ModelPackage read, Recording recorded) {
    if (recorded.rows().isEmpty()) {
      throw RecordingErrors.noRows(recorded.source());
    }
    Model model = read.model();
    NativeAndForeignScorers scorers = new NativeAndForeignScorers(connections.python());
    List<Certificate.Compared> compared = new ArrayList<>();
    List<String> wanted = new ArrayList<>();
    int refused = 0;
    for (OutputKind kind : new TreeSet<>(model.outputKinds())) {
      try (Scorer scorer = scorers.create(model, List.of(kind))) {
        List<String> names = columns(recorded, read, kind, scorer.outputs(), wanted);
        if (names.isEmpty()) {
          continue;
        }
        Recording answered = recorded.rowsWith(names);
        if (answered.rows().isEmpty()) {
          continue;
        }
        refused = Math.max(refused, recorded.rows().size() - answered.rows().size());
        compared.add(
            Comparison.of(
                kind,
                scorer,
                answered,
                values(answered, names, scorer.outputs().size()),
                Tolerance.of(model, kind)));
      }
    }
    if (compared.isEmpty()) {
      throw RecordingErrors.noAnswers(recorded.source(), wanted);
    }
    return new Certificate(
        read.digest(),
        modelUri,
        resolved.name(),
        resolved.version(),
        model.origin().library() + " " + model.origin().version(),
        model.origin().className(),
        recorded.source(),
        recorded.rows().size() - refused,
        refused,
        compared,
        Program.version(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS));
  }

  /** A list a column of the scorer; a single column may hold the lists of all. */
  private static List<List<@Nullable Object>> values(
      Recording recorded, List<String> names, int width) {
    List<List<@Nullable Object>> values = new ArrayList<>();
    for (String name : names) {
      values.add(recorded.column(recorded.columns().indexOf(name)));
    }
    if (names.size() == width) {
      return values;
    }
    List<List<@Nullable Object>> split = new ArrayList<>();
    for (int c = 0; c < width; c++) {
      List<@Nullable Object> column = new ArrayList<>();
      for (Object cell : values.get(0)) {
        column.add(cell instanceof List<?> list && c < list.size() ? list.get(c) : null);
      }
      split.add(column);
    }
    return split;
  }

  /** The recorded columns of a kind, one a column of the scorer, or one for all; maybe none. */
  private static List<String> columns(
      Recording recorded,
      ModelPackage model,
      OutputKind kind,
      List<ScoreColumn> outputs,
      List<String> wanted) {
    Set<String> there = new LinkedHashSet<>(recorded.columns());
    model.model().inputs().forEach(input -> there.remove(input.name()));
    String name = kind.configName();
    List<String> prefixes = new ArrayList<>(List.of(name));
    if (model.pythonOutput().filter(kind::equals).isPresent()) {
      prefixes.add("prediction");
    }
    boolean single = outputs.size() == 1;
    wanted.addAll(single ? prefixes : List.of(name + "_" + outputs.get(0).name()));
    for (String prefix : prefixes) {
      if (there.contains(prefix) && (single || holdsLists(recorded, prefix))) {
        return List.of(prefix);
      }
      List<String> named = outputs.stream().map(output -> prefix + "_" + output.name()).toList();
      List<String> numbered = new ArrayList<>();
      for (int i = 0; i < outputs.size(); i++) {
        numbered.add(prefix + "_" + i);
      }
      for (List<String> form : List.of(named, numbered)) {
        if (there.containsAll(form)) {
          return form;
        }
      }
      if (named.stream().anyMatch(there::contains)) {
        throw RecordingErrors.partialAnswers(
            recorded.source(), prefix, named.stream().filter(n -> !there.contains(n)).toList());
      }
    }
    return List.of();
  }

  private static boolean holdsLists(Recording recorded, String column) {
    int index = recorded.columns().indexOf(column);
    return recorded.rows().stream().anyMatch(row -> row.get(index) instanceof List<?>);
  }
}
