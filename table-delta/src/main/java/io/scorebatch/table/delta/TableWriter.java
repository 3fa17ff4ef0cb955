package io.scorebatch.table.delta;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.delta.kernel.Operation;
import io.delta.kernel.TransactionCommitResult;
import io.delta.kernel.commit.CommitFailedException;
import io.delta.kernel.data.Row;
import io.delta.kernel.exceptions.ConcurrentWriteException;
import io.delta.kernel.exceptions.MaxCommitRetryLimitReachedException;
import io.delta.kernel.hook.PostCommitHook;
import io.delta.kernel.hook.PostCommitHook.PostCommitHookType;
import io.delta.kernel.internal.SnapshotImpl;
import io.delta.kernel.internal.TransactionImpl;
import io.delta.kernel.internal.actions.AddFile;
import io.delta.kernel.internal.actions.SetTransaction;
import io.delta.kernel.internal.actions.SingleAction;
import io.delta.kernel.internal.data.GenericRow;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.internal.util.VectorUtils;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterable;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.api.table.TableCommit.Mode;
import io.scorebatch.api.table.TableCommit.Replaced;
import io.scorebatch.api.table.TableCommit.TransactionId;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.Schema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Commits changes of one table.
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

  private static final System.Logger LOG = System.getLogger(TableWriter.class.getName());

  private final DeltaLogs logs;
  private final DeltaEngine engine;
  private final Storage storage;
  private final TableName table;
  private final String folder;
  private final Path staging;
  private final Supplier<Optional<SnapshotImpl>> newest;
  private final TargetRules rules;

  /**
   * @param newest loads the newest version; empty where there is no table
   */
  TableWriter(
      DeltaLogs logs, TableName table, String folder, Supplier<Optional<SnapshotImpl>> newest) {
    this.logs = logs;
    this.engine = logs.engine();
    this.storage = logs.storage();
    this.table = table;
    this.folder = folder;
    this.staging = storage.stagingFolder(folder);
    this.newest = newest;
    this.rules = new TargetRules(table, folder);
  }

  Schema check(Schema schema, Mode mode, List<String> partitionColumns) {
    return rules.check(newest.get(), schema, mode, partitionColumns);
  }

  /** Commits; what it brought to the table's folder in vain is taken back. */
  long commit(TableCommit commit) {
    Uploads uploads = new Uploads(commit.files());
    try {
      return commit(commit, uploads);
    } catch (ScorebatchException e) {
      if (e.problem().code() != ErrorCode.COMMIT_STATE_UNKNOWN) {
        uploads.takeBack(e);
      }
      throw e;
    }
  }

  /** Staged files on their way to the table's folder: once, however often the log is tried. */
  private final class Uploads {
    private final List<StagedFile> files;
    private boolean begun;

    Uploads(List<StagedFile> files) {
      this.files = files;
    }

    void ensure() {
      if (!begun) {
        begun = true;
        storage.upload(table, folder, files);
      }
    }

    void takeBack(RuntimeException failure) {
      try {
        if (begun) {
          storage.takeBack(folder, files);
        }
      } catch (RuntimeException e) {
        failure.addSuppressed(e);
      }
    }
  }

  private long commit(TableCommit commit, Uploads uploads) {
    for (int attempt = 1; ; attempt++) {
      Optional<SnapshotImpl> current = newest.get();
      if (current.isPresent() && isDone(current.get(), commit.transaction())) {
        return current.get().getVersion();
      }
      checkNobodyCameBetween(current, commit);
      check(current, commit);
      try {
        long version = attempt(current, commit, uploads);
        storage.clean(commit.files());
        return version;
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

  private void checkNobodyCameBetween(Optional<SnapshotImpl> current, TableCommit commit) {
    long now = current.map(SnapshotImpl::getVersion).orElse(-1L);
    if (commit.replaced().isPresent() && commit.replaced().get().readVersion() != now) {
      throw TableErrors.conflict(table, commit.transaction(), null);
    }
  }

  private void check(Optional<SnapshotImpl> current, TableCommit commit) {
    boolean removes =
        commit.mode() == Mode.OVERWRITE
            || commit.replaced().map(replaced -> !replaced.paths().isEmpty()).orElse(false);
    List<Problem> problems =
        rules.problems(
            current,
            commit.schema(),
            commit.mode(),
            removes,
            commit.partitionColumns(),
            commit.properties());
    problems.addAll(rules.nullsInRequiredColumns(current, commit));
    if (!problems.isEmpty()) {
      throw new ScorebatchException(problems, null);
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

  private long attempt(Optional<SnapshotImpl> current, TableCommit commit, Uploads uploads) {
    boolean creates = current.isEmpty();
    boolean keepsSchema = TargetRules.keepsSchema(current, commit.mode());
    Optional<TableState> before = current.map(TableState::of);
    Schema schema = keepsSchema ? rules.tableSchema(current.get()) : commit.schema();
    List<Column> partitions =
        (keepsSchema ? current.get().getPartitionColumnNames() : commit.partitionColumns())
            .stream().map(name -> schema.find(name).orElseThrow()).toList();
    TableState state = before.orElseGet(TableState::none);
    if (!keepsSchema) {
      state = state.with(commit, partitions.stream().map(Column::name).toList());
    } else if (commit.mode() == Mode.REPLACE) {
      state = state.describedBy(commit);
    }
    boolean newProtocol = creates || !state.protocol().equals(before.get().protocol());
    boolean newMetadata = creates || !state.sameMetadata(before.get());

    List<Row> actions = new ArrayList<>();
    if (current.isPresent() && commit.mode() != Mode.APPEND) {
      remove(current.get(), commit, actions);
    }
    commit.files().forEach(this::checkStaged);
    uploads.ensure();
    for (StagedFile file : commit.files()) {
      actions.add(SingleAction.createAddFileSingleAction(add(file, schema, partitions)));
    }
    TransactionImpl transaction =
        new TransactionImpl(
            creates,
            new io.delta.kernel.internal.fs.Path(folder),
            current,
            commit.engineInfo(),
            Operation.WRITE,
            newProtocol ? Optional.of(state.protocol()) : Optional.empty(),
            newMetadata ? Optional.of(state.metadata()) : Optional.empty(),
            new LogCommitter(table, storage),
            commit
                .transaction()
                .map(
                    id ->
                        new SetTransaction(
                            id.application(),
                            id.version(),
                            Optional.of(System.currentTimeMillis()))),
            Optional.empty(),
            Optional.of(creates || commit.mode() != Mode.APPEND ? 0 : APPEND_REBASES),
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

  /** The files that go: all of them, or those a commit names. */
  private void remove(SnapshotImpl current, TableCommit commit, List<Row> actions) {
    Set<String> staged = new HashSet<>();
    commit.files().forEach(file -> staged.add(logPath(file)));
    Map<String, String> wanted = new TreeMap<>();
    for (String path : commit.replaced().map(Replaced::paths).orElse(Set.of())) {
      wanted.put(storage.identity(path), path);
    }
    long now = System.currentTimeMillis();
    for (AddFile file : new SnapshotReader(logs, table, folder).liveFiles(current, false)) {
      String path = storage.resolve(folder, file.getPath());
      if (staged.contains(file.getPath())) {
        throw TableErrors.stagedFile(table, path, "The table holds a file of that name already.");
      }
      if (commit.mode() == Mode.OVERWRITE || wanted.remove(storage.identity(path)) != null) {
        actions.add(
            SingleAction.createRemoveFileSingleAction(
                file.toRemoveFileRow(true, Optional.of(now))));
      }
    }
    if (!wanted.isEmpty()) {
      throw TableErrors.notThere(table, current.getVersion(), wanted.values());
    }
  }

  private void checkStaged(StagedFile file) {
    Path path = file.file().toAbsolutePath().normalize();
    if (!path.startsWith(staging)) {
      throw TableErrors.stagedFile(
          table, path, "It lies outside the table's folder " + staging + ".");
    }
    try {
      long size = Files.size(path);
      if (size != file.sizeBytes()) {
        throw TableErrors.stagedFile(
            table, path, "It has " + size + " bytes instead of " + file.sizeBytes() + ".");
      }
    } catch (IOException e) {
      throw TableErrors.stagedFile(table, path, "It cannot be read: " + e);
    }
  }

  private Row add(StagedFile file, Schema schema, List<Column> partitions) {
    long modified;
    try {
      modified = Files.getLastModifiedTime(file.file()).toMillis();
    } catch (IOException e) {
      throw TableErrors.stagedFile(table, file.file(), "It cannot be read: " + e);
    }
    Map<String, @Nullable String> values = partitionValues(file, partitions);
    Schema held =
        new Schema(
            schema.columns().stream().filter(each -> !values.containsKey(each.name())).toList());
    Map<Integer, Object> fields = new HashMap<>();
    StructType add = AddFile.FULL_SCHEMA;
    fields.put(add.indexOf("path"), logPath(file));
    fields.put(add.indexOf("partitionValues"), VectorUtils.stringStringMapValue(values));
    fields.put(add.indexOf("size"), file.sizeBytes());
    fields.put(add.indexOf("modificationTime"), modified);
    fields.put(add.indexOf("dataChange"), true);
    fields.put(add.indexOf("stats"), StatisticsJson.of(file, held));
    return new GenericRow(add, fields);
  }

  /** A path relative to the table's folder, escaped as the log wants it. */
  private String logPath(StagedFile file) {
    String relative = StagedPaths.relative(staging, file);
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

  /** By the column's name as the schema spells it, in the one form each type has. */
  private Map<String, @Nullable String> partitionValues(StagedFile file, List<Column> partitions) {
    List<String> names = partitions.stream().map(Column::name).toList();
    Map<String, @Nullable String> staged = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    staged.putAll(file.partitionValues());
    if (!TargetRules.sameNames(staged.keySet(), names)) {
      throw new ScorebatchException(TableErrors.partitions(table, staged.keySet(), names));
    }
    Map<String, @Nullable String> values = new LinkedHashMap<>();
    for (Column column : partitions) {
      String text = staged.get(column.name());
      if (text != null && text.isEmpty() && column.type() == Primitive.STRING) {
        throw TableErrors.emptyPartition(table, column.name());
      }
      try {
        values.put(column.name(), PartitionText.canonical(text, column.type()));
      } catch (RuntimeException e) {
        throw TableErrors.partitionValue(table, column.name(), column.type().sparkName(), text, e);
      }
    }
    return values;
  }
}
