package io.scorebatch.engine.spark;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.util.AccumulatorV2;

/**
 * Rows by partition. Unlike a sum it stays right when a partition is computed twice, after an
 * executor was lost.
 */
final class PartitionCounts extends AccumulatorV2<Map.Entry<Integer, Long>, Map<Integer, Long>> {
  private final HashMap<Integer, Long> rows = new HashMap<>();

  /** The same rows, counted as they pass by. */
  RDD<InternalRow> count(RDD<InternalRow> counted) {
    JavaRDD<InternalRow> java = counted.toJavaRDD();
    return java.mapPartitionsWithIndex(this::counting, true).rdd();
  }

  private Iterator<InternalRow> counting(int partition, Iterator<InternalRow> from) {
    return new Iterator<>() {
      private long seen;

      @Override
      public boolean hasNext() {
        if (from.hasNext()) {
          return true;
        }
        add(Map.entry(partition, seen));
        return false;
      }

      @Override
      public InternalRow next() {
        if (!from.hasNext()) {
          throw new NoSuchElementException();
        }
        seen++;
        return from.next();
      }
    };
  }

  long sum() {
    return rows.values().stream().mapToLong(Long::longValue).sum();
  }

  @Override
  public boolean isZero() {
    return rows.isEmpty();
  }

  @Override
  public PartitionCounts copy() {
    PartitionCounts copy = new PartitionCounts();
    copy.rows.putAll(rows);
    return copy;
  }

  @Override
  public void reset() {
    rows.clear();
  }

  @Override
  public void add(Map.Entry<Integer, Long> count) {
    rows.put(count.getKey(), count.getValue());
  }

  @Override
  public void merge(AccumulatorV2<Map.Entry<Integer, Long>, Map<Integer, Long>> other) {
    rows.putAll(other.value());
  }

  @Override
  public Map<Integer, Long> value() {
    return rows;
  }
}
