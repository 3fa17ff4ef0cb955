package io.scorebatch.model.python;

import com.fasterxml.jackson.databind.JsonNode;
import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.RejectedValueException.Reason;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** Sends blocks of rows to Python workers. Thread-safe. */
final class PythonScorer implements Scorer {
  private static final int MOST_ROWS = 16_384;

  private final Path model;
  private final List<ModelInput> inputs;
  private final List<ScoreColumn> outputs;
  private final ArrowBlocks blocks;
  private final WorkerPool workers;

  /** Holds the Arrow memory open while blocks are under way. */
  private final ReadWriteLock memory = new ReentrantReadWriteLock();

  PythonScorer(
      PythonSettings settings, Path model, List<ModelInput> inputs, List<ScoreColumn> outputs) {
    this.model = model;
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    blocks = new ArrowBlocks(model, inputs, outputs);
    workers = new WorkerPool(settings, model);
  }

  @Override
  public List<ModelInput> inputs() {
    return inputs;
  }

  @Override
  public List<ScoreColumn> outputs() {
    return outputs;
  }

  @Override
  public void score(ColumnBlock in, ScoreBlock out) {
    memory.readLock().lock();
    try {
      workers.requireOpen();
      for (int from = 0; from < in.rows(); from += MOST_ROWS) {
        int count = Math.min(MOST_ROWS, in.rows() - from);
        Frame answer = workers.exchange(blocks.encode(in, from, count));
        if (answer.kind() == Frame.VALUE) {
          throw rejected(answer.json(), from);
        }
        if (answer.kind() != Frame.DATA) {
          throw PythonErrors.predictFailed(model, count, answer.failure());
        }
        blocks.decode(answer.content(), out, from, count);
      }
    } finally {
      memory.readLock().unlock();
    }
  }

  private static RejectedValueException rejected(JsonNode value, int from) {
    return new RejectedValueException(
        from + value.path("row").asInt(),
        value.path("column").asInt(),
        Reason.valueOf(value.path("reason").asText()),
        value.path("value").asText());
  }

  @Override
  public void cancel() {
    workers.close();
  }

  /** Ends all workers; blocks under way fail as interrupted. */
  @Override
  public void close() {
    workers.close();
    memory.writeLock().lock();
    try {
      blocks.close();
    } finally {
      memory.writeLock().unlock();
    }
  }
}
