package io.scorebatch.table.delta;

import io.delta.kernel.SnapshotBuilder;
import io.delta.kernel.TableManager;
import io.delta.kernel.internal.DeltaHistoryManager;
import io.delta.kernel.internal.DeltaHistoryManager.Commit;
import io.delta.kernel.internal.SnapshotImpl;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.api.table.TableCommit.Mode;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Schema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder of Delta tables on a local disk: {@code <root>/<catalog>/<schema>/<table>}, each with
 * its {@code _delta_log}. Safe for many threads and processes.
 *
 * <p>Names are compared ignoring case: a folder spelled as asked for comes first, else the only one
 * that differs in case alone. Folders whose name starts with a dot or underscore, or is no part of
 * a table name, are no part of the catalog. A snapshot carries its table's name as the folders
 * spell it.
 *
 * <p>Files are staged in the table's own folder, beside its committed ones: the log refers to them
 * by relative paths, so that a table can be moved, and a commit copies nothing. Staged files of a
 * run that died stay there unread.
 *
 * <p>A snapshot's partition values are in one form per type whatever wrote them: timestamps {@code
 * 2024-03-10T10:00:00.000000Z} (a text without offset is UTC), decimals with the declared number of
 * digits, NULL for the empty text. Row counts come from the log; the files are not opened.
 *
 * <p>A commit that overwrites keeps the table's id, properties, comment (unless it brings one) and
 * older versions; the table is partitioned as the staged files are. One that appends changes
 * neither schema, comment nor properties, and waits for no one: it is rebased onto whatever other
 * writers have added. Every tenth version (table property {@code delta.checkpointInterval}) gets a
 * checkpoint.
 */
public final class DirectoryCatalog implements TableStore {
  private static final Pattern VERSION_FILE =
      Pattern.compile("(\\d{20})(\\.json|\\.checkpoint\\..*parquet|\\.checkpoint\\..*json)");

  /** A log of up to so many versions and bytes is read whole, without its checkpoint. */
  private static final int SHORT_LOG_VERSIONS = 100;

  private static final long SHORT_LOG_BYTES = 4 << 20;

  private final Path root;
  private final DeltaEngine engine;
  private final DeltaEngine shortLogs;

  DirectoryCatalog(Path root, LocalFiles files) {
    this.root = root;
    this.engine = new DeltaEngine(files);
    this.shortLogs = new DeltaEngine(new JsonLog());
  }

  /** A catalog of that folder; it need not exist before something is written. */
  public static DirectoryCatalog open(Path root) {
    return new DirectoryCatalog(root.toAbsolutePath().normalize(), new LocalFiles());
  }

  @Override
  public List<TableName> list() {
    List<TableName> tables = new ArrayList<>();
    for (Path catalog : folders(root)) {
      for (Path schema : folders(catalog)) {
        for (Path table : folders(schema)) {
          if (hasLog(table)) {
            nameOf(table).ifPresent(tables::add);
          }
        }
      }
    }
    return tables;
  }

  @Override
  public boolean exists(TableName table) {
    return hasLog(folder(table));
  }

  @Override
  public TableSnapshot snapshot(TableName table) {
    Path folder = existing(table);
    return read(table, folder, load(table, folder, null));
  }

  @Override
  public TableSnapshot snapshot(TableName table, long version) {
    Path folder = existing(table);
    return read(table, folder, load(table, folder, version));
  }

  @Override
  public TableSnapshot snapshot(TableName table, Instant moment) {
    Path folder = existing(table);
    long version;
    try {
      version = commitAt(table, folder, moment);
    } catch (RuntimeException e) {
      throw TableErrors.unreadable(table, e);
    }
    return read(table, folder, load(table, folder, version));
  }

  /** The log's times are whole milliseconds. */
  private long commitAt(TableName table, Path folder, Instant moment) {
    SnapshotImpl newest = load(table, folder, null);
    long millis = moment.toEpochMilli();
    Commit first = commit(newest, 0, true);
    if (millis < first.getTimestamp()) {
      throw TableErrors.momentNotFound(
          table, moment, describe(first), describe(commit(newest, Long.MAX_VALUE, false)));
    }
    return commit(newest, millis, false).getVersion();
  }

  /**
   * The commit of a moment, or the last one before it.
   *
   * @param orFirst whether the first commit stands for all moments before it
   */
  private Commit commit(SnapshotImpl newest, long millis, boolean orFirst) {
    return DeltaHistoryManager.getActiveCommitAtTimestamp(
        engine, newest, newest.getLogPath(), millis, true, true, orFirst, List.of());
  }

  private static String describe(Commit commit) {
    return "version "
        + commit.getVersion()
        + " ("
        + Instant.ofEpochMilli(commit.getTimestamp())
        + ")";
  }

  @Override
  public Schema checkWritable(TableName table, Schema schema, Mode mode) {
    Path folder = folder(table);
    Path there = folder;
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    if (!Files.isDirectory(there) || !Files.isWritable(there)) {
      throw TableErrors.notWritable(table, "Folder " + there + " does not let us write.", null);
    }
    return writer(table, folder).check(schema, mode);
  }

  @Override
  public OptionalLong transactionVersion(TableName table, String application) {
    Path folder = folder(table);
    if (!hasLog(folder)) {
      return OptionalLong.empty();
    }
    try {
      return load(table, folder, null)
          .getLatestTransactionVersion(engine, application)
          .map(OptionalLong::of)
          .orElseGet(OptionalLong::empty);
    } catch (RuntimeException e) {
      throw TableErrors.unreadable(table, e);
    }
  }

  @Override
  public Path stagingFolder(TableName table) {
    Path folder = folder(table);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw TableErrors.notWritable(table, "Folder " + folder + " cannot be made: " + e, e);
    }
    if (!Files.isWritable(folder)) {
      throw TableErrors.notWritable(table, "Folder " + folder + " does not let us write.", null);
    }
    return folder;
  }

  @Override
  public long commit(TableCommit commit) {
    Path folder = stagingFolder(commit.table());
    return writer(commit.table(), folder).commit(commit);
  }

  @Override
  public String description() {
    return root.toString();
  }

  @Override
  public void close() {
    engine.close();
  }

  private TableWriter writer(TableName table, Path folder) {
    return new TableWriter(
        engine,
        table,
        folder,
        () -> hasLog(folder) ? Optional.of(load(table, folder, null)) : Optional.empty());
  }

  private TableSnapshot read(TableName asked, Path folder, SnapshotImpl snapshot) {
    TableName table = nameOf(folder).orElse(asked);
    try {
      return new SnapshotReader(engine, table, folder).read(snapshot);
    } catch (RuntimeException e) {
      throw TableErrors.unreadable(table, e);
    }
  }

  private SnapshotImpl load(TableName table, Path folder, @Nullable Long version) {
    Log log = Log.of(folder);
    if (log.isShort()) {
      try {
        return load(shortLogs, folder, version);
      } catch (RuntimeException e) {
        // Old versions may have been cleaned up since the log was listed: the checkpoint has them.
        return loadOrExplain(table, folder, version);
      }
    }
    return loadOrExplain(table, folder, version);
  }

  private SnapshotImpl loadOrExplain(TableName table, Path folder, @Nullable Long version) {
    try {
      return load(engine, folder, version);
    } catch (RuntimeException e) {
      Log log = Log.of(folder);
      if (version != null && (version < log.first() || version > log.last())) {
        throw TableErrors.versionNotFound(table, version, log.first(), log.last(), e);
      }
      throw TableErrors.unreadable(table, e);
    }
  }

  private static SnapshotImpl load(DeltaEngine engine, Path folder, @Nullable Long version) {
    SnapshotBuilder builder = TableManager.loadSnapshot(folder.toString());
    if (version != null) {
      builder = builder.atVersion(version);
    }
    return (SnapshotImpl) builder.build(engine);
  }

  /**
   * What a log's folder holds.
   *
   * @param first the first version that can be read: 0, or that of the first checkpoint
   * @param last its last version, or -1 for none
   * @param whole whether every version from 0 is there as JSON
   * @param bytes of the versions as JSON
   */
  private record Log(long first, long last, boolean whole, long bytes) {
    static Log of(Path folder) {
      long first = Long.MAX_VALUE;
      long last = -1;
      long versions = 0;
      long bytes = 0;
      for (Path file : children(folder.resolve("_delta_log"), child -> true)) {
        Matcher name = VERSION_FILE.matcher(file.getFileName().toString());
        if (name.matches()) {
          long version = Long.parseLong(name.group(1));
          boolean json = name.group(2).equals(".json");
          first = version == 0 || !json ? Math.min(first, version) : first;
          last = Math.max(last, version);
          if (json) {
            versions++;
            bytes += file.toFile().length();
          }
        }
      }
      return new Log(last < 0 ? 0 : first, last, versions == last + 1, bytes);
    }

    boolean isShort() {
      return whole && last < SHORT_LOG_VERSIONS && bytes <= SHORT_LOG_BYTES;
    }
  }

  private Path existing(TableName table) {
    Path folder = folder(table);
    if (hasLog(folder)) {
      return folder;
    }
    if (!children(folder, Files::exists).isEmpty()) {
      throw TableErrors.notDelta(table, folder);
    }
    throw TableErrors.notFound(table, root, list());
  }

  private Path folder(TableName table) {
    Path folder = root;
    for (String part : List.of(table.catalog(), table.schema(), table.table())) {
      folder = child(table, folder, part);
    }
    return folder;
  }

  private static Path child(TableName table, Path folder, String part) {
    Path exact = folder.resolve(part);
    if (Files.isDirectory(exact)) {
      return exact;
    }
    List<Path> others =
        folders(folder).stream()
            .filter(other -> other.getFileName().toString().equalsIgnoreCase(part))
            .toList();
    if (others.size() > 1) {
      throw TableErrors.ambiguous(table, others.stream().map(Path::toString).toList());
    }
    return others.isEmpty() ? exact : others.get(0);
  }

  private static boolean hasLog(Path folder) {
    Path log = folder.resolve("_delta_log");
    if (!Files.isDirectory(log)) {
      return false;
    }
    try (Stream<Path> files = Files.list(log)) {
      return files.anyMatch(file -> VERSION_FILE.matcher(file.getFileName().toString()).matches());
    } catch (IOException e) {
      throw TableErrors.folder(log, e);
    }
  }

  private Optional<TableName> nameOf(Path folder) {
    Path relative = root.relativize(folder);
    try {
      return Optional.of(
          new TableName(
              relative.getName(0).toString(),
              relative.getName(1).toString(),
              relative.getName(2).toString()));
    } catch (ScorebatchException e) {
      return Optional.empty();
    }
  }

  private static List<Path> folders(Path folder) {
    return children(
        folder,
        child -> {
          String name = child.getFileName().toString();
          return !name.startsWith(".") && !name.startsWith("_") && Files.isDirectory(child);
        });
  }

  /** Sorted by name; none where the folder does not exist. */
  private static List<Path> children(Path folder, Predicate<Path> wanted) {
    try (Stream<Path> children = Files.list(folder)) {
      return children.filter(wanted).sorted().toList();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (IOException e) {
      throw TableErrors.folder(folder, e);
    }
  }
}
