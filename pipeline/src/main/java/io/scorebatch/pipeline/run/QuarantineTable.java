package io.scorebatch.pipeline.run;

import static io.scorebatch.api.type.ColumnType.Primitive.INT;
import static io.scorebatch.api.type.ColumnType.Primitive.STRING;
import static io.scorebatch.api.type.ColumnType.Primitive.TIMESTAMP;

import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.StagingArea;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.api.table.TableCommit.TransactionId;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The table {@code <output_table>_quarantine}: rows a model could not take, with the reason and the
 * values they would have been scored with. Each run appends, once. Immutable.
 *
 * @param tables where it is written
 * @param run the run
 */
record QuarantineTable(TableStore tables, RunContext run) {
  /** Its name beside a prediction table. */
  static TableName beside(TableName target) {
    return new TableName(target.catalog(), target.schema(), target.table() + "_quarantine");
  }

  /** Its columns for the rows of a plan. */
  List<OutputColumn> columns(ScoringPlan plan, OptionalInt version) {
    List<OutputColumn> columns = new ArrayList<>();
    for (Column column : plan.keys().columns()) {
      if (plan.keyColumns().contains(column.name())) {
        columns.add(
            new OutputColumn(
                new Column(column.name(), column.type(), true, "Key of the row."),
                new OutputValue.FromColumn(column.name())));
      }
    }
    add(columns, "reason", STRING, "Why the model could not take it.", new OutputValue.BadReason());
    add(
        columns,
        "raw_values",
        STRING,
        "What it would have been scored with, as JSON by column.",
        new OutputValue.BadValues());
    add(columns, "model_name", STRING, "Name of the model.", constant(plan.modelName()));
    add(
        columns,
        "model_version",
        INT,
        "Registered version of the model.",
        new OutputValue.Constant(version.isPresent() ? version.getAsInt() : null));
    add(columns, "run_id", STRING, "The run that met it.", constant(run.runId()));
    add(columns, "scored_at", TIMESTAMP, "When the run started, UTC.", constant(run.startedAt()));
    return columns;
  }

  private static void add(
      List<OutputColumn> columns, String name, ColumnType type, String comment, OutputValue value) {
    columns.add(new OutputColumn(new Column(name, type, true, comment), value));
  }

  private static OutputValue constant(Object value) {
    return new OutputValue.Constant(value);
  }

  /**
   * Checks, before anything is scored, that rows can be appended.
   *
   * @throws io.scorebatch.api.error.ScorebatchException as {@code TableStore.checkWritable}
   */
  void check(ScoringPlan plan) {
    tables.checkWritable(beside(plan.target()), schema(plan.quarantine()), TableCommit.Mode.APPEND);
  }

  private static Schema schema(List<OutputColumn> columns) {
    return new Schema(columns.stream().map(OutputColumn::column).toList());
  }

  /**
   * Appends the quarantined rows of a batch, once a run and method, whatever becomes of the batch.
   *
   * @return what the user should know
   */
  Optional<String> keep(ScoringJob.Scored scored, String method) {
    List<StagedFile> files = scored.scores().quarantined();
    if (files.isEmpty()) {
      return Optional.empty();
    }
    ScoringPlan plan = scored.plan();
    TableName table = beside(plan.target());
    try (StagingArea area = tables.openStaging(table)) {
      List<StagedFile> moved = StagedBatches.moved(files, area.folder());
      tables.commit(
          new TableCommit(
              table,
              schema(plan.quarantine()),
              TableCommit.Mode.APPEND,
              moved,
              "Rows that model " + plan.modelName() + " could not take. Written by Scorebatch.",
              Map.of(),
              Optional.of(
                  new TransactionId(
                      "scorebatch:"
                          + run.pipeline().name()
                          + ":"
                          + plan.modelName()
                          + ":"
                          + run.runId()
                          + ":quarantine:"
                          + method,
                      1)),
              run.engineInfo()));
    }
    long rows = files.stream().mapToLong(StagedFile::rows).sum();
    return Optional.of(rows + " bad rows are kept in " + table);
  }
}
