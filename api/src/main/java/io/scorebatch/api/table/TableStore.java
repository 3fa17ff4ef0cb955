package io.scorebatch.api.table;

import java.nio.file.Path;
import java.util.List;

/**
 * A catalog of tables: reads snapshots and commits. Thread-safe.
 *
 * <p>Readers see the version before a commit or after it, never between.
 */
public interface TableStore extends AutoCloseable {
  /** All tables, by name. */
  List<TableName> list();

  boolean exists(TableName table);

  /**
   * The newest version of a table.
   *
   * @throws io.scorebatch.api.error.ScorebatchException {@code TABLE_NOT_FOUND} with similar names;
   *     {@code TABLE_FEATURE_UNSUPPORTED} where the table needs a reader feature we lack
   */
  TableSnapshot snapshot(TableName table);

  /** A given version of a table. */
  TableSnapshot snapshot(TableName table, long version);

  /**
   * The folder an engine stages Parquet files in, made if need be, on the file system of the table.
   * Staged files belong to no version until they are committed; file names must be new.
   *
   * @throws io.scorebatch.api.error.ScorebatchException {@code TABLE_NOT_WRITABLE}
   */
  Path stagingFolder(TableName table);

  /**
   * Commits staged files.
   *
   * @return the table version made
   * @throws io.scorebatch.api.error.ScorebatchException {@code COMMIT_CONFLICT} where another
   *     writer won (nothing is written); {@code COMMIT_STATE_UNKNOWN} where the outcome cannot be
   *     told
   */
  long commit(TableCommit commit);

  /** Which catalog this is, for messages and results. */
  String description();

  @Override
  void close();
}
