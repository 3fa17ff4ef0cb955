package io.scorebatch.table.delta;

import io.delta.kernel.internal.SnapshotImpl;
import io.delta.kernel.internal.TableConfig;
import io.delta.kernel.internal.actions.Metadata;
import io.delta.kernel.internal.tablefeatures.TableFeatures;
import io.delta.kernel.internal.util.ColumnMapping;
import io.delta.kernel.internal.util.ColumnMapping.ColumnMappingMode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.table.ColumnStatistics;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.api.table.TableCommit.Mode;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.Schema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What a table lets us write to it, checked before anything is written. Immutable.
 *
 * @param table for messages
 * @param folder for messages
 */
record TargetRules(TableName table, String folder) {
  private static final Pattern BAD_NAME = Pattern.compile("[ ,;{}()\\n\\t=]");

  /** Settings that ask for more in the schema or the files than we write. */
  private static final Pattern BAD_PROPERTY =
      Pattern.compile(
          "delta\\.(columnMapping\\..*|enableIcebergCompat.*|enableIcebergWriterCompat.*"
              + "|universalFormat\\..*|enableRowTracking|feature\\.(?!timestampNtz$|appendOnly$"
              + "|deletionVectors$|vacuumProtocolCheck$|v2Checkpoint$|invariants$).*"
              + "|minReaderVersion|minWriterVersion)",
          Pattern.CASE_INSENSITIVE);

  /** Whether a commit leaves the schema and partitions of the table as they are. */
  static boolean keepsSchema(Optional<SnapshotImpl> current, Mode mode) {
    return current.isPresent() && mode != Mode.OVERWRITE;
  }

  /**
   * The schema to stage files with.
   *
   * @throws ScorebatchException with all problems
   */
  Schema check(
      Optional<SnapshotImpl> current, Schema schema, Mode mode, List<String> partitionColumns) {
    List<Problem> problems = new ArrayList<>();
    Schema spelled = schema;
    if (keepsSchema(current, mode)) {
      spelled = spelledAs(current.get(), schema);
      List<String> there = current.get().getPartitionColumnNames();
      if (!sameNames(partitionColumns, there)) {
        problems.add(TableErrors.partitions(table, partitionColumns, there));
      }
    }
    boolean removes = mode != Mode.APPEND;
    problems.addAll(problems(current, spelled, mode, removes, partitionColumns, Map.of()));
    if (!problems.isEmpty()) {
      throw new ScorebatchException(problems, null);
    }
    return spelled;
  }

  /** Order and case do not matter. */
  static boolean sameNames(Collection<String> some, Collection<String> others) {
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    names.addAll(some);
    Set<String> otherNames = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    otherNames.addAll(others);
    return names.equals(otherNames);
  }

  /** Columns that are NOT NULL but hold NULLs, as far as the files' statistics tell. */
  List<Problem> nullsInRequiredColumns(Optional<SnapshotImpl> current, TableCommit commit) {
    Schema target = commit.schema();
    if (keepsSchema(current, commit.mode())) {
      target = tableSchema(current.get());
    }
    List<Problem> problems = new ArrayList<>();
    for (Column column : target.columns()) {
      if (column.nullable()) {
        continue;
      }
      long nulls = 0;
      for (StagedFile file : commit.files()) {
        ColumnStatistics statistics = file.statistics().get(column.name());
        if (statistics != null) {
          nulls += statistics.nullCount();
        } else if (file.partitionValues().containsKey(column.name())
            && file.partitionValues().get(column.name()) == null) {
          nulls += file.rows();
        }
      }
      if (nulls > 0) {
        problems.add(
            TableErrors.schema(
                table,
                "column '" + column.name() + "' is NULL in " + nulls + " rows.",
                "The column is NOT NULL."));
      }
    }
    return problems;
  }

  /**
   * All that forbids a commit.
   *
   * @param removes whether files are taken away
   * @param partitionColumns of a new or overwritten table
   */
  List<Problem> problems(
      Optional<SnapshotImpl> current,
      Schema schema,
      Mode mode,
      boolean removes,
      List<String> partitionColumns,
      Map<String, String> properties) {
    List<Problem> problems = new ArrayList<>(badProperties(properties));
    if (keepsSchema(current, mode)) {
      problems.addAll(differences(current.get(), schema));
    } else {
      badPartitions(schema, partitionColumns, problems);
      boolean wallClock =
          properties.containsKey("delta.feature.timestampNtz")
              || current
                  .map(s -> s.getProtocol().supportsFeature(TableFeatures.TIMESTAMP_NTZ_RW_FEATURE))
                  .orElse(false);
      if (schema.columns().isEmpty()) {
        problems.add(TableErrors.schema(table, "there are no columns.", ""));
      }
      for (Column column : schema.columns()) {
        if (!wallClock && holdsWallClock(column.type())) {
          problems.add(TableErrors.wallClock(table, column.name()));
        }
        badNames(column, column.name(), problems);
      }
    }
    current.ifPresent(snapshot -> settings(snapshot, schema, mode, removes, problems));
    if (mode == Mode.OVERWRITE
        && !partitionColumns.isEmpty()
        && current.flatMap(SnapshotImpl::getPhysicalClusteringColumns).isPresent()) {
      problems.add(
          TableErrors.setting(
              table,
              "clustering",
              "A table is clustered or partitioned, not both.",
              "leave out the partitions, or write to a new table."));
    }
    return problems;
  }

  private void badPartitions(Schema schema, List<String> partitions, List<Problem> problems) {
    Set<String> seen = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (String partition : partitions) {
      Optional<Column> column = schema.find(partition);
      if (column.isEmpty()) {
        problems.add(
            TableErrors.schema(
                table,
                "there is no column '" + partition + "' to partition by.",
                "The columns are " + String.join(", ", schema.names()) + "."));
      } else if (!canPartition(column.get().type())) {
        problems.add(
            TableErrors.schema(
                table,
                "column '" + partition + "' is " + column.get().type() + ".",
                "Tables are partitioned by whole numbers, decimals, booleans, dates, timestamps and"
                    + " texts."));
      }
      if (!seen.add(partition)) {
        problems.add(
            TableErrors.schema(table, "'" + partition + "' is a partition column twice.", ""));
      }
    }
    if (!seen.isEmpty() && seen.size() == schema.columns().size()) {
      problems.add(
          TableErrors.schema(
              table,
              "every column is a partition column.",
              "Files hold the columns a table is not partitioned by."));
    }
  }

  private static boolean canPartition(ColumnType type) {
    return type instanceof ColumnType.Decimal
        || (type instanceof Primitive
            && type != Primitive.FLOAT
            && type != Primitive.DOUBLE
            && type != Primitive.BINARY);
  }

  private List<Problem> badProperties(Map<String, String> properties) {
    List<Problem> problems = new ArrayList<>();
    properties.forEach(
        (key, value) -> {
          if (BAD_PROPERTY.matcher(key).matches()) {
            problems.add(
                TableErrors.property(table, key, value, "Scorebatch does not write such tables."));
            return;
          }
          try {
            TableConfig.validateAndNormalizeDeltaProperties(Map.of(key, value));
          } catch (RuntimeException e) {
            problems.add(TableErrors.property(table, key, value, TableErrors.reason(e)));
          }
        });
    return problems;
  }

  private void badNames(Column column, String path, List<Problem> problems) {
    if (BAD_NAME.matcher(column.name()).find()) {
      problems.add(TableErrors.columnName(table, path));
    }
    if (column.type() instanceof ColumnType.StructOf struct) {
      struct.fields().forEach(f -> badNames(f, path + "." + f.name(), problems));
    }
  }

  private static boolean holdsWallClock(ColumnType type) {
    if (type instanceof ColumnType.ArrayOf array) {
      return holdsWallClock(array.element());
    }
    if (type instanceof ColumnType.MapOf map) {
      return holdsWallClock(map.key()) || holdsWallClock(map.value());
    }
    if (type instanceof ColumnType.StructOf struct) {
      return struct.fields().stream().anyMatch(field -> holdsWallClock(field.type()));
    }
    return type == Primitive.TIMESTAMP_NTZ;
  }

  /** What in the table's settings and features forbids the change. */
  private void settings(
      SnapshotImpl current, Schema schema, Mode mode, boolean removes, List<Problem> problems) {
    Metadata metadata = current.getMetadata();
    Map<String, String> properties = metadata.getConfiguration();
    boolean newSchema = mode == Mode.OVERWRITE;
    Metadata after = newSchema ? metadata.withNewSchema(DeltaTypes.toDelta(schema)) : metadata;
    try {
      TableFeatures.validateKernelCanWriteToTable(current.getProtocol(), after, folder);
    } catch (RuntimeException e) {
      problems.addAll(TableErrors.refused(table, e).problems());
    }
    ColumnMappingMode mapping = ColumnMapping.getColumnMappingMode(properties);
    if (mapping != ColumnMappingMode.NONE) {
      problems.add(
          TableErrors.setting(
              table,
              "column mapping (delta.columnMapping.mode="
                  + properties.get("delta.columnMapping.mode")
                  + ")",
              "Scorebatch writes files by the columns' own names.",
              "write to a new table."));
    }
    for (String iceberg : List.of("V1", "V2", "V3")) {
      String property = "delta.enableIcebergCompat" + iceberg;
      if (Boolean.parseBoolean(properties.get(property))) {
        problems.add(
            TableErrors.setting(
                table, property + "=true", "Scorebatch writes no Iceberg metadata.", "unset it."));
      }
    }
    if (!removes) {
      return;
    }
    if (TableConfig.APPEND_ONLY_ENABLED.fromMetadata(metadata)) {
      problems.add(
          TableErrors.setting(
              table,
              "delta.appendOnly=true",
              "Rows would be taken away.",
              "append, or unset the property."));
    }
    if (TableConfig.CHANGE_DATA_FEED_ENABLED.fromMetadata(metadata)) {
      problems.add(
          TableErrors.setting(
              table,
              "delta.enableChangeDataFeed=true",
              "Taking rows away would need change files, which Scorebatch does not write.",
              "append, or unset the property."));
    }
    if (!newSchema) {
      return;
    }
    for (io.delta.kernel.expressions.Column clustering :
        current.getPhysicalClusteringColumns().orElse(List.of())) {
      String name = clustering.getNames()[0];
      if (schema.find(name).isEmpty()) {
        problems.add(
            TableErrors.setting(
                table,
                "clustering by '" + name + "'",
                "The new schema has no such column.",
                "keep the column, or alter the table (CLUSTER BY NONE)."));
      }
    }
  }

  Schema tableSchema(SnapshotImpl current) {
    List<Column> columns = new ArrayList<>();
    for (io.delta.kernel.types.StructField field : current.getSchema().fields()) {
      ColumnType type =
          DeltaTypes.fromDelta(field.getDataType())
              .orElseThrow(
                  () ->
                      new ScorebatchException(
                          TableErrors.columnType(
                              table, field.getName(), field.getDataType().toString())));
      columns.add(DeltaTypes.column(field, type));
    }
    return new Schema(columns);
  }

  /** The columns with the table's spelling of their names. */
  private Schema spelledAs(SnapshotImpl current, Schema schema) {
    Schema wanted = tableSchema(current);
    return new Schema(
        schema.columns().stream()
            .map(
                column ->
                    new Column(
                        wanted.find(column.name()).map(Column::name).orElse(column.name()),
                        column.type(),
                        column.nullable(),
                        column.comment()))
            .toList());
  }

  /** How columns to be added differ from the table's; comments and order do not matter. */
  private List<Problem> differences(SnapshotImpl current, Schema schema) {
    Schema wanted = tableSchema(current);
    List<Problem> problems = new ArrayList<>();
    for (Column column : wanted.columns()) {
      Optional<Column> given = schema.find(column.name());
      if (given.isEmpty()) {
        problems.add(
            TableErrors.schema(
                table,
                "column '" + column.name() + "' is missing.",
                "The table has it as " + column.type() + "."));
      } else if (!given.get().type().sparkName().equals(column.type().sparkName())) {
        problems.add(
            TableErrors.schema(
                table,
                "column '" + column.name() + "' is " + given.get().type() + ".",
                "The table has it as " + column.type() + "; added rows keep the table's types."));
      } else if (!given.get().name().equals(column.name())) {
        problems.add(
            TableErrors.schema(
                table,
                "column '" + given.get().name() + "' is spelled '" + column.name() + "' there.",
                "Readers of the files tell upper from lower case."));
      }
    }
    for (Column column : schema.columns()) {
      if (wanted.find(column.name()).isEmpty()) {
        problems.add(
            TableErrors.schema(
                table,
                "column '" + column.name() + "' is new.",
                "The table has " + String.join(", ", wanted.names()) + "."));
      }
    }
    return problems;
  }
}
