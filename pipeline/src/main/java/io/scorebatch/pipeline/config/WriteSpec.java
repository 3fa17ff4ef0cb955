package io.scorebatch.pipeline.config;

import java.util.List;
import java.util.Optional;

/**
 * How the predictions of a model are written. Immutable.
 *
 * @param table prediction table, in the pipeline's catalog and schema unless it says more
 * @param mode what becomes of the rows that are there
 * @param partitionBy columns of the predictions that a new or overwritten table is partitioned by
 * @param replaceWhere a SQL predicate for the rows that mode {@code replace_where} replaces; empty
 *     for partitions
 * @param sliceColumn a DATE column the predictions get, with the day they are for; the table is
 *     partitioned by it
 * @param removeDeletedKeys whether {@code merge} takes out rows whose key is no longer among the
 *     keys
 */
public record WriteSpec(
    String table,
    WriteMode mode,
    List<String> partitionBy,
    Optional<String> replaceWhere,
    Optional<String> sliceColumn,
    boolean removeDeletedKeys) {
  public WriteSpec {
    partitionBy = List.copyOf(partitionBy);
  }

  /** A table whose rows are replaced. */
  public static WriteSpec overwrite(String table) {
    return new WriteSpec(
        table, WriteMode.OVERWRITE, List.of(), Optional.empty(), Optional.empty(), false);
  }

  /** The same table, written in another way. */
  public WriteSpec withMode(WriteMode other) {
    return new WriteSpec(table, other, partitionBy, replaceWhere, sliceColumn, removeDeletedKeys);
  }

  /** Which rows mode {@code replace_where} replaces. */
  public sealed interface Part {
    /** Those that meet a SQL predicate. */
    record Predicate(String sql) implements Part {}

    /** Those of the slice written: the partition of its day. */
    record Slice(String column) implements Part {}

    /** Those of the partitions that occur in the batch. */
    record Partitions() implements Part {}
  }

  /** Which rows mode {@code replace_where} replaces. */
  public Part part() {
    if (replaceWhere.isPresent()) {
      return new Part.Predicate(replaceWhere.get());
    }
    return sliceColumn.<Part>map(Part.Slice::new).orElseGet(Part.Partitions::new);
  }
}
