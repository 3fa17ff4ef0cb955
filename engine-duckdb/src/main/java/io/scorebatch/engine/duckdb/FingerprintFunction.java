package io.scorebatch.engine.duckdb;

import io.scorebatch.api.engine.RowFingerprint;
import java.sql.SQLException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.duckdb.BlockFunction;
import org.duckdb.BlockFunction.Block;
import org.duckdb.BlockFunction.ResultField;
import org.duckdb.BlockFunction.ValueType;

/**
 * Fingerprints of rows as a DuckDB function of the model's inputs. Called from DuckDB's threads.
 */
final class FingerprintFunction {
  static final String NAME = "_sb_fingerprint";
  private static final String VALUE = "value";

  private final InputBlock.Layout layout;
  private final RowFingerprint fingerprint;
  private final Queue<Scratch> pool = new ConcurrentLinkedQueue<>();

  /** Working memory of one call at a time. */
  private record Scratch(InputBlock in, long[] out) {}

  private FingerprintFunction(InputBlock.Layout layout, long salt) {
    this.layout = layout;
    this.fingerprint = new RowFingerprint(layout.inputs(), salt);
  }

  /** Makes the function known to a database. */
  static void register(Instance instance, InputBlock.Layout layout, long salt) throws SQLException {
    BlockFunction.register(
        instance.connection(),
        NAME,
        layout.parameters(),
        List.of(new ResultField(VALUE, ValueType.BIGINT)),
        new FingerprintFunction(layout, salt)::apply);
  }

  /** A row's fingerprint in SQL. */
  static String sql(List<String> arguments) {
    return NAME + "(" + String.join(", ", arguments) + ")." + VALUE;
  }

  private void apply(Block block) {
    Scratch scratch = pool.poll();
    if (scratch == null) {
      scratch = new Scratch(new InputBlock(layout), new long[BlockFunction.blockRows()]);
    }
    scratch.in().read(block);
    fingerprint.of(scratch.in(), scratch.out());
    block.putIntegers(0, scratch.out());
    pool.add(scratch);
  }
}
