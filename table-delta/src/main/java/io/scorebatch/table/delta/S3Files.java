package io.scorebatch.table.delta;

import io.delta.kernel.defaults.engine.fileio.InputFile;
import io.delta.kernel.defaults.engine.fileio.OutputFile;
import io.delta.kernel.defaults.engine.fileio.PositionOutputStream;
import io.delta.kernel.defaults.engine.fileio.SeekableInputStream;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.table.DataFile;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.remote.Content;
import io.scorebatch.remote.ObjectStore;
import io.scorebatch.remote.ObjectStore.Listed;
import io.scorebatch.remote.S3Location;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Tables on an object store. Thread-safe.
 *
 * <p>A version of a log is put if absent ({@code If-None-Match: *}): of two writers the store
 * itself tells the second. A store that does not know this condition is refused before the first
 * commit. Data files and checkpoints are read from, and staged in, folders of this machine.
 */
final class S3Files implements Storage {
  /** Files brought here or there at once. */
  private static final int AT_ONCE = 6;

  private final ObjectStore store;
  private final DataCache cache;
  private final Path staging;
  private boolean conditionKnown;

  /**
   * @param staging the folder of this machine that files are staged in; a folder in it per table
   */
  S3Files(ObjectStore store, DataCache cache, Path staging) {
    this.store = store;
    this.cache = cache;
    this.staging = staging.toAbsolutePath().normalize();
  }

  @Override
  public String child(String folder, String name) {
    return S3Location.of(folder).child(name).toString();
  }

  @Override
  public String resolve(String folder, String logged) {
    URI uri = URI.create(logged);
    if (uri.getScheme() == null) {
      return S3Location.of(folder).child(uri.getPath()).toString();
    }
    // A name that DNS would not have is no authority for a URI, but may be a bucket.
    return S3Location.isOne(logged)
        ? new S3Location(uri.getRawAuthority(), uri.getPath().replaceAll("^/+", "")).toString()
        : logged;
  }

  @Override
  public boolean isFolder(String folder) {
    return !store.list(S3Location.of(folder), "", 1).isEmpty();
  }

  @Override
  public List<String> folders(String folder) {
    return store.list(S3Location.of(folder)).stream()
        .filter(Listed::folder)
        .map(Listed::name)
        .sorted()
        .toList();
  }

  @Override
  public List<FileStatus> files(String folder, int most) {
    return files(S3Location.of(folder), "", most);
  }

  private List<FileStatus> files(S3Location folder, String after, int most) {
    return store.list(folder, after, most).stream()
        .filter(each -> !each.folder())
        .map(
            each ->
                FileStatus.of(
                    folder.child(each.name()).toString(),
                    each.bytes(),
                    each.modified().toEpochMilli()))
        .toList();
  }

  /** Each version is a request: a checkpoint, where there is one, saves time. */
  @Override
  public int shortLogVersions() {
    return 10;
  }

  @Override
  public CloseableIterator<FileStatus> listFrom(String filePath) {
    S3Location file = S3Location.of(filePath);
    int slash = file.key().lastIndexOf('/');
    S3Location folder = new S3Location(file.bucket(), file.key().substring(0, Math.max(0, slash)));
    String first = file.key().substring(slash + 1);
    // The store lists what comes behind a name, and the first is wanted too.
    String before = first.substring(0, Math.max(0, first.length() - 1));
    return Utils.toCloseableIterator(
        files(folder, before, Integer.MAX_VALUE).stream()
            .filter(each -> name(each.getPath()).compareTo(first) >= 0)
            .toList()
            .iterator());
  }

  private static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  @Override
  public FileStatus getFileStatus(String file) throws IOException {
    ObjectStore.Found found =
        store
            .find(S3Location.of(file))
            .orElseThrow(() -> new FileNotFoundException(file + " does not exist"));
    return FileStatus.of(file, found.bytes(), found.modified().toEpochMilli());
  }

  @Override
  public String resolvePath(String file) {
    return S3Location.of(file).toString();
  }

  /** A store has no folders. */
  @Override
  public boolean mkdirs(String folder) {
    return true;
  }

  @Override
  public InputFile newInputFile(String file, long size) {
    return new StoredFile(store, S3Location.of(file));
  }

  @Override
  public OutputFile newOutputFile(String file) {
    return new LogFile(S3Location.of(file));
  }

  @Override
  public boolean delete(String file) throws IOException {
    if (!S3Location.isOne(file)) {
      return Files.deleteIfExists(Path.of(file));
    }
    store.delete(S3Location.of(file));
    return true;
  }

  @Override
  public Optional<String> getConf(String key) {
    return Optional.empty();
  }

  @Override
  public void copyFileAtomically(String from, String to, boolean overwrite) throws IOException {
    try (Content content = store.open(S3Location.of(from), 0, null)) {
      write(S3Location.of(to), content.stream().readAllBytes(), overwrite);
    }
  }

  private void write(S3Location object, byte[] content, boolean overwrite) throws IOException {
    if (overwrite) {
      store.put(object, content);
    } else {
      checkCondition(object);
      store.putIfAbsent(object, content);
    }
  }

  /** A store that ignores the condition would let one writer wipe out another's version. */
  private synchronized void checkCondition(S3Location object) throws IOException {
    if (conditionKnown) {
      return;
    }
    S3Location probe =
        new S3Location(
            object.bucket(),
            object.key().replaceFirst("[^/]*$", "") + ".scorebatch-" + UUID.randomUUID() + ".tmp");
    store.put(probe, new byte[0]);
    try {
      store.putIfAbsent(probe, new byte[0]);
      throw TableErrors.noPutIfAbsent(object.toString());
    } catch (FileAlreadyExistsException e) {
      conditionKnown = true;
    } finally {
      store.delete(probe);
    }
  }

  @Override
  public Path localCopy(String file) throws IOException {
    return cache.fetch(store, S3Location.of(file), -1);
  }

  @Override
  public String identity(String file) {
    return S3Location.isOne(file)
        ? DataCache.placeKey(S3Location.of(file))
        : DataCache.placeKeyOf(Path.of(file));
  }

  @Override
  public Path beside(String file) throws IOException {
    return cache.scratch();
  }

  @Override
  public void publish(Path finished, String file) throws IOException {
    store.putIfAbsent(S3Location.of(file), finished);
  }

  @Override
  public TableSnapshot materialize(TableSnapshot snapshot) {
    List<Callable<DataFile>> work = new ArrayList<>();
    for (DataFile file : snapshot.files()) {
      work.add(
          () -> {
            if (!S3Location.isOne(file.path())) {
              return file;
            }
            Path local = cache.fetch(store, S3Location.of(file.path()), file.sizeBytes());
            return new DataFile(
                local.toString(),
                file.sizeBytes(),
                file.rows(),
                file.partitionValues(),
                file.deleted(),
                file.content());
          });
    }
    try {
      return snapshot.withFiles(all(work));
    } catch (IOException e) {
      throw TableErrors.dataFile(snapshot.name(), snapshot.version(), e);
    }
  }

  @Override
  public void checkWritable(TableName table, String folder) {
    // Whether a store lets us write, only writing tells.
  }

  @Override
  public Path stagingFolder(String folder) {
    S3Location place = S3Location.of(folder);
    String name =
        UUID.nameUUIDFromBytes(place.toString().getBytes(StandardCharsets.UTF_8)).toString();
    return staging.resolve(name);
  }

  @Override
  public void upload(TableName table, String folder, List<StagedFile> files) {
    List<Callable<Boolean>> work = new ArrayList<>();
    for (StagedFile file : files) {
      work.add(
          () -> {
            store.put(place(folder, file), file.file());
            return true;
          });
    }
    try {
      all(work);
    } catch (IOException e) {
      throw TableErrors.notWritten(table, e);
    }
  }

  private S3Location place(String folder, StagedFile file) {
    return S3Location.of(folder).child(StagedPaths.relative(stagingFolder(folder), file));
  }

  @Override
  public void takeBack(String folder, List<StagedFile> files) {
    files.forEach(file -> store.delete(place(folder, file)));
  }

  @Override
  public void clean(List<StagedFile> files) {
    for (StagedFile file : files) {
      try {
        Files.deleteIfExists(file.file());
      } catch (IOException e) {
        TableErrors.warn("File " + file.file() + " was committed and cannot be removed: " + e);
      }
    }
  }

  /** The copy here, and what was brought to the table before its version was to be made. */
  @Override
  public List<String> leftovers(String folder, Path staged, String tail, boolean committed) {
    S3Location brought = S3Location.of(folder).child(tail);
    return committed || store.find(brought).isEmpty()
        ? List.of(staged.toString())
        : List.of(staged.toString(), brought.toString());
  }

  @Override
  public void close() {
    cache.close();
    store.close();
  }

  /** The results in order; what is left is stopped by the first failure. */
  private static <T> List<T> all(List<Callable<T>> work) throws IOException {
    if (work.isEmpty()) {
      return List.of();
    }
    ExecutorService threads = Executors.newFixedThreadPool(Math.min(AT_ONCE, work.size()));
    try {
      List<Future<T>> started = new ArrayList<>();
      work.forEach(each -> started.add(threads.submit(each)));
      List<T> results = new ArrayList<>();
      for (Future<T> each : started) {
        results.add(each.get());
      }
      return results;
    } catch (ExecutionException | CancellationException e) {
      if (e.getCause() instanceof ScorebatchException known) {
        throw known;
      }
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IOException(e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw TableErrors.interrupted(e);
    } finally {
      threads.shutdownNow();
    }
  }

  private record StoredFile(ObjectStore store, S3Location object) implements InputFile {
    @Override
    public long length() throws IOException {
      return store
          .find(object)
          .orElseThrow(() -> new FileNotFoundException(object + " does not exist"))
          .bytes();
    }

    @Override
    public String path() {
      return object.toString();
    }

    @Override
    public SeekableInputStream newStream() throws IOException {
      StoredStream stream = new StoredStream(store, object);
      stream.open();
      return stream;
    }
  }

  /** Reads on from where a connection broke, as long as it is the same object. */
  private static final class StoredStream extends SeekableInputStream {
    private final ObjectStore store;
    private final S3Location object;
    private @Nullable Content content;
    private @Nullable String version;
    private long position;

    StoredStream(ObjectStore store, S3Location object) {
      this.store = store;
      this.object = object;
    }

    private Content open() throws IOException {
      Content open = content;
      if (open == null) {
        open = store.open(object, position, version);
        if (open.from() != position || (version != null && !version.equals(open.version()))) {
          open.close();
          throw new IOException(object + " was written anew while it was read");
        }
        version = open.version();
        content = open;
      }
      return open;
    }

    @Override
    public long getPos() {
      return position;
    }

    @Override
    public void seek(long to) {
      if (to != position) {
        close();
        position = to;
      }
    }

    @Override
    public void readFully(byte[] bytes, int offset, int length) throws IOException {
      int done = 0;
      while (done < length) {
        int count = read(bytes, offset + done, length - done);
        if (count < 0) {
          throw new EOFException(object + " ends before position " + (position + length - done));
        }
        done += count;
      }
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      for (int attempt = 1; ; attempt++) {
        try {
          int count = open().stream().read(bytes, offset, length);
          position += Math.max(0, count);
          return count;
        } catch (FileNotFoundException e) {
          throw e;
        } catch (IOException e) {
          close();
          if (attempt >= store.patience().tries()) {
            throw e;
          }
        }
      }
    }

    @Override
    public void close() {
      if (content != null) {
        content.close();
        content = null;
      }
    }
  }

  /** A file of the log, small enough to be sent in one piece. */
  private final class LogFile implements OutputFile {
    private final S3Location object;

    LogFile(S3Location object) {
      this.object = object;
    }

    @Override
    public String path() {
      return object.toString();
    }

    @Override
    public PositionOutputStream create(boolean atomicWrite) {
      throw new UnsupportedOperationException("data files are written by the scoring engine");
    }

    @Override
    public void writeAtomically(CloseableIterator<String> lines, boolean overwrite)
        throws IOException {
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      try (lines) {
        while (lines.hasNext()) {
          content.write(lines.next().getBytes(StandardCharsets.UTF_8));
          content.write('\n');
        }
      }
      write(object, content.toByteArray(), overwrite);
    }
  }
}
