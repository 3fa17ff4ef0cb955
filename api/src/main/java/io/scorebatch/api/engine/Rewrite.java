package io.scorebatch.api.engine;

import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableSnapshot;
import java.util.List;

/**
 * Rows to take out of a table. Immutable.
 *
 * @param table the table
 * @param removals which rows go: those that meet one of these
 */
public record Rewrite(TableSnapshot table, List<Removal> removals) {
  public Rewrite {
    removals = List.copyOf(removals);
  }

  /** Which rows go. Keys are equal where look-ups would call them equal; NULL is equal to NULL. */
  public sealed interface Removal {}

  /** Rows with the key of a staged row. */
  public record KeysOf(List<StagedFile> fresh, List<String> keys) implements Removal {
    public KeysOf {
      fresh = List.copyOf(fresh);
      keys = List.copyOf(keys);
    }
  }

  /** Rows whose key the source does not bring. */
  public record KeysNotIn(KeySource source, List<String> keys) implements Removal {
    public KeysNotIn {
      keys = List.copyOf(keys);
    }
  }

  /**
   * Rows that meet a predicate.
   *
   * @param predicate a SQL expression over the table's columns
   * @param fresh staged rows, each of which must meet it too
   */
  public record Where(String predicate, List<StagedFile> fresh) implements Removal {
    public Where {
      fresh = List.copyOf(fresh);
    }
  }
}
