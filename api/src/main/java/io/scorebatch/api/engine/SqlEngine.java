package io.scorebatch.api.engine;

import io.scorebatch.api.type.Column;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Read-only SQL over every table of a catalog by its three-part name. Thread-safe. */
public interface SqlEngine {
  /**
   * Runs one query and hands its rows to the receiver in order; nothing is collected.
   *
   * @throws io.scorebatch.api.error.ScorebatchException {@code QUERY_INVALID}, {@code
   *     QUERY_NOT_READ_ONLY}, {@code TABLE_NOT_FOUND}
   */
  void query(String sql, Rows receiver);

  /** Receives a result. */
  interface Rows {
    /** Called once, before any row. */
    void columns(List<Column> columns);

    /**
     * A row: Boolean, Integer, Long, Double, Float, BigDecimal, String, LocalDate, Instant,
     * LocalDateTime, List, Map or null. The list may be reused by the caller.
     */
    void row(List<@Nullable Object> values);
  }
}
