package io.scorebatch.api.engine;

import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.type.Column;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries out scoring plans. Safe for several plans at once; each call has its own share of memory.
 */
public interface ScoringEngine extends AutoCloseable {
  /**
   * Scores all rows of a plan into Parquet files. A plan none of whose outputs is a score (a joined
   * table without predictions) never calls the scorer. With one thread, one file is written.
   *
   * @param plan what to do
   * @param scorer the model; called from several threads
   * @param folder where the files go; new names in an existing folder
   * @param limits memory and threads for this call
   * @param control progress and cancellation
   * @return the files and what is known of their rows. Nothing is left in the folder where it
   *     throws
   * @throws io.scorebatch.api.error.ScorebatchException naming table, column, key and value
   */
  StagedScores stage(
      ScoringPlan plan, Scorer scorer, Path folder, EngineLimits limits, RunControl control);

  /**
   * Takes rows out of a table: the files that hold them are written anew without them, other files
   * stay as they are and are not read where their statistics or partition values tell enough.
   *
   * @param folder where the files go
   * @throws io.scorebatch.api.error.ScorebatchException {@code QUERY_INVALID} for a predicate that
   *     is none, {@code ROWS_OUTSIDE_PREDICATE} where a fresh row does not meet it
   */
  default StagedRewrite rewrite(
      Rewrite rewrite, Path folder, EngineLimits limits, RunControl control) {
    throw new UnsupportedOperationException();
  }

  /**
   * The greatest value of a column of a key source. Reads that column only.
   *
   * @param source rows of a table, or a query
   * @param column a column of the source's table or query, wanted as a key or not, of dates or
   *     timestamps
   * @param until values after it do not count: LocalDate, Instant or LocalDateTime, as the column
   *     holds; null for no bound
   * @return LocalDate, Instant or LocalDateTime; null where no row has a value that counts
   * @throws io.scorebatch.api.error.ScorebatchException {@code QUERY_INVALID}, {@code
   *     COLUMN_NOT_FOUND}
   */
  default @Nullable Object greatest(KeySource source, String column, @Nullable Object until) {
    throw new UnsupportedOperationException();
  }

  /**
   * The columns a query or key file would bring; reads no rows.
   *
   * @throws io.scorebatch.api.error.ScorebatchException {@code QUERY_INVALID}, {@code
   *     QUERY_NOT_READ_ONLY}, {@code FILE_UNREADABLE}
   */
  List<Column> describe(KeySource source);

  /**
   * Reads staged files back, in no particular order of rows.
   *
   * @param files files this engine staged
   * @param receiver receives columns and rows
   */
  void read(List<StagedFile> files, SqlEngine.Rows receiver);

  /** {@code duckdb} or {@code spark}, with its version: {@code DuckDB 2.0.0}. */
  String description();

  @Override
  void close();
}
