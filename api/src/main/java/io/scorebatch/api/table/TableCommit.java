package io.scorebatch.api.table;

import io.scorebatch.api.type.Schema;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One atomic change of a table. Immutable.
 *
 * @param table the table; made where it does not exist
 * @param schema columns with their comments
 * @param mode what happens to the rows there
 * @param files files staged in a folder that {@link TableStore#openStaging} gave
 * @param comment what the table is; null leaves it unset
 * @param properties table properties to set, beside those the table has; not set by APPEND, whose
 *     commits never meet others
 * @param transaction makes the commit happen once, whatever is retried
 * @param engineInfo who writes, for the table's history
 * @param partitionColumns columns a new or overwritten table is partitioned by, in order; otherwise
 *     those the table has
 * @param replaced what mode REPLACE takes away; empty in the other modes
 */
public record TableCommit(
    TableName table,
    Schema schema,
    Mode mode,
    List<StagedFile> files,
    @Nullable String comment,
    Map<String, String> properties,
    Optional<TransactionId> transaction,
    String engineInfo,
    List<String> partitionColumns,
    Optional<Replaced> replaced) {
  public TableCommit {
    files = List.copyOf(files);
    properties = Map.copyOf(properties);
    partitionColumns = List.copyOf(partitionColumns);
    if (replaced.isPresent() != (mode == Mode.REPLACE)) {
      throw new IllegalArgumentException("mode " + mode + ", replaced " + replaced);
    }
  }

  /** A commit that replaces all or adds, to a table without partitions. */
  public TableCommit(
      TableName table,
      Schema schema,
      Mode mode,
      List<StagedFile> files,
      @Nullable String comment,
      Map<String, String> properties,
      Optional<TransactionId> transaction,
      String engineInfo) {
    this(
        table,
        schema,
        mode,
        files,
        comment,
        properties,
        transaction,
        engineInfo,
        List.of(),
        Optional.empty());
  }

  /** What happens to the rows a table already has. */
  public enum Mode {
    /** Rows and schema are replaced in one version. */
    OVERWRITE,
    /** Rows are added; the schema must be the table's. */
    APPEND,
    /**
     * Some files are taken away and others added, in one version that directly follows the one
     * read; where another writer came between, the commit conflicts. The schema must be the
     * table's.
     */
    REPLACE
  }

  /**
   * Files to take away.
   *
   * @param readVersion the version that was read to find them
   * @param paths their {@link DataFile#path}; may be empty: rows are added then, if nobody else
   *     wrote
   */
  public record Replaced(long readVersion, Set<String> paths) {
    public Replaced {
      paths = Set.copyOf(paths);
    }
  }

  /**
   * A writer's own counter, kept in the table: a commit whose version is not above the table's is
   * not made again.
   */
  public record TransactionId(String application, long version) {}
}
