package io.scorebatch.engine.spark;

import io.scorebatch.api.table.DataFile;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.BasePredicate;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.Predicate$;
import org.apache.spark.sql.execution.datasources.FileIndex;
import org.apache.spark.sql.execution.datasources.FileStatusWithMetadata;
import org.apache.spark.sql.execution.datasources.PartitionDirectory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;
import scala.Option;
import scala.collection.immutable.Map$;
import scala.collection.immutable.Seq;

/**
 * The files of a snapshot for Spark's file scans. Nothing is listed: the snapshot says which files
 * there are and how long they are. Partition values, and the place of the file in the snapshot, are
 * columns that are constant in a file. Immutable.
 */
final class SnapshotFiles implements FileIndex {
  /** The column that holds a file's place in the snapshot. */
  static final String FILE = "_sb_file";

  private record Entry(InternalRow values, FileStatus status) {}

  private final Path root;
  private final StructType partitionSchema;
  private final List<Entry> entries;

  /**
   * @param location root of the table
   * @param partitions partition columns, with {@link #FILE} last
   * @param ordinals places of the files to read
   */
  SnapshotFiles(
      String location, StructType partitions, List<DataFile> files, List<Integer> ordinals) {
    this.root = path(location);
    this.partitionSchema = partitions;
    this.entries = new ArrayList<>();
    for (int ordinal : ordinals) {
      DataFile file = files.get(ordinal);
      FileStatus status =
          new FileStatus(file.sizeBytes(), false, 1, 128L << 20, 0, path(file.path()));
      entries.add(new Entry(values(partitions, file, ordinal), status));
    }
  }

  /** The path of a local path or URI. */
  static Path path(String pathOrUri) {
    return pathOrUri.matches("[a-zA-Z][a-zA-Z0-9+.-]+:.*")
        ? new Path(URI.create(pathOrUri))
        : new Path(java.nio.file.Path.of(pathOrUri).toUri());
  }

  private static InternalRow values(StructType partitions, DataFile file, int ordinal) {
    @Nullable Object[] values = new @Nullable Object[partitions.size()];
    StructField[] fields = partitions.fields();
    for (int i = 0; i < fields.length - 1; i++) {
      String text = file.partitionValues().get(fields[i].name());
      Literal literal =
          Literal.create(text == null ? null : UTF8String.fromString(text), DataTypes.StringType);
      values[i] =
          new Cast(literal, fields[i].dataType(), Option.apply("UTC")).eval(InternalRow.empty());
    }
    values[fields.length - 1] = ordinal;
    return new GenericInternalRow(values);
  }

  @Override
  public Seq<Path> rootPaths() {
    return Scala.seq(List.of(root));
  }

  @Override
  public Seq<PartitionDirectory> listFiles(
      Seq<Expression> partitionFilters, Seq<Expression> dataFilters) {
    List<BasePredicate> wanted = new ArrayList<>();
    if (!partitionFilters.isEmpty()) {
      // Spark leaves it to the index to apply these.
      wanted.add(
          Predicate$.MODULE$.createInterpreted(
              partitionFilters
                  .reduceLeft(
                      new scala.runtime.AbstractFunction2<Expression, Expression, Expression>() {
                        @Override
                        public Expression apply(Expression left, Expression right) {
                          return new And(left, right);
                        }
                      })
                  .transform(Scala.rewrite(this::bound))));
    }
    List<PartitionDirectory> directories = new ArrayList<>();
    for (Entry entry : entries) {
      if (wanted.stream().allMatch(predicate -> predicate.eval(entry.values()))) {
        directories.add(
            new PartitionDirectory(
                entry.values(),
                Scala.seq(
                    List.of(new FileStatusWithMetadata(entry.status(), Map$.MODULE$.empty())))));
      }
    }
    return Scala.seq(directories);
  }

  private Expression bound(Expression expression) {
    if (!(expression instanceof AttributeReference column)) {
      return expression;
    }
    int index = partitionSchema.fieldIndex(column.name());
    return new BoundReference(index, partitionSchema.fields()[index].dataType(), true);
  }

  @Override
  public String[] inputFiles() {
    return entries.stream().map(e -> e.status().getPath().toString()).toArray(String[]::new);
  }

  @Override
  public void refresh() {}

  @Override
  public long sizeInBytes() {
    return entries.stream().mapToLong(e -> e.status().getLen()).sum();
  }

  @Override
  public StructType partitionSchema() {
    return partitionSchema;
  }
}
