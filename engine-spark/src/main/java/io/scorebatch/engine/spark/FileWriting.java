package io.scorebatch.engine.spark;

import io.scorebatch.api.table.ColumnStatistics;
import io.scorebatch.api.table.StagedFile;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.TaskAttemptID;
import org.apache.hadoop.mapreduce.TaskID;
import org.apache.hadoop.mapreduce.TaskType;
import org.apache.hadoop.mapreduce.task.TaskAttemptContextImpl;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.datasources.OutputWriter;
import org.apache.spark.sql.execution.datasources.OutputWriterFactory;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Scores a partition and writes it to one Parquet file. Each attempt writes a file of its own name;
 * the attempt that Spark accepts tells the driver which one counts, so a task tried again never
 * doubles rows.
 */
final class FileWriting implements Serializable {
  /**
   * What a task wrote.
   *
   * @param file the file's name; null where the partition had no rows
   * @param bytes its size
   * @param rows its rows
   * @param tallies what there is to tell of its rows
   * @param bounds by column
   */
  record Written(
      @Nullable String file, long bytes, long rows, Tallies tallies, List<ColumnBounds> bounds)
      implements Serializable {
    StagedFile staged(Path folder, StructType schema) {
      Map<String, ColumnStatistics> statistics = new HashMap<>();
      for (int i = 0; i < bounds.size(); i++) {
        statistics.put(schema.fields()[i].name(), bounds.get(i).statistics());
      }
      return new StagedFile(
          folder.resolve(String.valueOf(file)), bytes, rows, Map.of(), statistics);
    }

    /** Rows whose value in a column is NULL or NaN; 0 where there is no such column. */
    long silent(StructType schema, String column) {
      for (int i = 0; i < bounds.size(); i++) {
        if (schema.fields()[i].name().equalsIgnoreCase(column)) {
          return bounds.get(i).silent();
        }
      }
      return 0;
    }
  }

  private final ScoringTask task;
  private final String folder;
  private final String run;
  private final StructType schema;
  private final OutputWriterFactory writers;
  private final SerializableConfiguration configuration;

  FileWriting(SparkSession session, ScoringTask task, Path folder, String run, StructType schema) {
    this.task = task;
    this.folder = SnapshotFiles.path(folder.toAbsolutePath().toString()).toString();
    this.run = run;
    this.schema = schema;
    try {
      Job job = Job.getInstance(session.sessionState().newHadoopConf());
      this.writers =
          new ParquetFileFormat()
              .prepareWrite(session, job, Scala.map(Map.of("compression", "zstd")), schema);
      this.configuration = new SerializableConfiguration(job.getConfiguration());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The body of a task. */
  Iterator<Written> write(int partition, Iterator<InternalRow> rows) {
    Tallies tallies = task.tallies();
    Iterator<InternalRow> scored = task.score(rows, tallies);
    if (!scored.hasNext()) {
      return List.of(new Written(null, 0, 0, tallies, List.of())).iterator();
    }
    List<ColumnBounds> bounds = new ArrayList<>();
    StructField[] fields = schema.fields();
    for (int i = 0; i < fields.length; i++) {
      bounds.add(new ColumnBounds(fields[i].dataType(), i));
    }
    TaskAttemptContext attempt =
        new TaskAttemptContextImpl(
            configuration.value(),
            new TaskAttemptID(new TaskID("scorebatch", 0, TaskType.MAP, partition), 0));
    String name =
        String.format(
            java.util.Locale.ROOT,
            "part-%05d-%s-%s%s",
            partition,
            run,
            UUID.randomUUID(),
            writers.getFileExtension(attempt));
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(folder, name);
    OutputWriter writer = writers.newInstance(path.toString(), schema, attempt);
    TaskContext context = TaskContext.get();
    boolean whole = false;
    long count = 0;
    try {
      while (scored.hasNext()) {
        if (context != null && (count & 1023) == 0) {
          context.killTaskIfInterrupted();
        }
        InternalRow row = scored.next();
        writer.write(row);
        bounds.forEach(bound -> bound.add(row));
        count++;
      }
      whole = true;
    } finally {
      writer.close();
      if (!whole) {
        delete(path);
      }
    }
    return List.of(new Written(name, length(path), count, tallies, bounds)).iterator();
  }

  private long length(org.apache.hadoop.fs.Path path) {
    try {
      FileSystem files = path.getFileSystem(configuration.value());
      return files.getFileStatus(path).getLen();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void delete(org.apache.hadoop.fs.Path path) {
    try {
      path.getFileSystem(configuration.value()).delete(path, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
