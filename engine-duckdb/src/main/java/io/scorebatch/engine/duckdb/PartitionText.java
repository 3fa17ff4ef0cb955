package io.scorebatch.engine.duckdb;

import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.ColumnType.Primitive;

/** Values of partition columns as Delta's log writes them: text, in which empty means NULL. */
final class PartitionText {
  private PartitionText() {}

  /** The text of a value, in SQL; a timestamp's is in UTC. */
  static String of(String value, ColumnType type) {
    if (type == Primitive.STRING) {
      return "nullif(" + value + ", '')";
    }
    if (type == Primitive.TIMESTAMP || type == Primitive.TIMESTAMP_NTZ) {
      return "strftime(" + Sql.cast(value, Primitive.TIMESTAMP_NTZ) + ", '%Y-%m-%d %H:%M:%S.%f')";
    }
    return type instanceof Decimal decimal
        ? Sql.decimalText(value, decimal)
        : Sql.cast(value, Primitive.STRING);
  }
}
