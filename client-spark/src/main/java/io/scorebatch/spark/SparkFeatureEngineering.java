package io.scorebatch.spark;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problems;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.ModelReader;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.api.spec.FeatureSpec;
import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Column;
import io.scorebatch.artifact.ArtifactReader;
import io.scorebatch.engine.spark.ClusterScorers;
import io.scorebatch.engine.spark.SparkScoringEngine;
import io.scorebatch.kernel.NativeScorerFactory;
import io.scorebatch.pipeline.plan.PlanRequest;
import io.scorebatch.pipeline.plan.Planner;
import io.scorebatch.pipeline.plan.PredictionColumns;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * {@code score_batch} over DataFrames. Thread-safe; close it when the DataFrames it gave are no
 * longer used.
 *
 * <pre>{@code
 * SparkFeatureEngineering features = SparkFeatureEngineering.on(spark, registry, tables);
 * Dataset<Row> scored =
 *     features.scoreBatch("models:/main.ml.churn/3", keys, BatchOptions.of(CLASSIFICATION));
 * features.overwrite(scored, "main.ml.churn_predictions", "nightly churn", night);
 * }</pre>
 */
public final class SparkFeatureEngineering implements AutoCloseable {
  private final ModelRegistry registry;
  private final ModelReader reader;
  private final ClusterScorers scorers;
  private final TableStore tables;
  private final SparkScoringEngine engine;

  private SparkFeatureEngineering(SparkSession spark, ModelRegistry registry, TableStore tables) {
    this.registry = registry;
    this.reader = new ArtifactReader();
    this.scorers = ClusterScorers.of(List.of(NativeScorerFactory.class));
    this.tables = tables;
    this.engine = SparkScoringEngine.on(spark, tables);
  }

  /**
   * @param spark a running session; stays open
   * @param registry where models are found; stays open
   * @param tables where feature tables are found by their three-part names; stays open
   */
  public static SparkFeatureEngineering on(
      SparkSession spark, ModelRegistry registry, TableStore tables) {
    return new SparkFeatureEngineering(spark, registry, tables);
  }

  /** What the model's own {@code predict} returns for each row. */
  public Dataset<Row> scoreBatch(String modelUri, Dataset<Row> rows) {
    return scoreBatch(modelUri, rows, BatchOptions.raw());
  }

  /**
   * Joins the features a model needs to rows and applies it. The model's version and the feature
   * tables' versions are those of this call, whenever rows are asked for; nothing is scored before.
   *
   * @param modelUri {@code models:/name/3}, {@code models:/name@alias} …
   * @param rows lookup keys and request-time features, by name; a model without feature metadata is
   *     called with the columns as they are
   * @return all columns of the rows in their order, the prediction columns of the type, {@code
   *     model_version} INT, {@code model_name} STRING, {@code scored_at} TIMESTAMP of this call;
   *     one row a row
   * @throws ScorebatchException with every problem of model, columns and tables
   */
  public Dataset<Row> scoreBatch(String modelUri, Dataset<Row> rows, BatchOptions options) {
    ResolvedModel resolved = registry.resolve(modelUri);
    ModelPackage model = reader.read(resolved.folder());
    if (model.featureSpec().isEmpty()) {
      model = withColumnsOfTheRows(model);
    }
    List<Column> columns = SparkScoringEngine.columns(rows);
    PlanRequest request = request(resolved, model, columns, options);
    List<OutputKind> kinds =
        PredictionColumns.kinds(
            request.modelName(), options.type(), options.outputKind(), request.model());
    Scorer scorer = scorers.create(model.model(), kinds);
    try {
      ScoringPlan plan = Planner.plan(request, scorer.outputs(), featureTables(model)).plan();
      return inOrder(engine.score(plan, scorer, rows), columns);
    } catch (RuntimeException e) {
      scorer.close();
      throw e;
    }
  }

  private static PlanRequest request(
      ResolvedModel resolved, ModelPackage model, List<Column> columns, BatchOptions options) {
    Set<String> requested =
        model.featureSpec().stream()
            .flatMap(spec -> spec.requested().stream())
            .map(SpecColumn::name)
            .collect(Collectors.toSet());
    List<String> names = columns.stream().map(Column::name).toList();
    return new PlanRequest(
        resolved.name(),
        resolved.version(),
        model,
        new TableName("spark", "frames", "predictions"),
        new KeySource.Query("", columns),
        requested.stream().toList(),
        names.stream().filter(name -> !requested.contains(name)).toList(),
        List.of(),
        options.type(),
        options.outputKind(),
        Optional.empty(),
        0.5,
        options.duplicates(),
        options.functions(),
        Instant.now().truncatedTo(ChronoUnit.MICROS));
  }

  private static ModelPackage withColumnsOfTheRows(ModelPackage model) {
    List<SpecColumn> columns = new ArrayList<>();
    for (ModelInput input : model.model().inputs()) {
      columns.add(new SpecColumn.Requested(input.name(), null, true, OptionalInt.empty()));
    }
    return new ModelPackage(
        model.logged(),
        model.scored(),
        Optional.of(new FeatureSpec(columns, Map.of(), List.of(), 11, null, null)),
        model.model(),
        model.pythonOutput(),
        model.notes(),
        model.digest(),
        model.sizeBytes());
  }

  private Map<String, TableSnapshot> featureTables(ModelPackage model) {
    Map<String, TableSnapshot> snapshots = new LinkedHashMap<>();
    Problems problems = new Problems();
    List<SpecColumn> columns = model.featureSpec().orElseThrow().columns();
    for (SpecColumn column : columns) {
      if (column instanceof SpecColumn.Looked looked && !snapshots.containsKey(looked.table())) {
        try {
          snapshots.put(
              looked.table(), tables.snapshot(TableName.parse(looked.table(), "main", "default")));
        } catch (ScorebatchException e) {
          problems.addAll(e);
        }
      }
    }
    problems.throwIfAny();
    return snapshots;
  }

  private static Dataset<Row> inOrder(Dataset<Row> scored, List<Column> rows) {
    Set<String> brought = rows.stream().map(Column::name).collect(Collectors.toSet());
    return scored.select(
        Stream.concat(
                rows.stream().map(Column::name),
                Stream.of(scored.columns()).filter(name -> !brought.contains(name)))
            .map(name -> org.apache.spark.sql.functions.col("`" + name.replace("`", "``") + "`"))
            .toArray(org.apache.spark.sql.Column[]::new));
  }

  /**
   * Replaces a Delta table of Spark's own catalog, rows and schema, in one version. A version of an
   * application's that the table has already is not written again, so a job that is run again after
   * its driver died never doubles a night.
   *
   * @param table the table, by the name Spark knows it
   * @param application who writes; the same from night to night
   * @param version the night: greater than all before
   */
  public void overwrite(Dataset<Row> scored, String table, String application, long version) {
    if (application.isBlank()) {
      throw ScorebatchException.of(
          ErrorCode.USAGE, "The application has no name.", "", "name the job that writes.");
    }
    scored
        .write()
        .format("delta")
        .mode("overwrite")
        .option("overwriteSchema", "true")
        .option("txnAppId", application)
        .option("txnVersion", version)
        .saveAsTable(table);
  }

  @Override
  public void close() {
    engine.close();
  }
}
