package io.scorebatch.pipeline.run;

import io.scorebatch.api.table.TableCommit.TransactionId;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.pipeline.config.ModelSpec;
import io.scorebatch.pipeline.config.WriteMode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What makes a model's batch be committed once, whatever is killed and run again: a counter of the
 * model's own in the table's log. Immutable.
 *
 * <p>Of batches that replace rows, the one of the run that started last stays: they count by the
 * run's start in microseconds. Batches that only add rows count by run, those of a named slice by
 * slice.
 *
 * @param target the table
 * @param id the counter, and what it becomes
 * @param done why there is nothing to do; empty where there is
 * @param notes what the user should know
 */
record Once(TableName target, TransactionId id, Optional<String> done, List<String> notes) {
  static Once of(RunContext run, ModelSpec spec, TableStore tables) {
    TableName target = run.table(spec.write().table());
    String model = "scorebatch:" + run.pipeline().name() + ":" + spec.modelName();
    RunScope scope = run.options().scope();
    if (scope.slice().isPresent()) {
      long version = scope.fullRefresh() ? run.startedMicros() : 1;
      return counted(
          target,
          new TransactionId(model + ":slice:" + scope.slice().get(), version),
          tables,
          "slice '" + scope.slice().get() + "' is committed already: nothing was scored");
    }
    boolean adds = spec.write().mode() == WriteMode.APPEND && spec.incremental().isEmpty();
    if (adds) {
      TransactionId id = new TransactionId(model + ":" + run.runId(), 1);
      return counted(target, id, tables, ALREADY);
    }
    return newest(run, target, model, tables);
  }

  private static final String ALREADY = "already committed by this run: nothing was scored";

  private static Once counted(
      TableName target, TransactionId id, TableStore tables, String message) {
    OptionalLong stored = tables.transactionVersion(target, id.application());
    boolean done = stored.isPresent() && stored.getAsLong() >= id.version();
    return new Once(target, id, done ? Optional.of(message) : Optional.empty(), List.of());
  }

  private static Once newest(
      RunContext run, TableName target, String application, TableStore tables) {
    TransactionId id = new TransactionId(application, run.startedMicros());
    OptionalLong stored = tables.transactionVersion(target, application);
    if (stored.isEmpty() || stored.getAsLong() < id.version()) {
      return new Once(target, id, Optional.empty(), List.of());
    }
    if (stored.getAsLong() == id.version() || isOwn(run, target, tables)) {
      return new Once(target, id, Optional.of(ALREADY), List.of());
    }
    Instant other = instant(stored.getAsLong());
    if (other.isAfter(Instant.now())) {
      // No run has started in the future: a clock was wrong, and must not stop all runs until then.
      return new Once(
          target,
          new TransactionId(application, stored.getAsLong() + 1),
          Optional.empty(),
          List.of(
              "warning: a run of the future, "
                  + other
                  + ", has committed to "
                  + target
                  + ": the clock of one of the machines is wrong"));
    }
    return new Once(
        target,
        id,
        Optional.of(
            "a run that started later, at "
                + other
                + ", has committed to "
                + target
                + ": nothing was scored"),
        List.of());
  }

  private static boolean isOwn(RunContext run, TableName target, TableStore tables) {
    return run.runId().equals(tables.snapshot(target).properties().get(BatchOrigin.RUN_ID));
  }

  private static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
