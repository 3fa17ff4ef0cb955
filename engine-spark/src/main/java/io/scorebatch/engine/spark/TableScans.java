package io.scorebatch.engine.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.udf;

import io.scorebatch.api.table.DeletedRows;
import io.scorebatch.api.table.StoredColumn;
import io.scorebatch.api.table.TableSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.roaringbitmap.longlong.Roaring64Bitmap;
import scala.Option;

/**
 * Table snapshots as DataFrames over the very files the snapshot lists, so that every engine reads
 * the same rows. Thread-safe.
 */
final class TableScans {
  /** Where a row stands in its table: the file's place in the snapshot, then the row's in it. */
  static final String POSITION = "_sb_position";

  private static final String ROW = "_metadata.row_index";

  private final SparkSession session;

  TableScans(SparkSession session) {
    this.session = session;
  }

  /**
   * Columns of a table in their declared types; a column that a file lacks is NULL, deleted rows
   * are left out.
   *
   * @param columns table column by the name it gets
   * @param position whether to add {@link #POSITION}
   */
  Dataset<Row> rows(TableSnapshot table, Map<String, String> columns, boolean position) {
    Map<String, StoredColumn> wanted = new LinkedHashMap<>();
    columns.forEach((alias, column) -> wanted.put(alias, find(table, column)));
    Map<Boolean, List<Integer>> ordinals =
        IntStream.range(0, table.files().size())
            .boxed()
            .collect(Collectors.partitioningBy(i -> table.files().get(i).deleted().isPresent()));
    List<Integer> whole = ordinals.getOrDefault(false, List.of());
    List<Integer> thinned = ordinals.getOrDefault(true, List.of());
    Dataset<Row> rows = scan(table, whole, wanted, position, false);
    return thinned.isEmpty() ? rows : rows.unionAll(scan(table, thinned, wanted, position, true));
  }

  /** All columns of a table under their own names. */
  Dataset<Row> rows(TableSnapshot table) {
    Map<String, String> columns = new LinkedHashMap<>();
    table.columns().forEach(c -> columns.put(c.column().name(), c.column().name()));
    return rows(table, columns, false);
  }

  /** Names for columns: {@code k0}, {@code k1} … after a prefix. */
  static Map<String, String> numbered(String prefix, List<String> columns) {
    Map<String, String> aliases = new LinkedHashMap<>();
    IntStream.range(0, columns.size()).forEach(i -> aliases.put(prefix + i, columns.get(i)));
    return aliases;
  }

  /** A column by its whole name, whatever characters that holds. */
  static Column named(String name) {
    return col("`" + name.replace("`", "``") + "`");
  }

  private static StoredColumn find(TableSnapshot table, String name) {
    return table.columns().stream()
        .filter(c -> c.column().name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(() -> SparkFailures.columnNotFound(table, name));
  }

  private Dataset<Row> scan(
      TableSnapshot table,
      List<Integer> ordinals,
      Map<String, StoredColumn> wanted,
      boolean position,
      boolean thinned) {
    Set<String> partitions =
        table.partitionColumns().stream()
            .map(c -> c.toLowerCase(Locale.ROOT))
            .collect(Collectors.toSet());
    List<StructField> dataFields = new ArrayList<>();
    List<StructField> partitionFields = new ArrayList<>();
    for (StoredColumn column : table.columns()) {
      boolean partition = partitions.contains(column.column().name().toLowerCase(Locale.ROOT));
      if (partition) {
        partitionFields.add(field(column.column().name(), column, Metadata.empty()));
      } else {
        dataFields.add(field(column.physicalName(), column, fieldId(column)));
      }
    }
    partitionFields.add(
        DataTypes.createStructField(SnapshotFiles.FILE, DataTypes.IntegerType, false));
    StructType partitionSchema = DataTypes.createStructType(partitionFields);
    StructType dataSchema = DataTypes.createStructType(dataFields);
    HadoopFsRelation relation =
        new HadoopFsRelation(
            new SnapshotFiles(table.location(), partitionSchema, table.files(), ordinals),
            partitionSchema,
            dataSchema,
            Option.empty(),
            new ParquetFileFormat(),
            Scala.map(Map.of()),
            session);
    Dataset<Row> rows = session.baseRelationToDataFrame(relation);
    if (thinned) {
      rows = rows.filter(not(deleted(table).apply(named(SnapshotFiles.FILE), col(ROW))));
    }
    List<Column> selected = new ArrayList<>();
    wanted.forEach(
        (alias, column) -> {
          String name = column.column().name();
          boolean partition = partitions.contains(name.toLowerCase(Locale.ROOT));
          if (!partition
              && !name.equals(column.physicalName())
              && SparkTypes.hasStruct(column.column().type())) {
            throw SparkFailures.mappedStruct(table, column.column());
          }
          Column value = named(partition ? name : column.physicalName());
          selected.add(
              value.cast(SparkTypes.of(column.column().type())).as(alias, Metadata.empty()));
        });
    if (position) {
      selected.add(struct(named(SnapshotFiles.FILE), col(ROW)).as(POSITION));
    }
    if (selected.isEmpty()) {
      selected.add(lit(true).as("_sb_nothing"));
    }
    return rows.select(selected.toArray(Column[]::new));
  }

  private static StructField field(String name, StoredColumn column, Metadata metadata) {
    return DataTypes.createStructField(name, SparkTypes.of(column.column().type()), true, metadata);
  }

  private static Metadata fieldId(StoredColumn column) {
    return column.fieldId().isEmpty()
        ? Metadata.empty()
        : new MetadataBuilder().putLong("parquet.field.id", column.fieldId().getAsInt()).build();
  }

  private org.apache.spark.sql.expressions.UserDefinedFunction deleted(TableSnapshot table) {
    HashMap<Integer, Roaring64Bitmap> positions = new HashMap<>();
    for (int i = 0; i < table.files().size(); i++) {
      if (table.files().get(i).deleted().isPresent()) {
        DeletedRows deleted = table.files().get(i).deleted().get();
        Roaring64Bitmap bitmap = new Roaring64Bitmap();
        deleted.positions().forEach(bitmap::addLong);
        positions.put(i, bitmap);
      }
    }
    Broadcast<HashMap<Integer, Roaring64Bitmap>> broadcast =
        JavaSparkContext.fromSparkContext(session.sparkContext()).broadcast(positions);
    UDF2<Integer, Long, Boolean> contains =
        (file, row) -> {
          Roaring64Bitmap bitmap = broadcast.value().get(file);
          return bitmap != null && bitmap.contains(row);
        };
    return udf(contains, DataTypes.BooleanType);
  }
}
