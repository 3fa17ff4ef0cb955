package io.scorebatch.engine.spark;

import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.ArrayOf;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.ColumnType.MapOf;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.ColumnType.StructOf;
import io.scorebatch.api.type.Schema;
import io.scorebatch.testing.ParquetWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.TaskAttemptID;
import org.apache.hadoop.mapreduce.task.TaskAttemptContextImpl;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayBasedMapData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.datasources.OutputWriter;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/** Writes test files with Spark's own writer, without a job. */
final class SparkParquet implements ParquetWriter {
  private final SparkSession session;

  SparkParquet(SparkSession session) {
    this.session = session.newSession();
    this.session.conf().set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS");
  }

  @Override
  public void write(
      Path file, Schema schema, List<List<@Nullable Object>> rows, Map<String, Integer> fieldIds) {
    StructType type = new StructType();
    for (Column column : schema.columns()) {
      Integer id = fieldIds.get(column.name());
      Metadata metadata =
          id == null
              ? Metadata.empty()
              : new MetadataBuilder().putLong("parquet.field.id", id).build();
      type = type.add(new StructField(column.name(), SparkTypes.of(column.type()), true, metadata));
    }
    try {
      Files.deleteIfExists(file);
      Job job = Job.getInstance(session.sessionState().newHadoopConf());
      var writers = new ParquetFileFormat().prepareWrite(session, job, Scala.map(Map.of()), type);
      OutputWriter writer =
          writers.newInstance(
              SnapshotFiles.path(file.toString()).toString(),
              type,
              new TaskAttemptContextImpl(job.getConfiguration(), new TaskAttemptID()));
      for (List<@Nullable Object> row : rows) {
        @Nullable Object[] values = new @Nullable Object[row.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = value(row.get(i), schema.columns().get(i).type());
        }
        writer.write(new GenericInternalRow(values));
      }
      writer.close();
      Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable Object value(@Nullable Object value, ColumnType type) {
    if (value == null) {
      return null;
    }
    if (type instanceof ArrayOf array) {
      return new GenericArrayData(
          ((List<?>) value).stream().map(v -> value(v, array.element())).toArray());
    }
    if (type instanceof MapOf map) {
      Map<?, ?> entries = (Map<?, ?>) value;
      return new ArrayBasedMapData(
          new GenericArrayData(entries.keySet().stream().map(k -> value(k, map.key())).toArray()),
          new GenericArrayData(
              entries.values().stream().map(v -> value(v, map.value())).toArray()));
    }
    if (type instanceof StructOf struct) {
      return new GenericInternalRow(
          struct.fields().stream()
              .map(f -> value(((Map<?, ?>) value).get(f.name()), f.type()))
              .toArray());
    }
    if (type instanceof Decimal decimal) {
      BigDecimal number = new BigDecimal(value.toString());
      return org.apache.spark.sql.types.Decimal.apply(number, decimal.precision(), decimal.scale());
    }
    return switch ((Primitive) type) {
      case BOOLEAN, BINARY -> value;
      case BYTE -> ((Number) value).byteValue();
      case SHORT -> ((Number) value).shortValue();
      case INT -> ((Number) value).intValue();
      case LONG -> ((Number) value).longValue();
      case FLOAT -> ((Number) value).floatValue();
      case DOUBLE -> ((Number) value).doubleValue();
      case STRING -> UTF8String.fromString((String) value);
      case DATE -> (int) ((LocalDate) value).toEpochDay();
      case TIMESTAMP -> micros((Instant) value);
      case TIMESTAMP_NTZ -> micros(((LocalDateTime) value).toInstant(ZoneOffset.UTC));
    };
  }

  private static long micros(Instant instant) {
    return instant.getEpochSecond() * 1_000_000L + instant.getNano() / 1000;
  }
}
