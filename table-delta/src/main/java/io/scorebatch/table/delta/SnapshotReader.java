package io.scorebatch.table.delta;

import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.engine.FileSystemClient;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.ScanImpl;
import io.delta.kernel.internal.SnapshotImpl;
import io.delta.kernel.internal.actions.AddFile;
import io.delta.kernel.internal.actions.DeletionVectorDescriptor;
import io.delta.kernel.internal.actions.Metadata;
import io.delta.kernel.internal.deletionvectors.DeletionVectorStoredBitmap;
import io.delta.kernel.internal.util.ColumnMapping;
import io.delta.kernel.internal.util.ColumnMapping.ColumnMappingMode;
import io.delta.kernel.internal.util.VectorUtils;
import io.delta.kernel.types.StructField;
import io.delta.kernel.utils.CloseableIterator;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.table.DataFile;
import io.scorebatch.api.table.DeletedRows;
import io.scorebatch.api.table.StoredColumn;
import io.scorebatch.api.table.TableChanges;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.ColumnType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Turns the kernel's snapshot of a table into ours. Immutable. */
record SnapshotReader(DeltaLogs logs, TableName table, String folder) {

  TableSnapshot read(SnapshotImpl snapshot) {
    Metadata metadata = snapshot.getMetadata();
    List<StoredColumn> columns = columns(metadata);
    List<StoredColumn> partitions = partitions(snapshot, columns);
    return new TableSnapshot(
        table,
        folder,
        metadata.getId(),
        snapshot.getVersion(),
        columns,
        partitions.stream().map(column -> column.column().name()).toList(),
        metadata.getConfiguration(),
        metadata.getDescription().filter(text -> !text.isEmpty()).orElse(null),
        files(snapshot, partitions));
  }

  /** What was written after a version, up to that of the snapshot. */
  TableChanges changes(SnapshotImpl snapshot, long after) throws IOException {
    List<StoredColumn> columns = columns(snapshot.getMetadata());
    return new ChangeReader(this, partitions(snapshot, columns)).read(after, snapshot.getVersion());
  }

  private static List<StoredColumn> partitions(SnapshotImpl snapshot, List<StoredColumn> columns) {
    List<StoredColumn> partitions = new ArrayList<>();
    for (String name : snapshot.getPartitionColumnNames()) {
      for (StoredColumn column : columns) {
        if (column.column().name().equalsIgnoreCase(name)) {
          partitions.add(column);
        }
      }
    }
    return partitions;
  }

  private List<StoredColumn> columns(Metadata metadata) {
    ColumnMappingMode mode = ColumnMapping.getColumnMappingMode(metadata.getConfiguration());
    List<StoredColumn> columns = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    for (StructField field : metadata.getSchema().fields()) {
      Optional<ColumnType> type = DeltaTypes.fromDelta(field.getDataType());
      if (type.isEmpty()) {
        problems.add(
            TableErrors.columnType(table, field.getName(), field.getDataType().toString()));
        continue;
      }
      columns.add(
          new StoredColumn(
              DeltaTypes.column(field, type.get()),
              mode == ColumnMappingMode.NONE
                  ? field.getName()
                  : ColumnMapping.getPhysicalName(field),
              mode == ColumnMappingMode.ID
                  ? OptionalInt.of(ColumnMapping.getColumnId(field))
                  : OptionalInt.empty()));
    }
    if (!problems.isEmpty()) {
      throw new ScorebatchException(problems, null);
    }
    return columns;
  }

  private List<DataFile> files(SnapshotImpl snapshot, List<StoredColumn> partitions) {
    List<DataFile> files = new ArrayList<>();
    for (AddFile file : liveFiles(snapshot, true)) {
      files.add(
          new DataFile(
              logs.storage().resolve(folder, file.getPath()),
              file.getSize(),
              StatisticsJson.rows(file.getStatsJson().orElse(null)),
              partitionValues(VectorUtils.toJavaMap(file.getPartitionValues()), partitions),
              file.getDeletionVector().map(this::deletedRows)));
    }
    files.sort(Comparator.comparing(DataFile::path));
    return files;
  }

  /** The files of a snapshot as its log has them; statistics only where asked for. */
  List<AddFile> liveFiles(SnapshotImpl snapshot, boolean withStatistics) {
    ScanImpl scan = (ScanImpl) snapshot.getScanBuilder().build();
    List<AddFile> files = new ArrayList<>();
    try (CloseableIterator<FilteredColumnarBatch> batches =
        scan.getScanFiles(logs.engine(), withStatistics)) {
      while (batches.hasNext()) {
        try (CloseableIterator<Row> rows = batches.next().getRows()) {
          while (rows.hasNext()) {
            files.add(new AddFile(rows.next().getStruct(InternalScanFileUtils.ADD_FILE_ORDINAL)));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  /** Logged values are by physical name. */
  Map<String, @Nullable String> partitionValues(
      Map<String, @Nullable String> logged, List<StoredColumn> partitions) {
    Map<String, @Nullable String> values = new LinkedHashMap<>();
    for (StoredColumn partition : partitions) {
      String text = logged.get(partition.physicalName());
      ColumnType type = partition.column().type();
      String name = partition.column().name();
      try {
        values.put(name, PartitionText.canonical(text, type));
      } catch (RuntimeException e) {
        throw TableErrors.partitionValue(table, name, type.sparkName(), text, e);
      }
    }
    return Collections.unmodifiableMap(values);
  }

  DeletedRows deletedRows(DeletionVectorDescriptor vector) {
    FileSystemClient files = logs.engine().getFileSystemClient();
    return new DeletedRows() {
      @Override
      public long count() {
        return vector.getCardinality();
      }

      @Override
      public LongStream positions() {
        try {
          return Arrays.stream(
              new DeletionVectorStoredBitmap(vector, Optional.of(folder)).load(files).toArray());
        } catch (IOException | RuntimeException e) {
          throw TableErrors.deletionVector(table, vector.getUniqueId(), e);
        }
      }
    };
  }
}
