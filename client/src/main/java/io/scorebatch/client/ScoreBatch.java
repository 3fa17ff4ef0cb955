package io.scorebatch.client;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.SqlEngine;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OnDemandFunction;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.api.spec.FeatureSpec;
import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.api.table.AsOf;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.pipeline.config.ModelType;
import io.scorebatch.pipeline.plan.PlanRequest;
import io.scorebatch.pipeline.run.BatchOrigin;
import io.scorebatch.pipeline.run.Publication;
import io.scorebatch.pipeline.run.Rooms;
import io.scorebatch.pipeline.run.ScoringJob;
import io.scorebatch.report.CsvRowPrinter;
import io.scorebatch.report.JsonRowPrinter;
import io.scorebatch.report.RowPrinter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;

/**
 * One {@code score_batch}: a model over keys. Nothing is read until one of {@link #saveAsTable},
 * {@link #saveAsFile} or {@link #forEachRow} is called. Immutable; the setters give a new one.
 *
 * <p>Models without feature metadata are called with the columns the keys bring, by name.
 */
public final class ScoreBatch {
  private final Rooms rooms;
  private final Connections connections;
  private final String modelUri;
  private final Keys keys;
  private final ModelType type;
  private final Optional<OutputKind> outputKind;
  private final List<String> passthrough;
  private final Map<String, String> functions;
  private final DuplicateKeys duplicates;
  private final RunControl control;
  private final Features features;

  /** How features are found, beyond what the model says. */
  private record Features(
      Map<String, OnDemandFunction> javaFunctions,
      boolean evidence,
      Optional<AsOf> asOf,
      Optional<Duration> lookback) {
    Features {
      javaFunctions = Map.copyOf(javaFunctions);
    }
  }

  ScoreBatch(Rooms rooms, Connections connections, String modelUri, Keys keys) {
    this(
        rooms,
        connections,
        modelUri,
        keys,
        ModelType.RAW,
        Optional.empty(),
        List.of(),
        Map.of(),
        DuplicateKeys.FAIL,
        RunControl.unwatched(),
        new Features(Map.of(), false, Optional.empty(), Optional.empty()));
  }

  private ScoreBatch(
      Rooms rooms,
      Connections connections,
      String modelUri,
      Keys keys,
      ModelType type,
      Optional<OutputKind> outputKind,
      List<String> passthrough,
      Map<String, String> functions,
      DuplicateKeys duplicates,
      RunControl control,
      Features features) {
    this.rooms = rooms;
    this.connections = connections;
    this.modelUri = modelUri;
    this.keys = keys;
    this.type = type;
    this.outputKind = outputKind;
    this.passthrough = List.copyOf(passthrough);
    this.functions = Map.copyOf(functions);
    this.duplicates = duplicates;
    this.control = control;
    this.features = features;
  }

  /**
   * What the predictions are, which decides their columns; what {@code predict} returns if unset.
   */
  public ScoreBatch as(ModelType newType) {
    return new ScoreBatch(
        rooms,
        connections,
        modelUri,
        keys,
        newType,
        outputKind,
        passthrough,
        functions,
        duplicates,
        control,
        features);
  }

  /** What to ask the model for, instead of the type's own choice. */
  public ScoreBatch outputKind(OutputKind kind) {
    return new ScoreBatch(
        rooms,
        connections,
        modelUri,
        keys,
        type,
        Optional.of(kind),
        passthrough,
        functions,
        duplicates,
        control,
        features);
  }

  /** Columns of the keys to keep beside the model's keys. */
  public ScoreBatch passthrough(List<String> columns) {
    return new ScoreBatch(
        rooms,
        connections,
        modelUri,
        keys,
        type,
        outputKind,
        columns,
        functions,
        duplicates,
        control,
        features);
  }

  /** SQL expression by full name of each on-demand function the model needs. */
  public ScoreBatch functions(Map<String, String> sqlByName) {
    Map<String, String> lower = new LinkedHashMap<>();
    sqlByName.forEach((name, sql) -> lower.put(name.toLowerCase(Locale.ROOT), sql));
    return new ScoreBatch(
        rooms,
        connections,
        modelUri,
        keys,
        type,
        outputKind,
        passthrough,
        lower,
        duplicates,
        control,
        features);
  }

  /** On-demand functions in Java by full name, beside those in SQL. */
  public ScoreBatch javaFunctions(Map<String, OnDemandFunction> byName) {
    Map<String, OnDemandFunction> lower = new LinkedHashMap<>();
    byName.forEach((name, body) -> lower.put(name.toLowerCase(Locale.ROOT), body));
    return with(new Features(lower, features.evidence(), features.asOf(), features.lookback()));
  }

  /** Adds the column {@code feature_evidence}, which tells what each look-up found. */
  public ScoreBatch featureEvidence() {
    return with(new Features(features.javaFunctions(), true, features.asOf(), features.lookback()));
  }

  /** Reads feature tables as of a moment or version; the keys are those of now. */
  public ScoreBatch asOf(AsOf moment) {
    return with(
        new Features(
            features.javaFunctions(),
            features.evidence(),
            Optional.of(moment),
            features.lookback()));
  }

  /**
   * How old a feature may be, in place of what the model was logged with, for every look-up that
   * has a point in time; zero for features of the very moment only.
   */
  public ScoreBatch lookback(Duration window) {
    return with(
        new Features(
            features.javaFunctions(), features.evidence(), features.asOf(), Optional.of(window)));
  }

  private ScoreBatch with(Features newFeatures) {
    return new ScoreBatch(
        rooms,
        connections,
        modelUri,
        keys,
        type,
        outputKind,
        passthrough,
        functions,
        duplicates,
        control,
        newFeatures);
  }

  /** What to do where a feature table holds a key twice; refused if unset. */
  public ScoreBatch onDuplicateKey(DuplicateKeys rule) {
    return new ScoreBatch(
        rooms,
        connections,
        modelUri,
        keys,
        type,
        outputKind,
        passthrough,
        functions,
        rule,
        control,
        features);
  }

  /** How the call is watched and cancelled. */
  public ScoreBatch control(RunControl newControl) {
    return new ScoreBatch(
        rooms,
        connections,
        modelUri,
        keys,
        type,
        outputKind,
        passthrough,
        functions,
        duplicates,
        newControl,
        features);
  }

  /**
   * Replaces a table with the predictions, in one version.
   *
   * @throws ScorebatchException with the table as it was
   */
  public BatchSummary saveAsTable(String table) {
    TableName target = TableName.parse(table, connections.catalog(), connections.schema());
    Path spill = scratchFolder();
    try {
      Prepared prepared = prepare(target, spill);
      EngineLimits limits = limits(connections.threads(), spill);
      try (Publication publication =
          Publication.overwriting(rooms, target, "Scorebatch/" + Program.version())) {
        ScoringJob.Scored scored = score(prepared, publication, limits);
        publication.publish(scored, origin(prepared), limits, control);
        return summary(prepared, scored);
      }
    } finally {
      Scratch.delete(spill);
    }
  }

  private BatchOrigin origin(Prepared prepared) {
    return new BatchOrigin(
        "score-" + UUID.randomUUID(),
        "score",
        prepared.model(),
        prepared.request().model().digest(),
        "score_batch",
        type,
        prepared.request().keyColumns());
  }

  /**
   * Writes the predictions to a file, replacing it: {@code .parquet}, {@code .csv} or {@code
   * .json}.
   *
   * @throws ScorebatchException with the file as it was
   */
  public BatchSummary saveAsFile(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    if (!name.endsWith(".parquet") && !name.endsWith(".csv") && !name.endsWith(".json")) {
      throw ScorebatchException.of(
          ErrorCode.USAGE,
          "'" + file + "' has no ending that tells a format.",
          "",
          "end it with .parquet, .csv or .json, or name a table.");
    }
    Path absolute = file.toAbsolutePath();
    Path folder = scratchBeside(absolute);
    try {
      Prepared prepared = prepare(fileTarget(), folder);
      ScoringJob.Scored scored = run(prepared, folder, 1);
      Path whole = folder.resolve("whole");
      if (name.endsWith(".parquet")) {
        whole = onlyFile(scored);
      } else {
        print(scored, whole, name.endsWith(".csv"));
      }
      Files.move(whole, absolute, StandardCopyOption.REPLACE_EXISTING);
      return summary(prepared, scored);
    } catch (IOException e) {
      throw unwritable(absolute, e);
    } finally {
      Scratch.delete(folder);
    }
  }

  /** Hands every row to the receiver, in no particular order. */
  public BatchSummary forEachRow(SqlEngine.Rows receiver) {
    Path folder = scratchFolder();
    try {
      Prepared prepared = prepare(fileTarget(), folder);
      ScoringJob.Scored scored = run(prepared, folder, connections.threads());
      rooms.engine().read(scored.scores().files(), receiver);
      return summary(prepared, scored);
    } finally {
      Scratch.delete(folder);
    }
  }

  private record Prepared(ResolvedModel model, PlanRequest request, ScoringJob job) {}

  private Prepared prepare(TableName target, Path scratch) {
    ResolvedModel resolved = rooms.registry().resolve(modelUri);
    ModelPackage read = rooms.reader().read(resolved.folder());
    ModelPackage model =
        features.lookback().map(window -> ScoringJob.withLookback(read, window)).orElse(read);
    ScoringJob job = new ScoringJob(rooms, features.asOf());
    boolean hasSpec = model.featureSpec().isPresent();
    Set<String> wanted = new LinkedHashSet<>();
    if (hasSpec) {
      model.featureSpec().orElseThrow().requested().forEach(column -> wanted.add(column.name()));
    } else {
      model.model().inputs().forEach(input -> wanted.add(input.name()));
    }
    KeySource source = source(job, model, wanted, scratch);
    if (!hasSpec) {
      model = withColumnsOfTheKeys(model, source);
    }
    PlanRequest request =
        new PlanRequest(
            resolved.name(),
            resolved.version(),
            model,
            target,
            source,
            keyColumns(source, wanted, hasSpec),
            passthrough,
            List.of(),
            type,
            outputKind,
            Optional.empty(),
            0.5,
            duplicates,
            functions,
            Instant.now().truncatedTo(ChronoUnit.MICROS),
            features.javaFunctions(),
            features.evidence(),
            List.of());
    return new Prepared(resolved, request, job);
  }

  /** With metadata the columns it asks for; else what the keys bring that is no feature. */
  private List<String> keyColumns(KeySource source, Set<String> wanted, boolean hasSpec) {
    List<String> names = source.columns().stream().map(Column::name).toList();
    if (hasSpec) {
      return List.copyOf(wanted);
    }
    List<String> others =
        names.stream().filter(n -> !wanted.contains(n) && !passthrough.contains(n)).toList();
    return others.isEmpty() && passthrough.isEmpty() ? names : others;
  }

  /** Whether the signature does without an input. */
  private static boolean isOptional(ModelPackage model, ModelInput input) {
    return model.scored().signature().stream()
        .flatMap(signature -> signature.inputs().stream())
        .anyMatch(field -> input.name().equals(field.name()) && !field.required());
  }

  private static ModelPackage withColumnsOfTheKeys(ModelPackage model, KeySource keys) {
    List<SpecColumn> columns = new ArrayList<>();
    for (ModelInput input : model.model().inputs()) {
      boolean given = keys.columns().stream().anyMatch(c -> c.name().equals(input.name()));
      if (given || !isOptional(model, input)) {
        columns.add(new SpecColumn.Requested(input.name(), null, true, OptionalInt.empty()));
      }
    }
    FeatureSpec spec = new FeatureSpec(columns, Map.of(), List.of(), 11, null, null);
    return model.withFeatureSpec(spec);
  }

  private KeySource source(ScoringJob job, ModelPackage model, Set<String> wanted, Path scratch) {
    if (keys instanceof Keys.Query query) {
      KeySource.Query bare = new KeySource.Query(query.sql(), List.of());
      return new KeySource.Query(query.sql(), rooms.engine().describe(bare));
    }
    if (keys instanceof Keys.Rows rows) {
      return RowFile.write(scratch.resolve("keys.jsonl"), rows.schema(), rows.rows());
    }
    if (keys instanceof Keys.File file && ArrowKeys.isArrow(file.path())) {
      return ArrowKeys.read(file.path(), scratch.resolve("keys.jsonl"));
    }
    if (keys instanceof Keys.File file) {
      return job.keys(file.path(), format(file.path()), model);
    }
    String name = ((Keys.Table) keys).name();
    TableSnapshot table =
        job.snapshot(TableName.parse(name, connections.catalog(), connections.schema()));
    List<Column> columns =
        table.schema().columns().stream()
            .filter(c -> wanted.contains(c.name()) || passthrough.contains(c.name()))
            .toList();
    return new KeySource.TableRows(table, columns, true);
  }

  static KeySource.File.Format format(Path file) {
    return KeySource.File.Format.of(file).orElseThrow(() -> unknownFormat(file));
  }

  private static ScorebatchException unknownFormat(Path file) {
    return ScorebatchException.of(
        ErrorCode.USAGE,
        "The key file '" + file + "' has no ending that tells its format.",
        "",
        "end it with .parquet, .csv, .jsonl, .ndjson, .arrow, .feather or .arrows.");
  }

  private ScoringJob.Scored run(Prepared prepared, Path folder, int threads) {
    return score(
        prepared,
        new ScoringJob.FolderDestination(folder),
        limits(threads, folder.resolve("spill")));
  }

  private ScoringJob.Scored score(
      Prepared prepared, ScoringJob.Destination destination, EngineLimits limits) {
    try (ScoringJob.Prepared planned = prepared.job().prepare(prepared.request(), false)) {
      return prepared.job().score(planned, destination, limits, control);
    }
  }

  private EngineLimits limits(int threads, Path spill) {
    return new EngineLimits(connections.memoryBytes(), threads, spill);
  }

  private static Path scratchFolder() {
    try {
      return Files.createTempDirectory("scorebatch-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TableName fileTarget() {
    return new TableName("local", "files", "predictions");
  }

  private static BatchSummary summary(Prepared prepared, ScoringJob.Scored scored) {
    return new BatchSummary(prepared.model(), scored.scores().statistics(), scored.notes());
  }

  private static Path onlyFile(ScoringJob.Scored scored) {
    if (scored.scores().files().size() != 1) {
      throw new IllegalStateException(
          "one thread wrote " + scored.scores().files().size() + " files");
    }
    return scored.scores().files().get(0).file();
  }

  private void print(ScoringJob.Scored scored, Path whole, boolean csv) throws IOException {
    try (PrintStream out =
            new PrintStream(
                new BufferedOutputStream(Files.newOutputStream(whole)),
                false,
                StandardCharsets.UTF_8);
        RowPrinter printer = csv ? new CsvRowPrinter(out) : new JsonRowPrinter(out)) {
      rooms.engine().read(scored.scores().files(), printer);
      out.flush();
      if (out.checkError()) {
        throw new IOException("could not write all rows");
      }
    }
  }

  static Path scratchBeside(Path file) {
    try {
      Path parent = file.getParent();
      Path base = parent == null ? Path.of("/") : parent;
      return Files.createTempDirectory(base, ".scorebatch-");
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  static ScorebatchException unwritable(Path file, IOException cause) {
    return new ScorebatchException(
        new io.scorebatch.api.error.Problem(
            ErrorCode.TABLE_NOT_WRITABLE,
            "'" + file + "' cannot be written: " + cause + ".",
            "",
            "choose a folder that exists and may be written."),
        cause);
  }
}
