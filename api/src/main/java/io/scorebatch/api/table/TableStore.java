package io.scorebatch.api.table;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.type.Schema;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

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

  /**
   * A given version of a table.
   *
   * @throws io.scorebatch.api.error.ScorebatchException {@code TABLE_VERSION_NOT_FOUND} with the
   *     versions there are; else as above
   */
  TableSnapshot snapshot(TableName table, long version);

  /**
   * The newest version committed at or before a moment, by the times the table's own log has.
   *
   * @throws io.scorebatch.api.error.ScorebatchException {@code TABLE_VERSION_NOT_FOUND} with the
   *     first and the last version there are and their times; {@code TABLE_FEATURE_UNSUPPORTED}
   *     where the catalog knows no times
   */
  default TableSnapshot snapshot(TableName table, Instant moment) {
    throw ScorebatchException.of(
        ErrorCode.TABLE_FEATURE_UNSUPPORTED,
        "Table " + table + " cannot be read as of " + moment + ".",
        "Its catalog, " + description() + ", does not tell when versions were committed.",
        "name a version instead.");
  }

  /**
   * The same snapshot with every data file where an engine on this machine can open it. Files that
   * lie elsewhere are brought here, each once; they stay until this store is closed.
   *
   * @throws io.scorebatch.api.error.ScorebatchException {@code TABLE_UNREADABLE} where a file is
   *     gone or cannot be fetched
   */
  default TableSnapshot materialize(TableSnapshot snapshot) {
    return snapshot;
  }

  /**
   * What was written to a table after one version, up to another.
   *
   * @throws io.scorebatch.api.error.ScorebatchException {@code TABLE_VERSION_NOT_FOUND} where the
   *     log no longer tells of all versions between
   */
  default TableChanges changes(TableName table, long after, long until) {
    throw new UnsupportedOperationException();
  }

  /**
   * Removes files that writers staged and, having died or given up, never committed. Files of
   * writers still at work, files any version of the table's log names, and files nobody staged here
   * stay.
   *
   * @param dryRun whether they are only told
   * @return their paths or URIs, sorted
   */
  default List<String> clean(TableName table, boolean dryRun) {
    throw new UnsupportedOperationException();
  }

  /**
   * Checks, before a row is scored, that a commit can succeed: the table's features are ones we can
   * write, the schema is one Delta can hold and, to append or replace, the table's. Writes nothing;
   * a table that does not exist passes.
   *
   * @param partitionColumns columns that the rows will be staged by: those a new or overwritten
   *     table is to have, else those of the table
   * @return the schema to stage files with: the one given, its names spelled as the table spells
   *     them where the schema must be the table's
   * @throws io.scorebatch.api.error.ScorebatchException with all problems: {@code
   *     TABLE_FEATURE_UNSUPPORTED} by name, {@code SCHEMA_MISMATCH} with both types, {@code
   *     TABLE_NOT_WRITABLE}
   */
  Schema checkWritable(
      TableName table, Schema schema, TableCommit.Mode mode, List<String> partitionColumns);

  /** The same for rows that are staged without partitions. */
  default Schema checkWritable(TableName table, Schema schema, TableCommit.Mode mode) {
    return checkWritable(table, schema, mode, List.of());
  }

  /**
   * The newest version an application has committed to the table; empty where it has none or the
   * table does not exist. See {@link TableCommit.TransactionId}.
   */
  OptionalLong transactionVersion(TableName table, String application);

  /**
   * Opens a folder of one writer's own to stage files in, on the file system of the table. Staged
   * files belong to no version until they are committed.
   *
   * @throws io.scorebatch.api.error.ScorebatchException {@code TABLE_NOT_WRITABLE}
   */
  StagingArea openStaging(TableName table);

  /**
   * Commits staged files.
   *
   * <p>A commit whose transaction version is not above the table's ({@link #transactionVersion}) is
   * not made again: nothing is written, the staged files stay where they are, and the table's
   * present version is returned. The staging area stays open until the commit is done.
   *
   * @return the table version made
   * @throws io.scorebatch.api.error.ScorebatchException {@code COMMIT_CONFLICT} where another
   *     writer won (nothing is written); {@code COMMIT_STATE_UNKNOWN} where the outcome cannot be
   *     told; else as {@link #checkWritable}
   */
  long commit(TableCommit commit);

  /** Which catalog this is, for messages and results. */
  String description();

  @Override
  void close();
}
