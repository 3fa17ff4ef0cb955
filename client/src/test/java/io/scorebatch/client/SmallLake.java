package io.scorebatch.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.ScoringEngine;
import io.scorebatch.api.engine.SqlEngine;
import io.scorebatch.api.engine.StagedScores;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.LoggedModel;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.ModelOrigin;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.model.ScorerFactory;
import io.scorebatch.api.model.Task;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.registry.RegisteredVersions;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.api.run.ModelResult;
import io.scorebatch.api.run.RunListener;
import io.scorebatch.api.run.RunResult;
import io.scorebatch.api.spec.FeatureSpec;
import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.api.table.StagingArea;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Column;
import io.scorebatch.engine.duckdb.DuckDbScoringEngine;
import io.scorebatch.pipeline.config.PipelineFile;
import io.scorebatch.pipeline.run.Certificates;
import io.scorebatch.pipeline.run.PipelineRunner;
import io.scorebatch.pipeline.run.Recordings;
import io.scorebatch.pipeline.run.Rooms;
import io.scorebatch.pipeline.run.RunOptions;
import io.scorebatch.pipeline.run.RunScope;
import io.scorebatch.table.delta.DirectoryCatalog;
import io.scorebatch.testing.FakeScorer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline of one model over real Delta tables and DuckDB. The model's prediction is {@code v + 2
 * w + 1000 × its version}: {@code v} and {@code w} are looked up in table {@code f} by {@code id},
 * or in {@code f} and {@code g}.
 */
final class SmallLake implements AutoCloseable {
  static final TableName PREDICTIONS = new TableName("main", "ml", "p");

  private final Path folder;
  private final TableStore tables;
  private final ScoringEngine engine;
  private final Map<String, String> lookups;
  private final Set<Integer> broken = new HashSet<>();
  private int version = 1;
  private int registryFaults;
  private boolean hanging;
  private boolean strict;
  private UnaryOperator<TableStore> faulty = UnaryOperator.identity();

  /**
   * @param folder an empty folder
   * @param lookups the table that each feature comes from
   */
  SmallLake(Path folder, Map<String, String> lookups) {
    this.folder = folder;
    this.lookups = lookups;
    this.tables = DirectoryCatalog.open(folder.resolve("tables"));
    this.engine = DuckDbScoringEngine.open(tables, limits());
  }

  /** Both features in table {@code f}. */
  static SmallLake of(Path folder) {
    return new SmallLake(folder, Map.of("v", "f", "w", "f"));
  }

  private EngineLimits limits() {
    return new EngineLimits(256L << 20, 2, folder.resolve("spill"));
  }

  /** From now on the registry has this version. */
  void modelVersion(int newVersion) {
    version = newVersion;
  }

  /** This version cannot be read. */
  void breakVersion(int broke) {
    broken.add(broke);
  }

  /** The registry does not answer so many times. */
  void registryFaults(int faults) {
    registryFaults = faults;
  }

  /** From now on models do not come to an end unless they are cancelled. */
  void hang() {
    hanging = true;
  }

  /** From now on models refuse rows without a value. */
  void refuseMissing() {
    strict = true;
  }

  /** What the runs see of the tables from now on. */
  void faulty(UnaryOperator<TableStore> wrapper) {
    faulty = wrapper;
  }

  Path folder() {
    return folder;
  }

  TableStore tables() {
    return tables;
  }

  /** Replaces a table by a query. */
  void write(String table, String query) {
    commit(table, query, TableCommit.Mode.OVERWRITE);
  }

  /** Adds the rows of a query to a table. */
  void append(String table, String query) {
    commit(table, query, TableCommit.Mode.APPEND);
  }

  private void commit(String table, String query, TableCommit.Mode mode) {
    TableName name = new TableName("main", "ml", table);
    List<Column> columns = engine.describe(new KeySource.Query(query, List.of()));
    ScoringPlan plan =
        new ScoringPlan(
            table,
            name,
            new KeySource.Query(query, columns),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            columns.stream()
                .map(c -> new OutputColumn(c, new OutputValue.FromColumn(c.name())))
                .toList());
    try (StagingArea staging = tables.openStaging(name)) {
      StagedScores staged =
          engine.stage(
              plan, FakeScorer.weightedSum(), staging.folder(), limits(), RunControl.unwatched());
      tables.commit(
          new TableCommit(
              name,
              plan.outputSchema(),
              mode,
              staged.files(),
              null,
              mode == TableCommit.Mode.APPEND ? Map.of() : Map.of("scorebatch.primary_key", "id"),
              Optional.empty(),
              "test"));
    }
  }

  /** Runs the model; it must succeed. */
  ModelResult run(String settings) {
    return run(settings, RunScope.USUAL);
  }

  /** Runs the model; it must succeed. */
  ModelResult run(String settings, RunScope scope) {
    ModelResult result = attempt(settings, scope);
    assertThat(result.problems()).isEmpty();
    return result;
  }

  /**
   * Runs the model.
   *
   * @param settings of the model, as YAML lines
   */
  ModelResult attempt(String settings, RunScope scope) {
    RunResult result = runner(settings, scope, folder.resolve("runs")).run();
    return result.models().get(0);
  }

  PipelineRunner runner(String settings, RunScope scope, Path runs) {
    Path file = folder.resolve("pipeline.yaml");
    String source = settings.contains("source:") ? "" : "    feature_table: f\n";
    String type = settings.contains("model_type:") ? "" : "    model_type: raw\n";
    try {
      Files.writeString(
          file,
          "version: 1\ncatalog: main\nschema: ml\nmodels:\n  - model_name: m\n"
              + source
              + "    id_columns: [id]\n    output_table: p\n"
              + type
              + settings.indent(4));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Rooms rooms =
        new Rooms(
            new Registry(),
            this::read,
            new Scorers(),
            faulty.apply(tables),
            engine,
            d -> Optional.empty(),
            this::compare,
            DirectoryCatalog::open);
    RunOptions options = new RunOptions(List.of(), Set.of(), 1, 256L << 20, 2, false, false, scope);
    return new PipelineRunner(
        rooms, PipelineFile.read(file), options, RunListener.SILENT, runs, "test");
  }

  /** The rows of a query, each as text with commas between, sorted. */
  List<String> rows(String query) {
    List<String> rows = new ArrayList<>();
    ((SqlEngine) engine)
        .query(
            query,
            new SqlEngine.Rows() {
              @Override
              public void columns(List<Column> columns) {}

              @Override
              public void row(List<@Nullable Object> values) {
                rows.add(values.stream().map(String::valueOf).collect(Collectors.joining(",")));
              }
            });
    rows.sort(null);
    return rows;
  }

  /** Keys and predictions of the prediction table. */
  List<String> predictions() {
    return rows("SELECT id, prediction FROM main.ml.p");
  }

  Map<String, String> properties() {
    return predictionTable().properties();
  }

  TableSnapshot predictionTable() {
    return tables.snapshot(PREDICTIONS);
  }

  /** Golden rows of this model are a file with the version they were recorded with. */
  private Recordings.Compared compare(ResolvedModel resolved, ModelPackage model, Path rows) {
    try {
      String recorded = Files.readString(rows).strip();
      boolean same = model.digest().equals("digest-of-" + recorded);
      return new Recordings.Compared(
          3,
          same ? Certificates.Verdict.EXACT : Certificates.Verdict.DIFFERENT,
          same ? "" : "row 0, predict: 1.0, Python 2.0");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ModelPackage read(Path model) {
    int number = Integer.parseInt(model.getFileName().toString());
    if (broken.contains(number)) {
      throw ScorebatchException.of(
          ErrorCode.MODEL_UNREADABLE, "Version " + number + " is broken.", "", "");
    }
    LoggedModel logged =
        new LoggedModel(model, null, null, Map.of(), Optional.empty(), null, null, null);
    List<SpecColumn> columns = new ArrayList<>();
    columns.add(new SpecColumn.Requested("id", null, false, OptionalInt.empty()));
    for (String feature : List.of("v", "w")) {
      columns.add(
          new SpecColumn.Looked(
              feature,
              "main.ml." + lookups.get(feature),
              feature,
              List.of("id"),
              null,
              null,
              null,
              true,
              OptionalInt.empty()));
    }
    return new ModelPackage(
        logged,
        logged,
        Optional.of(new FeatureSpec(columns, Map.of(), List.of(), 11, null, null)),
        new Model(
            new ModelOrigin("test", "1", "test.Sum", "none"),
            Task.REGRESSION,
            List.of(ModelInput.number("v"), ModelInput.number("w")),
            true,
            Optional.empty(),
            Set.of(OutputKind.PREDICT, OutputKind.DECISION_FUNCTION),
            new ForeignModel("test", model, Map.of("version", "" + number))),
        Optional.of(OutputKind.PREDICT),
        List.of(),
        "digest-of-" + number,
        1);
  }

  private final class Registry implements ModelRegistry {
    @Override
    public ResolvedModel resolve(String uri) {
      if (registryFaults > 0) {
        registryFaults--;
        throw ScorebatchException.of(
            ErrorCode.REGISTRY_UNREADABLE, "The registry does not answer.", "", "");
      }
      boolean newest = uri.equals("models:/main.ml.m/latest");
      if (!newest && !uri.startsWith("models:/m/")) {
        throw ScorebatchException.of(ErrorCode.MODEL_NOT_FOUND, uri, "", "");
      }
      int number = newest ? version : Integer.parseInt(uri.substring(uri.lastIndexOf('/') + 1));
      return new ResolvedModel(
          uri, "m", OptionalInt.of(number), Path.of("" + number), "test", null, null);
    }

    @Override
    public Optional<RegisteredVersions> versions(String name) {
      return Optional.of(
          new RegisteredVersions(IntStream.rangeClosed(1, version).boxed().toList(), Map.of()));
    }

    @Override
    public String description() {
      return "test";
    }

    @Override
    public void close() {}
  }

  private final class Scorers implements ScorerFactory {
    @Override
    public boolean supports(Model model) {
      return true;
    }

    @Override
    public Scorer create(Model model, List<OutputKind> kinds) {
      double offset =
          1000
              * Double.parseDouble(
                  ((ForeignModel) model.structure()).attributes().getOrDefault("version", "0"));
      List<ScoreColumn> outputs =
          kinds.stream().map(kind -> ScoreColumn.number(kind, kind.configName())).toList();
      CountDownLatch end = new CountDownLatch(hanging ? 1 : 0);
      FakeScorer sum =
          new FakeScorer(
              model.inputs(),
              outputs,
              (in, out) -> {
                await(end);
                for (int row = 0; row < in.rows(); row++) {
                  if (strict && Double.isNaN(in.numbers(0)[row])) {
                    throw new RejectedValueException(
                        row, 0, RejectedValueException.Reason.NAN, "NaN");
                  }
                  double score = in.numbers(0)[row] + 2 * in.numbers(1)[row] + offset;
                  for (int column = 0; column < outputs.size(); column++) {
                    out.numbers(column)[row] = score;
                  }
                }
              });
      return new Cancellable(sum, end);
    }
  }

  private static void await(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A scorer that a cancelled run wakes. */
  private record Cancellable(Scorer scorer, CountDownLatch end) implements Scorer {
    @Override
    public List<ModelInput> inputs() {
      return scorer.inputs();
    }

    @Override
    public List<ScoreColumn> outputs() {
      return scorer.outputs();
    }

    @Override
    public void score(ColumnBlock in, ScoreBlock out) {
      scorer.score(in, out);
    }

    @Override
    public void cancel() {
      end.countDown();
    }
  }

  @Override
  public void close() {
    engine.close();
    tables.close();
  }
}
