package io.scorebatch.api.plan;

import io.scorebatch.api.plan.PlanStep.Lookup.KeyPair;
import io.scorebatch.api.table.TableSnapshot;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a row must meet to be scored. Immutable. */
public sealed interface Selection {
  /**
   * A value after one bound and not after another. Holds for rows of the key source as they are
   * read, before equal keys become one. NULL meets it only where there is no lower bound.
   *
   * @param column a column of the key source's table or query, wanted as a key or not
   * @param after excluded; Long, Double, BigDecimal, String, LocalDate, Instant or LocalDateTime;
   *     null for no lower bound
   * @param until included; null for no upper bound
   */
  record Between(String column, @Nullable Object after, @Nullable Object until)
      implements Selection {}

  /**
   * The key has no row in a prediction table. Keys are equal where look-ups would call them equal;
   * NULL is equal to NULL.
   *
   * @param predictions the table
   * @param keys key columns, of the same names in both
   * @param where what a row of the table must hold to count, by column: Integer, Long or String
   */
  record Unscored(TableSnapshot predictions, List<String> keys, Map<String, Object> where)
      implements Selection {
    public Unscored {
      keys = List.copyOf(keys);
      where = Map.copyOf(where);
    }
  }

  /**
   * Something the row is made of has changed: its keys are among those of the changed rows of at
   * least one table.
   */
  record Touched(List<Change> changes) implements Selection {
    public Touched {
      changes = List.copyOf(changes);
    }

    /**
     * Changed rows of one table.
     *
     * @param rows the table with no files but those that hold changed rows
     * @param keys column of the rows to score (a key, or what a step adds) by the table's column
     */
    public record Change(TableSnapshot rows, List<KeyPair> keys) {
      public Change {
        keys = List.copyOf(keys);
      }
    }
  }

  /**
   * The row's fingerprint ({@link OutputValue.Fingerprint}) is not the one the prediction table
   * holds for its key, or the table does not hold the key.
   *
   * @param predictions the table; it holds each key once
   * @param keys key columns, of the same names in both
   * @param column the table's column with fingerprints, BIGINT
   * @param salt as in the output
   */
  record Changed(TableSnapshot predictions, List<String> keys, String column, long salt)
      implements Selection {
    public Changed {
      keys = List.copyOf(keys);
    }
  }
}
