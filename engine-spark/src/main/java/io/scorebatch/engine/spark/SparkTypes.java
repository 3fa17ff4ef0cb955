package io.scorebatch.engine.spark;

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
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/** Column types in Spark's words, both ways. */
final class SparkTypes {
  private SparkTypes() {}

  static DataType of(ColumnType type) {
    if (type instanceof Primitive primitive) {
      return primitive(primitive);
    }
    if (type instanceof Decimal decimal) {
      return DataTypes.createDecimalType(decimal.precision(), decimal.scale());
    }
    if (type instanceof ArrayOf array) {
      return DataTypes.createArrayType(of(array.element()), true);
    }
    if (type instanceof MapOf map) {
      return DataTypes.createMapType(of(map.key()), of(map.value()), true);
    }
    return of(((StructOf) type).fields());
  }

  static StructType of(Schema schema) {
    return of(schema.columns());
  }

  static StructType of(List<Column> columns) {
    return new StructType(
        columns.stream()
            .map(c -> DataTypes.createStructField(c.name(), of(c.type()), true))
            .toArray(StructField[]::new));
  }

  private static DataType primitive(Primitive type) {
    return switch (type) {
      case BOOLEAN -> DataTypes.BooleanType;
      case BYTE -> DataTypes.ByteType;
      case SHORT -> DataTypes.ShortType;
      case INT -> DataTypes.IntegerType;
      case LONG -> DataTypes.LongType;
      case FLOAT -> DataTypes.FloatType;
      case DOUBLE -> DataTypes.DoubleType;
      case STRING -> DataTypes.StringType;
      case BINARY -> DataTypes.BinaryType;
      case DATE -> DataTypes.DateType;
      case TIMESTAMP -> DataTypes.TimestampType;
      case TIMESTAMP_NTZ -> DataTypes.TimestampNTZType;
    };
  }

  /** True where values of the type hold others, at any depth a struct. */
  static boolean hasStruct(ColumnType type) {
    if (type instanceof ArrayOf array) {
      return hasStruct(array.element());
    }
    if (type instanceof MapOf map) {
      return hasStruct(map.key()) || hasStruct(map.value());
    }
    return type instanceof StructOf;
  }

  static List<Column> columns(StructType type) {
    List<Column> columns = new ArrayList<>();
    for (StructField field : type.fields()) {
      columns.add(Column.of(field.name(), of(field.dataType())));
    }
    return List.copyOf(columns);
  }

  /** What has no counterpart (intervals, variants, NULL without a type) is shown as text. */
  static ColumnType of(DataType type) {
    if (type instanceof BooleanType) {
      return Primitive.BOOLEAN;
    }
    if (type instanceof ByteType) {
      return Primitive.BYTE;
    }
    if (type instanceof ShortType) {
      return Primitive.SHORT;
    }
    if (type instanceof IntegerType) {
      return Primitive.INT;
    }
    if (type instanceof LongType) {
      return Primitive.LONG;
    }
    if (type instanceof FloatType) {
      return Primitive.FLOAT;
    }
    if (type instanceof DoubleType) {
      return Primitive.DOUBLE;
    }
    if (type instanceof BinaryType) {
      return Primitive.BINARY;
    }
    if (type instanceof DateType) {
      return Primitive.DATE;
    }
    if (type instanceof TimestampType) {
      return Primitive.TIMESTAMP;
    }
    if (type instanceof TimestampNTZType) {
      return Primitive.TIMESTAMP_NTZ;
    }
    if (type instanceof DecimalType decimal && decimal.scale() >= 0) {
      return new Decimal(decimal.precision(), decimal.scale());
    }
    if (type instanceof ArrayType array) {
      return new ArrayOf(of(array.elementType()));
    }
    if (type instanceof MapType map) {
      return new MapOf(of(map.keyType()), of(map.valueType()));
    }
    return type instanceof StructType struct ? new StructOf(columns(struct)) : Primitive.STRING;
  }
}
