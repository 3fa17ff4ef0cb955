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
 */
public record DataFile(
    String path,
    long sizeBytes,
    OptionalLong rows,
    Map<String, @Nullable String> partitionValues,
    Optional<DeletedRows> deleted) {}
