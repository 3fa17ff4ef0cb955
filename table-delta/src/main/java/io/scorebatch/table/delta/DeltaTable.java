package io.scorebatch.table.delta;

import io.delta.kernel.SnapshotBuilder;
import io.delta.kernel.TableManager;
import io.delta.kernel.internal.DeltaHistoryManager;
import io.delta.kernel.internal.DeltaHistoryManager.Commit;
import io.delta.kernel.internal.SnapshotImpl;
import io.delta.kernel.utils.FileStatus;
import io.scorebatch.api.table.StagingArea;
import io.scorebatch.api.table.TableChanges;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.api.table.TableCommit.Mode;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Schema;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One table, wherever it lies and whether it exists or not: reads its versions and commits. Keeps
 * nothing of it; safe for many threads and processes.
 *
 * @param name as its catalog spells it
 * @param folder the table's place on the logs' storage
 */
record DeltaTable(DeltaLogs logs, TableName name, String folder) {
  private static final Pattern VERSION_FILE =
      Pattern.compile("(\\d{20})(\\.json|\\.checkpoint\\..*parquet|\\.checkpoint\\..*json)");

  /** A log of more bytes is read from its checkpoint. */
  private static final long SHORT_LOG_BYTES = 4 << 20;

  /** A log of more files is not short, and need not be listed further. */
  private static final int SHORT_LOG_FILES = 1000;

  boolean exists() {
    // Versions come first by name.
    return logFiles(SHORT_LOG_FILES).stream()
        .anyMatch(file -> VERSION_FILE.matcher(fileName(file)).matches());
  }

  /** Whether its folder holds anything but what a first run has staged. */
  boolean hasOtherFiles() {
    Storage storage = logs.storage();
    return storage.folders(folder).stream().anyMatch(each -> !StagingFolder.isName(each))
        || storage.files(folder, SHORT_LOG_FILES).stream()
            .anyMatch(each -> !fileName(each).startsWith("."));
  }

  TableSnapshot snapshot() {
    return read(load(null));
  }

  TableSnapshot snapshot(long version) {
    return read(load(version));
  }

  TableSnapshot snapshot(Instant moment) {
    long version;
    try {
      version = commitAt(moment);
    } catch (RuntimeException e) {
      throw TableErrors.unreadable(name, e);
    }
    return snapshot(version);
  }

  TableChanges changes(long after, long until) {
    if (after > until) {
      throw TableErrors.changesUnknown(
          name, after, until, "The table was made anew: its versions are counted from 0.", null);
    }
    SnapshotImpl last = load(until);
    try {
      return new SnapshotReader(logs, name, folder).changes(last, after);
    } catch (FileNotFoundException e) {
      String gone = "Old versions were cleaned up: " + e.getMessage() + ".";
      throw TableErrors.changesUnknown(name, after, until, gone, e);
    } catch (IOException e) {
      throw TableErrors.unreadable(name, new UncheckedIOException(e));
    } catch (RuntimeException e) {
      throw TableErrors.unreadable(name, e);
    }
  }

  Schema checkWritable(Schema schema, Mode mode, List<String> partitionColumns) {
    logs.storage().checkWritable(name, folder);
    return writer().check(schema, mode, partitionColumns);
  }

  StagingArea openStaging() {
    return StagingFolder.open(name, logs.storage().stagingFolder(folder));
  }

  List<String> clean(boolean dryRun) {
    return new TableCleaner(logs, name, folder).clean(dryRun);
  }

  /** The newest version an application has committed; empty where the table does not exist. */
  OptionalLong transactionVersion(String application) {
    if (!exists()) {
      return OptionalLong.empty();
    }
    try {
      return load(null)
          .getLatestTransactionVersion(logs.engine(), application)
          .map(OptionalLong::of)
          .orElseGet(OptionalLong::empty);
    } catch (RuntimeException e) {
      throw TableErrors.unreadable(name, e);
    }
  }

  long commit(TableCommit commit) {
    return writer().commit(commit);
  }

  private TableWriter writer() {
    return new TableWriter(
        logs, name, folder, () -> exists() ? Optional.of(load(null)) : Optional.empty());
  }

  /** The log's times are whole milliseconds. */
  private long commitAt(Instant moment) {
    SnapshotImpl newest = load(null);
    long millis = moment.toEpochMilli();
    Commit first = commit(newest, 0, true);
    if (millis < first.getTimestamp()) {
      throw TableErrors.momentNotFound(
          name, moment, describe(first), describe(commit(newest, Long.MAX_VALUE, false)));
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
        logs.engine(), newest, newest.getLogPath(), millis, true, true, orFirst, List.of());
  }

  private static String describe(Commit commit) {
    return "version "
        + commit.getVersion()
        + " ("
        + Instant.ofEpochMilli(commit.getTimestamp())
        + ")";
  }

  private TableSnapshot read(SnapshotImpl snapshot) {
    try {
      return new SnapshotReader(logs, name, folder).read(snapshot);
    } catch (RuntimeException e) {
      throw TableErrors.unreadable(name, e);
    }
  }

  private SnapshotImpl load(@Nullable Long version) {
    List<FileStatus> files = logFiles(SHORT_LOG_FILES);
    if (files.size() < SHORT_LOG_FILES
        && Log.of(files).isShort(logs.storage().shortLogVersions())) {
      try {
        return load(logs.shortLogs(), version);
      } catch (RuntimeException e) {
        // Old versions may have been cleaned up since the log was listed: the checkpoint has them.
        return loadOrExplain(version);
      }
    }
    return loadOrExplain(version);
  }

  private SnapshotImpl loadOrExplain(@Nullable Long version) {
    try {
      return load(logs.engine(), version);
    } catch (RuntimeException e) {
      if (version != null) {
        Log log = Log.of(logFiles(Integer.MAX_VALUE));
        if (version < log.first() || version > log.last()) {
          throw TableErrors.versionNotFound(name, version, log.first(), log.last(), e);
        }
      }
      throw TableErrors.unreadable(name, e);
    }
  }

  private SnapshotImpl load(DeltaEngine engine, @Nullable Long version) {
    SnapshotBuilder builder = TableManager.loadSnapshot(folder);
    if (version != null) {
      builder = builder.atVersion(version);
    }
    return (SnapshotImpl) builder.build(engine);
  }

  private List<FileStatus> logFiles(int most) {
    Storage storage = logs.storage();
    return storage.files(storage.child(folder, "_delta_log"), most);
  }

  static String fileName(FileStatus file) {
    return file.getPath().substring(file.getPath().lastIndexOf('/') + 1);
  }

  /** Whether a file of the log is a version as JSON. */
  static boolean isVersion(String fileName) {
    return fileName.length() == 25 && VERSION_FILE.matcher(fileName).matches();
  }

  /** The version that a file of the log is, or is a checkpoint of. */
  static long version(String fileName) {
    return Long.parseLong(fileName.substring(0, 20));
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
    static Log of(List<FileStatus> files) {
      long first = Long.MAX_VALUE;
      long last = -1;
      long versions = 0;
      long bytes = 0;
      for (FileStatus file : files) {
        Matcher name = VERSION_FILE.matcher(fileName(file));
        if (name.matches()) {
          long version = Long.parseLong(name.group(1));
          boolean json = name.group(2).equals(".json");
          first = version == 0 || !json ? Math.min(first, version) : first;
          last = Math.max(last, version);
          if (json) {
            versions++;
            bytes += file.getSize();
          }
        }
      }
      return new Log(last < 0 ? 0 : first, last, versions == last + 1, bytes);
    }

    boolean isShort(int mostVersions) {
      return whole && last < mostVersions && bytes <= SHORT_LOG_BYTES;
    }
  }
}
