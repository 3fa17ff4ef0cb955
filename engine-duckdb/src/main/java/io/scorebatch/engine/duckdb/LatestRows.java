package io.scorebatch.engine.duckdb;

import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The name {@code <table>_latest} in queries: of each primary key of a table the rows of the newest
 * {@code scored_at}. A table that really has such a name comes first.
 */
final class LatestRows {
  private static final String SUFFIX = "_latest";
  private static final String PRIMARY_KEY = "scorebatch.primary_key";
  private static final String TIME = "scored_at";

  private LatestRows() {}

  /** The snapshot of a table; of {@code <table>} for a name that no table but this one has. */
  static TableSnapshot snapshot(TableStore store, TableName name) {
    String table = name.table();
    if (table.toLowerCase(Locale.ROOT).endsWith(SUFFIX)
        && table.length() > SUFFIX.length()
        && !store.exists(name)) {
      String base = table.substring(0, table.length() - SUFFIX.length());
      TableName history = new TableName(name.catalog(), name.schema(), base);
      if (store.exists(history)) {
        TableSnapshot snapshot = store.snapshot(history);
        if (!keys(snapshot).isEmpty() && snapshot.schema().find(TIME).isPresent()) {
          return snapshot;
        }
      }
    }
    return store.snapshot(name);
  }

  private static List<String> keys(TableSnapshot table) {
    List<String> keys =
        Stream.of(table.properties().getOrDefault(PRIMARY_KEY, "").split(","))
            .map(String::strip)
            .toList();
    boolean known = keys.stream().allMatch(key -> table.schema().find(key).isPresent());
    return known ? keys : List.of();
  }

  /**
   * The newest rows of a history.
   *
   * @param rows all of its rows, in SQL, columns by their own names
   */
  static String of(TableSnapshot table, String rows) {
    List<String> keys = keys(table).stream().map(Sql::name).toList();
    String newest =
        "SELECT "
            + String.join(", ", keys)
            + ", max("
            + TIME
            + ") AS \"newest \" FROM ("
            + rows
            + ") GROUP BY ALL";
    return "SELECT r.* FROM ("
        + rows
        + ") r SEMI JOIN ("
        + newest
        + ") n ON r."
        + TIME
        + " IS NOT DISTINCT FROM n.\"newest \" AND "
        + keys.stream()
            .map(key -> "r." + key + " IS NOT DISTINCT FROM n." + key)
            .collect(Collectors.joining(" AND "));
  }
}
