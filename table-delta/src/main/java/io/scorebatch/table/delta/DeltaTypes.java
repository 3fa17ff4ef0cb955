package io.scorebatch.table.delta;

import io.delta.kernel.types.ArrayType;
import io.delta.kernel.types.BinaryType;
import io.delta.kernel.types.BooleanType;
import io.delta.kernel.types.ByteType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.DateType;
import io.delta.kernel.types.DecimalType;
import io.delta.kernel.types.DoubleType;
import io.delta.kernel.types.FieldMetadata;
import io.delta.kernel.types.FloatType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.MapType;
import io.delta.kernel.types.ShortType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import io.delta.kernel.types.TimestampNTZType;
import io.delta.kernel.types.TimestampType;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.ArrayOf;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.ColumnType.MapOf;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.ColumnType.StructOf;
import io.scorebatch.api.type.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Column types in the kernel's terms and ours. */
final class DeltaTypes {
  private static final String COMMENT = "comment";

  private static final Map<Primitive, DataType> PRIMITIVES =
      Map.ofEntries(
          Map.entry(Primitive.BOOLEAN, BooleanType.BOOLEAN),
          Map.entry(Primitive.BYTE, ByteType.BYTE),
          Map.entry(Primitive.SHORT, ShortType.SHORT),
          Map.entry(Primitive.INT, IntegerType.INTEGER),
          Map.entry(Primitive.LONG, LongType.LONG),
          Map.entry(Primitive.FLOAT, FloatType.FLOAT),
          Map.entry(Primitive.DOUBLE, DoubleType.DOUBLE),
          Map.entry(Primitive.STRING, StringType.STRING),
          Map.entry(Primitive.BINARY, BinaryType.BINARY),
          Map.entry(Primitive.DATE, DateType.DATE),
          Map.entry(Primitive.TIMESTAMP, TimestampType.TIMESTAMP),
          Map.entry(Primitive.TIMESTAMP_NTZ, TimestampNTZType.TIMESTAMP_NTZ));

  private DeltaTypes() {}

  static StructType toDelta(Schema schema) {
    return structOf(schema.columns());
  }

  private static StructType structOf(List<Column> columns) {
    return new StructType(columns.stream().map(DeltaTypes::fieldOf).toList());
  }

  private static StructField fieldOf(Column column) {
    String comment = column.comment();
    FieldMetadata metadata =
        comment == null
            ? FieldMetadata.empty()
            : FieldMetadata.builder().putString(COMMENT, comment).build();
    return new StructField(column.name(), toDelta(column.type()), column.nullable(), metadata);
  }

  private static DataType toDelta(ColumnType type) {
    if (type instanceof Primitive primitive) {
      DataType found = PRIMITIVES.get(primitive);
      if (found != null) {
        return found;
      }
    } else if (type instanceof Decimal decimal) {
      return new DecimalType(decimal.precision(), decimal.scale());
    } else if (type instanceof ArrayOf array) {
      return new ArrayType(toDelta(array.element()), true);
    } else if (type instanceof MapOf map) {
      return new MapType(toDelta(map.key()), toDelta(map.value()), true);
    } else if (type instanceof StructOf struct) {
      return structOf(struct.fields());
    }
    throw new IllegalArgumentException("no Delta type for " + type);
  }

  /** Empty for types we have no name for, such as {@code variant}. */
  static Optional<ColumnType> fromDelta(DataType type) {
    for (Map.Entry<Primitive, DataType> entry : PRIMITIVES.entrySet()) {
      // Strings with a collation are strings.
      if (entry.getValue().getClass() == type.getClass()) {
        return Optional.of(entry.getKey());
      }
    }
    if (type instanceof DecimalType decimal) {
      return Optional.of(new Decimal(decimal.getPrecision(), decimal.getScale()));
    }
    if (type instanceof ArrayType array) {
      return fromDelta(array.getElementType()).map(ArrayOf::new);
    }
    if (type instanceof MapType map) {
      return fromDelta(map.getKeyType())
          .flatMap(key -> fromDelta(map.getValueType()).map(value -> new MapOf(key, value)));
    }
    if (type instanceof StructType struct) {
      List<Column> fields = new ArrayList<>();
      for (StructField field : struct.fields()) {
        Optional<ColumnType> fieldType = fromDelta(field.getDataType());
        if (fieldType.isEmpty()) {
          return Optional.empty();
        }
        fields.add(column(field, fieldType.get()));
      }
      return Optional.of(new StructOf(fields));
    }
    return Optional.empty();
  }

  static Column column(StructField field, ColumnType type) {
    String comment =
        field.getMetadata().get(COMMENT) instanceof String text && !text.isEmpty() ? text : null;
    return new Column(field.getName(), type, field.isNullable(), comment);
  }
}
