package io.scorebatch.pipeline.run;

import io.scorebatch.api.table.TableCommit.TransactionId;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.pipeline.config.ModelSpec;
import io.scorebatch.pipeline.config.WriteMode;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What makes a model's batch be committed once, whatever is killed and run again: a counter of the
 * model's own in the table's log. Of batches that replace rows, the one of the run that started
 * last stays; batches that only add rows count by run. Immutable.
 *
 * @param target the table
 * @param id the counter, and what it becomes
 * @param kind what the counter counts
 */
record Once(TableName target, TransactionId id, Kind kind) {
  private enum Kind {
    NEWEST_RUN,
    EACH_RUN
  }

  static Once of(RunContext run, ModelSpec spec) {
    TableName target = run.table(spec.write().table());
    String application = "scorebatch:" + run.pipeline().name() + ":" + spec.modelName();
    if (spec.write().mode() == WriteMode.APPEND) {
      return new Once(target, new TransactionId(application + ":" + run.runId(), 1), Kind.EACH_RUN);
    }
    return new Once(target, new TransactionId(application, run.startedMicros()), Kind.NEWEST_RUN);
  }

  /** Why there is nothing to do; empty where there is. */
  Optional<String> done(TableStore tables, RunContext run) {
    OptionalLong stored = tables.transactionVersion(target, id.application());
    if (stored.isEmpty() || stored.getAsLong() < id.version()) {
      return Optional.empty();
    }
    if (stored.getAsLong() == id.version()) {
      return Optional.of("already committed by this run: nothing was scored");
    }
    Instant newer =
        Instant.EPOCH
            .plusNanos(1000 * (stored.getAsLong() % 1_000_000))
            .plusSeconds(stored.getAsLong() / 1_000_000);
    return Optional.of(
        "a run that started later, at "
            + newer
            + ", has committed to "
            + target
            + ": nothing was scored, this run started at "
            + run.startedAt());
  }
}
