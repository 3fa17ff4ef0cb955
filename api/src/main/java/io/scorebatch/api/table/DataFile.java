package io.scorebatch.api.table;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A Parquet file of a table snapshot. Immutable.
 *
 * @param path absolute local path or URI
 * @param sizeBytes size of the file
 * @param rows physical rows, deleted ones included; empty where not recorded
 * @param partitionValues text of each partition column's value by logical name; null for NULL
 * @param deleted rows to leave out
 * @param content what its rows are
 */
public record DataFile(
    String path,
    long sizeBytes,
    OptionalLong rows,
    Map<String, @Nullable String> partitionValues,
    Optional<DeletedRows> deleted,
    Content content) {
  /** A file of rows. */
  public DataFile(
      String path,
      long sizeBytes,
      OptionalLong rows,
      Map<String, @Nullable String> partitionValues,
      Optional<DeletedRows> deleted) {
    this(path, sizeBytes, rows, partitionValues, deleted, Content.ROWS);
  }

  /** What the rows of a file are. */
  public enum Content {
    /** Rows of the table. */
    ROWS,
    /**
     * A change data feed: rows whose column {@code _change_type} is {@code insert} or {@code
     * update_postimage} count, others do not.
     */
    CHANGE_FEED
  }
}
