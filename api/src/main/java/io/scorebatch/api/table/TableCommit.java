package io.scorebatch.api.table;

import io.scorebatch.api.type.Schema;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One atomic change of a table. Immutable.
 *
 * @param table the table; made where it does not exist
 * @param schema columns with their comments
 * @param mode what happens to the rows there
 * @param files files staged in the folder {@link TableStore#stagingFolder} gave
 * @param comment what the table is; null leaves it unset
 * @param properties table properties to set
 * @param transaction makes the commit happen once, whatever is retried
 * @param engineInfo who writes, for the table's history
 */
public record TableCommit(
    TableName table,
    Schema schema,
    Mode mode,
    List<StagedFile> files,
    @Nullable String comment,
    Map<String, String> properties,
    Optional<TransactionId> transaction,
    String engineInfo) {
  /** What happens to the rows a table already has. */
  public enum Mode {
    /** Rows and schema are replaced in one version. */
    OVERWRITE,
    /** Rows are added; the schema must be the table's. */
    APPEND
  }

  /**
   * A writer's own counter, kept in the table: a commit whose version is not above the table's is
   * not made again.
   */
  public record TransactionId(String application, long version) {}
}
