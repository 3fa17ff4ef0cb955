package io.scorebatch.client;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.ScoringEngine;
import io.scorebatch.api.engine.SqlEngine;
import io.scorebatch.api.engine.StagedScores;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.StagingArea;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Column;
import io.scorebatch.pipeline.config.FeatureSet;
import io.scorebatch.pipeline.run.NoScores;
import io.scorebatch.pipeline.run.Rooms;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The front door: scores registered models, makes feature tables and asks the catalog. Thread-safe;
 * close it when done.
 *
 * <pre>{@code
 * try (FeatureEngineeringClient client = FeatureEngineeringClient.connect(connections)) {
 *   client.scoreBatch("models:/main.ml.churn@champion", Keys.table("main.ml.customers"))
 *       .as(ModelType.CLASSIFICATION)
 *       .saveAsTable("main.ml.churn_predictions");
 * }
 * }</pre>
 */
public final class FeatureEngineeringClient implements AutoCloseable {
  private final Connections connections;
  private final Rooms rooms;

  private FeatureEngineeringClient(Connections connections, Rooms rooms) {
    this.connections = connections;
    this.rooms = rooms;
  }

  /**
   * Connects to tables and models.
   *
   * @throws io.scorebatch.api.error.ScorebatchException where the tables cannot be opened
   */
  public static FeatureEngineeringClient connect(Connections connections) {
    return new FeatureEngineeringClient(connections, Wiring.rooms(connections));
  }

  /** A model over keys; runs when its result is asked for. */
  public ScoreBatch scoreBatch(String modelUri, Keys keys) {
    return new ScoreBatch(rooms, connections, modelUri, keys);
  }

  /**
   * Reads what a model is, without tables. A model that cannot be scored is told too.
   *
   * @throws io.scorebatch.api.error.ScorebatchException where it cannot be found, or is damaged
   */
  public static Inspection inspect(Connections connections, String modelUri) {
    return Inspection.of(connections, modelUri);
  }

  /** A trained model that is to get look-ups; registered when that is asked for. */
  public LogModel logModel(String modelUri, FeatureSet features) {
    return LogModel.of(connections, modelUri, features);
  }

  /** Rows with labels and the features to join to them; made when its result is asked for. */
  public TrainingSet createTrainingSet(Keys rows, FeatureSet features) {
    return new TrainingSet(rooms, connections, rows, features);
  }

  /** The tables, for SQL: read-only. */
  public void sql(String query, SqlEngine.Rows receiver) {
    sqlEngine().query(query, receiver);
  }

  private SqlEngine sqlEngine() {
    ScoringEngine engine = rooms.engine();
    if (engine instanceof SqlEngine sql) {
      return sql;
    }
    throw new IllegalStateException(engine.description() + " answers no SQL");
  }

  /**
   * Makes or replaces a table from a read-only query, in one version.
   *
   * @return rows written
   */
  public long createTable(TableDefinition definition, String query) {
    TableName name =
        TableName.parse(definition.name(), connections.catalog(), connections.schema());
    KeySource.Query bare = new KeySource.Query(query, List.of());
    List<Column> columns = rooms.engine().describe(bare);
    List<OutputColumn> outputs = new ArrayList<>();
    for (Column column : columns) {
      Column documented =
          new Column(
              column.name(),
              column.type(),
              !definition.primaryKey().contains(column.name()),
              definition.columnComments().get(column.name()));
      outputs.add(new OutputColumn(documented, new OutputValue.FromColumn(column.name())));
    }
    ScoringPlan plan =
        new ScoringPlan(
            name.table(),
            name,
            new KeySource.Query(query, columns),
            definition.primaryKey(),
            List.of(),
            List.of(),
            List.of(),
            outputs);
    TableStore tables = rooms.tables();
    try (StagingArea staging = tables.openStaging(name)) {
      Path folder = staging.folder();
      EngineLimits limits =
          new EngineLimits(
              connections.memoryBytes(), connections.threads(), folder.resolve(".spill"));
      StagedScores staged =
          rooms.engine().stage(plan, new NoScores(), folder, limits, RunControl.unwatched());
      Map<String, String> properties = new LinkedHashMap<>();
      properties.put("scorebatch.primary_key", String.join(",", definition.primaryKey()));
      if (definition.timestampKey() != null) {
        properties.put("scorebatch.timestamp_key", definition.timestampKey());
      }
      tables.commit(
          new TableCommit(
              name,
              plan.outputSchema(),
              TableCommit.Mode.OVERWRITE,
              staged.files(),
              definition.comment(),
              properties,
              Optional.empty(),
              "Scorebatch/" + Program.version()));
      return staged.statistics().rows();
    }
  }

  @Override
  public void close() {
    rooms.engine().close();
    rooms.tables().close();
    rooms.registry().close();
  }
}
