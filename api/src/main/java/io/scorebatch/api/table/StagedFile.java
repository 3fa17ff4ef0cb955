package io.scorebatch.api.table;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Parquet file an engine wrote that no table version holds yet.
 *
 * @param file where it lies
 * @param sizeBytes its size
 * @param rows its rows
 * @param partitionValues by column name; empty for tables without partitions
 * @param statistics by column name
 */
public record StagedFile(
    Path file,
    long sizeBytes,
    long rows,
    Map<String, @Nullable String> partitionValues,
    Map<String, ColumnStatistics> statistics) {}
