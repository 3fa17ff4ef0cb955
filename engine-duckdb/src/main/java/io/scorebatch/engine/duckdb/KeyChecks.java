package io.scorebatch.engine.duckdb;

import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.table.StoredColumn;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * Whether columns identify the rows of a snapshot. Proved by counting, once for a snapshot and its
 * columns as long as the engine lives. Thread-safe; calls that ask the same wait for one answer.
 */
final class KeyChecks {
  /**
   * What was counted.
   *
   * @param rows rows of the table
   * @param rowsWithNull rows whose key holds a NULL
   * @param duplicates keys without NULL that several rows have
   * @param sample one of these, as text; empty where there is none
   * @param sampleRows how many rows have it
   */
  record KeyCheck(long rows, long rowsWithNull, long duplicates, String sample, long sampleRows) {
    /** True where every row has a key of its own, without NULL. */
    boolean identifiesRows() {
      return rowsWithNull == 0 && duplicates == 0;
    }
  }

  private static final long WAIT_MILLIS = 50;

  private final TableScans scans;
  private final Map<List<Object>, KeyCheck> known = new ConcurrentHashMap<>();
  private final Map<List<Object>, ReentrantLock> locks = new ConcurrentHashMap<>();

  KeyChecks(TableScans scans) {
    this.scans = scans;
  }

  KeyCheck check(Instance instance, TableSnapshot table, List<String> columns, RunControl control)
      throws SQLException {
    List<String> names =
        columns.stream().map(name -> name.toLowerCase(Locale.ROOT)).distinct().sorted().toList();
    List<Object> question = List.of(SnapshotKey.of(table), names);
    ReentrantLock lock = locks.computeIfAbsent(question, q -> new ReentrantLock());
    acquire(lock, control);
    try {
      KeyCheck answer = known.get(question);
      if (answer == null) {
        answer = count(instance, table, columns, control);
        known.put(question, answer);
      }
      return answer;
    } finally {
      lock.unlock();
    }
  }

  /** Waits in short steps, so that a cancelled call need not wait for another's answer. */
  private static void acquire(ReentrantLock lock, RunControl control) throws SQLException {
    try {
      while (!lock.tryLock(WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
        if (control.isCancelled()) {
          throw new SQLException("cancelled while waiting for the check of a table's keys");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("interrupted while waiting for the check of a table's keys", e);
    }
  }

  private KeyCheck count(
      Instance instance, TableSnapshot table, List<String> columns, RunControl control)
      throws SQLException {
    Map<String, String> aliases = TableScans.numbered("k", columns);
    String scan = "(" + scans.select(instance, table, aliases, false) + ")";
    String keys = String.join(", ", aliases.keySet());
    String complete =
        aliases.keySet().stream().map(k -> k + " IS NOT NULL").collect(Collectors.joining(" AND "));
    if (columns.stream().noneMatch(column -> isFloat(table, column))) {
      // Equal keys have equal hashes: as many hashes as rows prove that no two keys are equal.
      String hashes =
          "SELECT count(*), count(*) FILTER ("
              + complete
              + "), count(DISTINCT hash("
              + keys
              + ")) FILTER ("
              + complete
              + ") FROM "
              + scan;
      long[] counts =
          instance.query(
              hashes,
              control,
              rows -> {
                rows.next();
                return new long[] {rows.getLong(1), rows.getLong(2), rows.getLong(3)};
              });
      if (counts[1] == counts[2]) {
        return new KeyCheck(counts[0], counts[0] - counts[1], 0, "", 0);
      }
    }
    String all =
        instance.query(
            "SELECT count(*), count(*) FILTER (" + complete + ") FROM " + scan,
            control,
            rows -> {
              rows.next();
              return rows.getLong(1) + " " + rows.getLong(2);
            });
    long rows = Long.parseLong(all.substring(0, all.indexOf(' ')));
    long withKey = Long.parseLong(all.substring(all.indexOf(' ') + 1));
    String duplicates =
        "SELECT count(*) OVER (), n, "
            + keys
            + " FROM (SELECT "
            + keys
            + ", count(*) AS n FROM "
            + scan
            + " WHERE "
            + complete
            + " GROUP BY ALL HAVING n > 1) ORDER BY "
            + keys
            + " LIMIT 1";
    return instance.query(
        duplicates,
        control,
        found ->
            found.next()
                ? new KeyCheck(
                    rows, rows - withKey, found.getLong(1), key(columns, found), found.getLong(2))
                : new KeyCheck(rows, rows - withKey, 0, "", 0));
  }

  private static String key(List<String> columns, ResultSet found) throws SQLException {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      parts.add(columns.get(i) + " = " + EngineFailures.show(found.getObject(i + 3)));
    }
    return String.join(", ", parts);
  }

  private static boolean isFloat(TableSnapshot table, String column) {
    return table.columns().stream()
        .map(StoredColumn::column)
        .filter(c -> c.name().equalsIgnoreCase(column))
        .anyMatch(c -> isFloat(c.type()));
  }

  private static boolean isFloat(ColumnType type) {
    return type == Primitive.FLOAT || type == Primitive.DOUBLE;
  }
}
