package io.scorebatch.engine.duckdb;

import io.scorebatch.api.engine.SqlEngine;
import io.scorebatch.api.type.Column;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The greatest value of a column of a relation. */
final class GreatestValue implements SqlEngine.Rows {
  private @Nullable Object value;

  /**
   * @param relation what FROM names, or a SELECT in parentheses
   * @param column quoted
   * @param until values after it do not count; null for no bound
   */
  static @Nullable Object of(
      Instance instance, String relation, String column, @Nullable Object until)
      throws SQLException {
    String sql =
        "SELECT max("
            + column
            + ") FROM "
            + relation
            + (until == null ? "" : " WHERE " + column + " <= " + SelectionSql.literal(until));
    GreatestValue greatest = new GreatestValue();
    instance.query(sql, rows -> ResultRows.send(rows, greatest));
    return greatest.value;
  }

  @Override
  public void columns(List<Column> columns) {}

  @Override
  public void row(List<@Nullable Object> values) {
    value = values.get(0);
  }
}
