package io.scorebatch.engine.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

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

  private final TableScans scans;
  private final Map<List<Object>, KeyCheck> known = new ConcurrentHashMap<>();
  private final Map<List<Object>, ReentrantLock> locks = new ConcurrentHashMap<>();

  KeyChecks(TableScans scans) {
    this.scans = scans;
  }

  KeyCheck check(TableSnapshot table, List<String> columns) {
    List<String> names =
        columns.stream().map(name -> name.toLowerCase(Locale.ROOT)).distinct().sorted().toList();
    List<Object> question = List.of(SnapshotKey.of(table), names);
    ReentrantLock lock = locks.computeIfAbsent(question, q -> new ReentrantLock());
    lock.lock();
    try {
      KeyCheck answer = known.get(question);
      if (answer == null) {
        answer = counted(table, columns);
        known.put(question, answer);
      }
      return answer;
    } finally {
      lock.unlock();
    }
  }

  private KeyCheck counted(TableSnapshot table, List<String> columns) {
    Map<String, String> aliases = TableScans.numbered("k", columns);
    Dataset<Row> keys = scans.rows(table, aliases, false);
    Column[] all = aliases.keySet().stream().map(k -> col(k)).toArray(Column[]::new);
    Column complete = complete(aliases.keySet());
    if (columns.stream().noneMatch(column -> isFloat(table, column))) {
      // Equal keys have equal hashes: as many hashes as rows prove that no two keys are equal.
      Row counts =
          keys.agg(
                  count(lit(1)),
                  count(when(complete, lit(1))),
                  countDistinct(when(complete, xxhash64(all))))
              .first();
      if (counts.getLong(1) == counts.getLong(2)) {
        return new KeyCheck(counts.getLong(0), counts.getLong(0) - counts.getLong(1), 0, "", 0);
      }
    }
    Row counts = keys.agg(count(lit(1)), count(when(complete, lit(1)))).first();
    long rows = counts.getLong(0);
    long withNull = rows - counts.getLong(1);
    Dataset<Row> duplicates =
        keys.filter(complete).groupBy(all).agg(count(lit(1)).as("n")).filter(col("n").gt(1));
    List<Row> first = duplicates.orderBy(all).limit(1).collectAsList();
    if (first.isEmpty()) {
      return new KeyCheck(rows, withNull, 0, "", 0);
    }
    List<String> sample = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      sample.add(columns.get(i) + " = " + SparkFailures.show(first.get(0).get(i)));
    }
    return new KeyCheck(
        rows,
        withNull,
        duplicates.count(),
        String.join(", ", sample),
        first.get(0).getLong(columns.size()));
  }

  /** True where no key column is NULL. */
  static Column complete(Iterable<String> columns) {
    Column complete = lit(true);
    for (String column : columns) {
      complete = complete.and(col(column).isNotNull());
    }
    return complete;
  }

  private static boolean isFloat(TableSnapshot table, String column) {
    ColumnType type = SparkFailures.columnOf(table, column).type();
    return type == Primitive.FLOAT || type == Primitive.DOUBLE;
  }
}
