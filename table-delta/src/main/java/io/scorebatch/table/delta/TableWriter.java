package io.scorebatch.table.delta;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.delta.kernel.Operation;
import io.delta.kernel.TransactionCommitResult;
import io.delta.kernel.commit.CommitFailedException;
import io.delta.kernel.data.Row;
import io.delta.kernel.exceptions.ConcurrentWriteException;
import io.delta.kernel.exceptions.MaxCommitRetryLimitReachedException;
import io.delta.kernel.expressions.Column;
import io.delta.kernel.hook.PostCommitHook;
import io.delta.kernel.hook.PostCommitHook.PostCommitHookType;
import io.delta.kernel.internal.SnapshotImpl;
import io.delta.kernel.internal.TableConfig;
import io.delta.kernel.internal.TransactionImpl;
import io.delta.kernel.internal.actions.AddFile;
import io.delta.kernel.internal.actions.Format;
import io.delta.kernel.internal.actions.Metadata;
import io.delta.kernel.internal.actions.Protocol;
import io.delta.kernel.internal.actions.SetTransaction;
import io.delta.kernel.internal.actions.SingleAction;
import io.delta.kernel.internal.data.GenericRow;
import io.delta.kernel.internal.tablefeatures.TableFeature;
import io.delta.kernel.internal.tablefeatures.TableFeatures;
import io.delta.kernel.internal.util.ColumnMapping;
import io.delta.kernel.internal.util.ColumnMapping.ColumnMappingMode;
import io.delta.kernel.internal.util.SchemaUtils;
import io.delta.kernel.internal.util.Tuple2;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.internal.util.VectorUtils;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterable;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.table.ColumnStatistics;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.api.table.TableCommit.Mode;
import io.scorebatch.api.table.TableCommit.TransactionId;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.Schema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checks and commits changes of one table.
 *
 * <p>The kernel's transaction is built directly, as its public builders can neither replace rows
 * and schema in one version, nor set a table's comment. What is kept of a table when it is
 * overwritten: its id, its properties, its comment unless a new one is given, its transaction ids.
 */
final class TableWriter {
  /** Races with writers who change the table's schema; those who only add rows are not counted. */
  private static final int APPEND_ATTEMPTS = 20;

  /** Races with writers who add rows, within one attempt. */
  private static final int APPEND_REBASES = 1000;

  private static final Pattern BAD_NAME = Pattern.compile("[ ,;{}()\\n\\t=]");

  /** Settings that ask for more in the schema or the files than we write. */
  private static final Pattern BAD_PROPERTY =
      Pattern.compile(
          "delta\\.(columnMapping\\..*|enableIcebergCompat.*|enableIcebergWriterCompat.*"
              + "|universalFormat\\..*|enableRowTracking|feature\\.(?!timestampNtz$|appendOnly$"
              + "|deletionVectors$|vacuumProtocolCheck$|v2Checkpoint$|invariants$).*"
              + "|minReaderVersion|minWriterVersion)",
          Pattern.CASE_INSENSITIVE);

  private static final System.Logger LOG = System.getLogger(TableWriter.class.getName());

  private final DeltaEngine engine;
  private final TableName table;
  private final Path folder;
  private final Supplier<Optional<SnapshotImpl>> newest;

  /**
   * @param newest loads the newest version; empty where there is no table
   */
  TableWriter(
      DeltaEngine engine, TableName table, Path folder, Supplier<Optional<SnapshotImpl>> newest) {
    this.engine = engine;
    this.table = table;
    this.folder = folder;
    this.newest = newest;
  }

  Schema check(Schema schema, Mode mode) {
    Optional<SnapshotImpl> current = newest.get();
    List<Problem> problems = new ArrayList<>();
    Schema spelled = schema;
    if (mode == Mode.APPEND && current.isPresent()) {
      spelled = spelledAs(current.get(), schema);
      if (!current.get().getPartitionColumnNames().isEmpty()) {
        problems.add(
            TableErrors.schema(
                table,
                "the table is partitioned by "
                    + String.join(", ", current.get().getPartitionColumnNames())
                    + ".",
                "Rows are staged without partitions."));
      }
    }
    problems.addAll(problems(current, spelled, mode, Map.of()));
    if (!problems.isEmpty()) {
      throw new ScorebatchException(problems, null);
    }
    return spelled;
  }

  long commit(TableCommit commit) {
    List<Problem> unfit = nullsInRequiredColumns(commit);
    if (!unfit.isEmpty()) {
      throw new ScorebatchException(unfit, null);
    }
    for (int attempt = 1; ; attempt++) {
      Optional<SnapshotImpl> current = newest.get();
      if (current.isPresent() && isDone(current.get(), commit.transaction())) {
        return current.get().getVersion();
      }
      List<Problem> problems =
          problems(current, commit.schema(), commit.mode(), commit.properties());
      if (!problems.isEmpty()) {
        throw new ScorebatchException(problems, null);
      }
      try {
        return attempt(current, commit);
      } catch (ConcurrentWriteException | MaxCommitRetryLimitReachedException e) {
        if (!isConflict(e)) {
          throw TableErrors.refused(table, e);
        }
        // Rows may be added to whatever the table is now. A replacement may not be repeated: it
        // would take away rows that its run has never seen.
        boolean again = commit.mode() == Mode.APPEND && attempt < APPEND_ATTEMPTS;
        if (!again) {
          Optional<SnapshotImpl> winner = newest.get();
          if (winner.isPresent() && isDone(winner.get(), commit.transaction())) {
            return winner.get().getVersion();
          }
          throw TableErrors.conflict(table, commit.transaction(), e);
        }
      } catch (RuntimeException e) {
        throw TableErrors.refused(table, e);
      }
    }
  }

  private static boolean isConflict(RuntimeException failure) {
    return failure instanceof ConcurrentWriteException
        || (failure.getCause() instanceof CommitFailedException cause && cause.isConflict());
  }

  private boolean isDone(SnapshotImpl snapshot, Optional<TransactionId> transaction) {
    return transaction
        .flatMap(
            id ->
                snapshot
                    .getLatestTransactionVersion(engine, id.application())
                    .map(done -> done >= id.version()))
        .orElse(false);
  }

  private long attempt(Optional<SnapshotImpl> current, TableCommit commit) {
    boolean creates = current.isEmpty();
    boolean replaces = commit.mode() == Mode.OVERWRITE;
    Optional<TableState> before = current.map(TableState::of);
    TableState state = before.orElseGet(TableState::none);
    List<String> partitions = partitionColumns(commit);
    if (creates || replaces) {
      state = state.with(commit, partitions);
    } else {
      checkPartitions(partitions, current.get().getPartitionColumnNames());
    }
    boolean newProtocol = creates || !state.protocol().equals(before.get().protocol());
    boolean newMetadata = creates || !state.sameMetadata(before.get());

    List<Row> actions = new ArrayList<>();
    if (replaces && current.isPresent()) {
      removeAll(current.get(), commit, actions);
    }
    for (StagedFile file : commit.files()) {
      actions.add(SingleAction.createAddFileSingleAction(add(file, commit.schema(), partitions)));
    }
    TransactionImpl transaction =
        new TransactionImpl(
            creates,
            new io.delta.kernel.internal.fs.Path(folder.toString()),
            current,
            commit.engineInfo(),
            Operation.WRITE,
            newProtocol ? Optional.of(state.protocol()) : Optional.empty(),
            newMetadata ? Optional.of(state.metadata()) : Optional.empty(),
            new LogCommitter(table),
            commit
                .transaction()
                .map(
                    id ->
                        new SetTransaction(
                            id.application(),
                            id.version(),
                            Optional.of(System.currentTimeMillis()))),
            Optional.empty(),
            Optional.of(creates || replaces ? 0 : APPEND_REBASES),
            0,
            System::currentTimeMillis);
    TransactionCommitResult result =
        transaction.commit(
            engine,
            CloseableIterable.inMemoryIterable(Utils.toCloseableIterator(actions.iterator())));
    result.getPostCommitHooks().forEach(this::afterCommit);
    return result.getVersion();
  }

  /**
   * The version is committed: a checkpoint that cannot be written costs later readers time only.
   */
  private void afterCommit(PostCommitHook hook) {
    if (hook.getType() != PostCommitHookType.CHECKPOINT) {
      return;
    }
    try {
      hook.threadSafeInvoke(engine);
    } catch (IOException | RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, TableErrors.noCheckpoint(table, e));
    }
  }

  private void removeAll(SnapshotImpl current, TableCommit commit, List<Row> actions) {
    Set<String> staged = new HashSet<>();
    commit.files().forEach(file -> staged.add(logPath(file)));
    long now = System.currentTimeMillis();
    for (AddFile file : new SnapshotReader(engine, table, folder).liveFiles(current, false)) {
      if (staged.contains(file.getPath())) {
        throw TableErrors.stagedFile(
            table, folder.resolve(file.getPath()), "The table holds a file of that name already.");
      }
      actions.add(
          SingleAction.createRemoveFileSingleAction(file.toRemoveFileRow(true, Optional.of(now))));
    }
  }

  private Row add(StagedFile file, Schema schema, List<String> partitions) {
    Path path = file.file().toAbsolutePath().normalize();
    if (!path.startsWith(folder)) {
      throw TableErrors.stagedFile(
          table, path, "It lies outside the table's folder " + folder + ".");
    }
    long modified;
    try {
      long size = Files.size(path);
      if (size != file.sizeBytes()) {
        throw TableErrors.stagedFile(
            table, path, "It has " + size + " bytes instead of " + file.sizeBytes() + ".");
      }
      // A version must never be on disk before its rows are.
      LocalFiles.force(path);
      modified = Files.getLastModifiedTime(path).toMillis();
    } catch (IOException e) {
      throw TableErrors.stagedFile(table, path, "It cannot be read: " + e);
    }
    Map<String, @Nullable String> values = new LinkedHashMap<>();
    for (String partition : partitions) {
      values.put(partition, file.partitionValues().get(partition));
    }
    Map<Integer, Object> fields = new HashMap<>();
    StructType add = AddFile.FULL_SCHEMA;
    fields.put(add.indexOf("path"), logPath(file));
    fields.put(add.indexOf("partitionValues"), VectorUtils.stringStringMapValue(values));
    fields.put(add.indexOf("size"), file.sizeBytes());
    fields.put(add.indexOf("modificationTime"), modified);
    fields.put(add.indexOf("dataChange"), true);
    fields.put(add.indexOf("stats"), StatisticsJson.of(file, schema));
    return new GenericRow(add, fields);
  }

  /** A path relative to the table's folder, escaped as the log wants it. */
  private String logPath(StagedFile file) {
    String relative =
        folder.relativize(file.file().toAbsolutePath().normalize()).toString().replace('\\', '/');
    StringBuilder escaped = new StringBuilder();
    for (byte b : relative.getBytes(UTF_8)) {
      char c = (char) (b & 0xff);
      if ((c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || "/-_.~=+@,".indexOf(c) >= 0) {
        escaped.append(c);
      } else {
        escaped.append(String.format(Locale.ROOT, "%%%02X", (int) c));
      }
    }
    return escaped.toString();
  }

  /** The columns staged files are partitioned by, in the schema's order. */
  private List<String> partitionColumns(TableCommit commit) {
    Set<String> named = new LinkedHashSet<>();
    for (StagedFile file : commit.files()) {
      named.addAll(file.partitionValues().keySet());
    }
    for (StagedFile file : commit.files()) {
      if (!file.partitionValues().keySet().equals(named)) {
        throw TableErrors.stagedFile(
            table,
            file.file(),
            "It has values for the partition columns "
                + file.partitionValues().keySet()
                + ", others for "
                + named
                + ".");
      }
    }
    List<String> ordered = new ArrayList<>(commit.schema().names());
    ordered.retainAll(named);
    if (ordered.size() != named.size()) {
      throw new ScorebatchException(
          TableErrors.schema(
              table,
              "files are partitioned by " + named + ".",
              "The schema has " + String.join(", ", commit.schema().names()) + "."));
    }
    return ordered;
  }

  private void checkPartitions(List<String> staged, List<String> wanted) {
    if (!new HashSet<>(staged).equals(new HashSet<>(wanted))) {
      throw new ScorebatchException(
          TableErrors.schema(
              table,
              "files are partitioned by " + staged + ".",
              "The table is partitioned by " + wanted + "."));
    }
  }

  private List<Problem> nullsInRequiredColumns(TableCommit commit) {
    List<Problem> problems = new ArrayList<>();
    for (io.scorebatch.api.type.Column column : commit.schema().columns()) {
      if (column.nullable()) {
        continue;
      }
      long nulls = 0;
      for (StagedFile file : commit.files()) {
        ColumnStatistics statistics = file.statistics().get(column.name());
        nulls += statistics == null ? 0 : statistics.nullCount();
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

  private List<Problem> problems(
      Optional<SnapshotImpl> current, Schema schema, Mode mode, Map<String, String> properties) {
    List<Problem> problems = new ArrayList<>(badProperties(properties));
    boolean appends = mode == Mode.APPEND && current.isPresent();
    if (appends) {
      problems.addAll(differences(current.get(), schema));
    } else {
      boolean wallClock =
          properties.containsKey("delta.feature.timestampNtz")
              || current
                  .map(s -> s.getProtocol().supportsFeature(TableFeatures.TIMESTAMP_NTZ_RW_FEATURE))
                  .orElse(false);
      if (schema.columns().isEmpty()) {
        problems.add(TableErrors.schema(table, "there are no columns.", ""));
      }
      for (io.scorebatch.api.type.Column column : schema.columns()) {
        if (!wallClock && holdsWallClock(column.type())) {
          problems.add(TableErrors.wallClock(table, column.name()));
        }
        badNames(column, column.name(), problems);
      }
    }
    current.ifPresent(snapshot -> settings(snapshot, schema, mode, problems));
    return problems;
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

  private void badNames(io.scorebatch.api.type.Column column, String path, List<Problem> problems) {
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
  private void settings(SnapshotImpl current, Schema schema, Mode mode, List<Problem> problems) {
    Metadata metadata = current.getMetadata();
    Map<String, String> properties = metadata.getConfiguration();
    boolean replaces = mode == Mode.OVERWRITE;
    Metadata after = replaces ? metadata.withNewSchema(DeltaTypes.toDelta(schema)) : metadata;
    try {
      TableFeatures.validateKernelCanWriteToTable(current.getProtocol(), after, folder.toString());
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
    if (!replaces) {
      return;
    }
    if (TableConfig.APPEND_ONLY_ENABLED.fromMetadata(metadata)) {
      problems.add(
          TableErrors.setting(
              table,
              "delta.appendOnly=true",
              "Overwriting removes rows.",
              "append, or unset the property."));
    }
    if (TableConfig.CHANGE_DATA_FEED_ENABLED.fromMetadata(metadata)) {
      problems.add(
          TableErrors.setting(
              table,
              "delta.enableChangeDataFeed=true",
              "Overwriting would need change files, which Scorebatch does not write.",
              "append, or unset the property."));
    }
    for (Column clustering : current.getPhysicalClusteringColumns().orElse(List.of())) {
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

  private Schema tableSchema(SnapshotImpl current) {
    List<io.scorebatch.api.type.Column> columns = new ArrayList<>();
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
                    new io.scorebatch.api.type.Column(
                        wanted
                            .find(column.name())
                            .map(io.scorebatch.api.type.Column::name)
                            .orElse(column.name()),
                        column.type(),
                        column.nullable(),
                        column.comment()))
            .toList());
  }

  /** How columns to be added differ from the table's; comments and order do not matter. */
  private List<Problem> differences(SnapshotImpl current, Schema schema) {
    Schema wanted = tableSchema(current);
    List<Problem> problems = new ArrayList<>();
    for (io.scorebatch.api.type.Column column : wanted.columns()) {
      Optional<io.scorebatch.api.type.Column> given = schema.find(column.name());
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
    for (io.scorebatch.api.type.Column column : schema.columns()) {
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

  /** What the log says of a table besides its files. */
  private record TableState(Protocol protocol, Metadata metadata) {
    static TableState of(SnapshotImpl snapshot) {
      return new TableState(snapshot.getProtocol(), snapshot.getMetadata());
    }

    static TableState none() {
      return new TableState(
          new Protocol(TransactionImpl.DEFAULT_READ_VERSION, TransactionImpl.DEFAULT_WRITE_VERSION),
          metadata(
              UUID.randomUUID().toString(),
              Optional.empty(),
              Optional.empty(),
              new StructType(),
              List.of(),
              Optional.of(System.currentTimeMillis()),
              Map.of()));
    }

    /** The state with a commit's schema, comment and properties, and what those require. */
    TableState with(TableCommit commit, List<String> partitions) {
      StructType schema = DeltaTypes.toDelta(commit.schema());
      SchemaUtils.validatePartitionColumns(schema, partitions);
      Map<String, String> properties = new HashMap<>(metadata.getConfiguration());
      properties.putAll(TableConfig.validateAndNormalizeDeltaProperties(commit.properties()));
      Metadata wanted =
          metadata(
              metadata.getId(),
              metadata.getName(),
              Optional.ofNullable(commit.comment()).or(metadata::getDescription),
              schema,
              partitions,
              metadata.getCreatedTime(),
              properties);
      Tuple2<Set<TableFeature>, Optional<Metadata>> asked =
          TableFeatures.extractFeaturePropertyOverrides(wanted);
      Metadata cleaned = asked._2.orElse(wanted);
      Protocol upgraded =
          TableFeatures.autoUpgradeProtocolBasedOnMetadata(cleaned, asked._1, protocol)
              .map(upgrade -> upgrade._1)
              .orElse(protocol);
      return new TableState(upgraded, cleaned);
    }

    boolean sameMetadata(TableState other) {
      return metadata.getSchema().equals(other.metadata.getSchema())
          && metadata.getDescription().equals(other.metadata.getDescription())
          && metadata.getConfiguration().equals(other.metadata.getConfiguration())
          && VectorUtils.toJavaList(metadata.getPartitionColumns())
              .equals(VectorUtils.toJavaList(other.metadata.getPartitionColumns()));
    }

    private static Metadata metadata(
        String id,
        Optional<String> name,
        Optional<String> comment,
        StructType schema,
        List<String> partitions,
        Optional<Long> created,
        Map<String, String> properties) {
      return new Metadata(
          id,
          name,
          comment,
          new Format(),
          schema.toJson(),
          schema,
          VectorUtils.buildArrayValue(partitions, StringType.STRING),
          created,
          VectorUtils.stringStringMapValue(properties));
    }
  }
}
