package io.scorebatch.engine.spark;

import io.scorebatch.api.engine.SqlEngine;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/** Hands a result to a receiver, row by row, a partition in memory at a time. */
final class ResultRows {
  private ResultRows() {}

  static void send(Dataset<Row> rows, SqlEngine.Rows receiver) {
    receiver.columns(SparkTypes.columns(rows.schema()));
    @Nullable Object[] values = new @Nullable Object[rows.schema().size()];
    List<@Nullable Object> view = Collections.unmodifiableList(Arrays.asList(values));
    for (Iterator<Row> all = rows.toLocalIterator(); all.hasNext(); ) {
      Row row = all.next();
      for (int i = 0; i < values.length; i++) {
        values[i] = value(row.get(i));
      }
      receiver.row(view);
    }
  }

  private static @Nullable Object value(@Nullable Object value) {
    if (value instanceof Byte || value instanceof Short) {
      return ((Number) value).intValue();
    }
    if (value == null
        || value instanceof String
        || value instanceof Boolean
        || value instanceof Number && !(value instanceof scala.math.BigDecimal)
        || value instanceof BigDecimal
        || value instanceof Instant
        || value instanceof LocalDate
        || value instanceof LocalDateTime
        || value instanceof byte[]) {
      return value;
    }
    if (value instanceof scala.collection.Seq<?> list) {
      List<@Nullable Object> values = new ArrayList<>();
      CollectionConverters.asJava(list).forEach(element -> values.add(value(element)));
      return Collections.unmodifiableList(values);
    }
    if (value instanceof scala.collection.Map<?, ?> map) {
      Map<@Nullable Object, @Nullable Object> values = new LinkedHashMap<>();
      CollectionConverters.asJava(map).forEach((k, v) -> values.put(value(k), value(v)));
      return values;
    }
    if (value instanceof Row row) {
      Map<@Nullable Object, @Nullable Object> values = new LinkedHashMap<>();
      String[] names = row.schema().fieldNames();
      for (int i = 0; i < names.length; i++) {
        values.put(names[i], value(row.get(i)));
      }
      return values;
    }
    return value.toString();
  }
}
