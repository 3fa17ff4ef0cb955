package io.scorebatch.engine.duckdb;

import io.scorebatch.api.engine.SqlEngine;
import io.scorebatch.api.type.Column;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Array;
import java.sql.Blob;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Struct;
import java.sql.Timestamp;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.duckdb.DuckDBStruct;
import org.jspecify.annotations.Nullable;

/** Hands a result to a receiver, row by row, in Java's types. */
final class ResultRows {
  private ResultRows() {}

  /** Sends all rows, and counts them. */
  static long send(ResultSet rows, SqlEngine.Rows receiver) throws SQLException {
    ResultSetMetaData meta = rows.getMetaData();
    List<Column> columns = new ArrayList<>();
    for (int i = 1; i <= meta.getColumnCount(); i++) {
      columns.add(Column.of(meta.getColumnName(i), DuckTypes.parse(meta.getColumnTypeName(i))));
    }
    receiver.columns(List.copyOf(columns));
    @Nullable Object[] row = new @Nullable Object[columns.size()];
    List<@Nullable Object> view = Collections.unmodifiableList(Arrays.asList(row));
    long count = 0;
    for (; rows.next(); count++) {
      for (int i = 0; i < row.length; i++) {
        row[i] = value(rows.getObject(i + 1));
      }
      receiver.row(view);
    }
    return count;
  }

  private static @Nullable Object value(@Nullable Object value) throws SQLException {
    if (value == null
        || value instanceof String
        || value instanceof Number && !(value instanceof BigInteger)
        || value instanceof Boolean) {
      return value instanceof Byte || value instanceof Short
          ? (Object) ((Number) value).intValue()
          : value;
    }
    if (value instanceof BigInteger integer) {
      return new BigDecimal(integer);
    }
    if (value instanceof OffsetDateTime time) {
      return time.toInstant();
    }
    if (value instanceof Timestamp time) {
      return time.toLocalDateTime();
    }
    if (value instanceof java.time.LocalDate || value instanceof LocalDateTime) {
      return value;
    }
    if (value instanceof Array array) {
      List<@Nullable Object> list = new ArrayList<>();
      for (Object element : (Object[]) array.getArray()) {
        list.add(value(element));
      }
      return Collections.unmodifiableList(list);
    }
    if (value instanceof Struct struct) {
      return map(((DuckDBStruct) struct).getMap());
    }
    if (value instanceof Map<?, ?> map) {
      return map(map);
    }
    if (value instanceof Blob blob) {
      return blob.getBytes(1, Math.toIntExact(blob.length()));
    }
    return value.toString();
  }

  private static Map<@Nullable Object, @Nullable Object> map(Map<?, ?> map) throws SQLException {
    Map<@Nullable Object, @Nullable Object> values = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      values.put(value(entry.getKey()), value(entry.getValue()));
    }
    return values;
  }
}
