package io.scorebatch.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.ScoringEngine;
import io.scorebatch.api.engine.SqlEngine;
import io.scorebatch.api.engine.StagedScores;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.LoggedModel;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.ModelOrigin;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.model.ScorerFactory;
import io.scorebatch.api.model.Task;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.registry.ModelRegistry;
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
import io.scorebatch.pipeline.run.PipelineRunner;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
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
  private int version = 1;

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
    try {
      Files.writeString(
          file,
          "version: 1\ncatalog: main\nschema: ml\nmodels:\n  - model_name: m\n"
              + source
              + "    id_columns: [id]\n    output_table: p\n    model_type: raw\n"
              + settings.indent(4));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Rooms rooms =
        new Rooms(new Registry(), this::read, new Scorers(), tables, engine, d -> Optional.empty());
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

  private ModelPackage read(Path model) {
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
            Set.of(OutputKind.PREDICT),
            new ForeignModel("test", model, Map.of("version", "" + version))),
        Optional.of(OutputKind.PREDICT),
        List.of(),
        "digest-of-" + version,
        1);
  }

  private final class Registry implements ModelRegistry {
    @Override
    public ResolvedModel resolve(String uri) {
      if (!uri.equals("models:/main.ml.m/latest")) {
        throw ScorebatchException.of(ErrorCode.MODEL_NOT_FOUND, uri, "", "");
      }
      return new ResolvedModel(uri, "m", OptionalInt.of(version), folder, "test", null, null);
    }

    @Override
    public String description() {
      return "test";
    }

    @Override
    public void close() {}
  }

  private record Scorers() implements ScorerFactory {
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
      return new FakeScorer(
          model.inputs(),
          List.of(ScoreColumn.number(OutputKind.PREDICT, "predict")),
          (in, out) -> {
            for (int row = 0; row < in.rows(); row++) {
              out.numbers(0)[row] = in.numbers(0)[row] + 2 * in.numbers(1)[row] + offset;
            }
          });
    }
  }

  @Override
  public void close() {
    engine.close();
    tables.close();
  }
}
