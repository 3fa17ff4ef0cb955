package io.scorebatch.table.delta;

import io.scorebatch.remote.Content;
import io.scorebatch.remote.ObjectStore;
import io.scorebatch.remote.S3Location;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Files of object stores as files of this machine, within a bound. Thread-safe, also across
 * processes that share the folder.
 *
 * <p>Layout: {@code files/<key>} holds a complete file; the key covers first its place, then its
 * ETag and its size, so that a file written anew in its place is another one. {@code partial/}
 * holds downloads that go on; a file gets its name by one rename. {@code leases/<id>} lists the
 * files that one opened cache uses and is locked as long as it is open: those are not removed,
 * whoever needs room; of the others the one used longest ago goes first. {@code lock} is held while
 * this is decided.
 */
final class DataCache implements AutoCloseable {
  private static final Duration ABANDONED = Duration.ofDays(1);

  // A file lock is the process's; this keeps its threads apart.
  private static final ReentrantLock THREADS = new ReentrantLock();

  // Leases of this process: closing another channel on such a file would end its lock.
  private static final Map<Path, Set<String>> OURS = new ConcurrentHashMap<>();

  private final Path folder;
  private final long maxBytes;
  private final Map<String, Path> known = new ConcurrentHashMap<>();
  private final Map<String, Object> fetching = new ConcurrentHashMap<>();
  private @Nullable Lease lease;

  DataCache(Path folder, long maxBytes) {
    this.folder = folder.toAbsolutePath().normalize();
    this.maxBytes = maxBytes;
  }

  /**
   * The local copy of an object whose content never changes; it stays until this is closed.
   *
   * @param bytes its size; -1 where it is not known
   * @throws FileNotFoundException where there is no such object
   */
  Path fetch(ObjectStore store, S3Location object, long bytes) throws IOException {
    String place = object.toString();
    synchronized (fetching.computeIfAbsent(place, each -> new Object())) {
      Path held = known.get(place);
      if (held == null) {
        held = fetchOnce(store, object, bytes);
        known.put(place, held);
      }
      return held;
    }
  }

  /** A new name for a file that is to be brought to a store. */
  Path scratch() throws IOException {
    return Files.createDirectories(folder.resolve("partial")).resolve(UUID.randomUUID().toString());
  }

  private Path fetchOnce(ObjectStore store, S3Location object, long bytes) throws IOException {
    ObjectStore.Found found =
        store.find(object).orElseThrow(() -> new FileNotFoundException(object + " does not exist"));
    if (bytes >= 0 && found.bytes() != bytes) {
      throw new IOException(
          object + " has " + found.bytes() + " bytes, the table's log says " + bytes);
    }
    String key = key(object, found);
    Path file = Files.createDirectories(folder.resolve("files")).resolve(key);
    if (!take(key, found.bytes())) {
      Path part = scratch();
      try {
        download(store, object, found, part);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(part);
      }
    }
    return file;
  }

  /** Downloads; what came before the connection broke is kept. */
  private static void download(
      ObjectStore store, S3Location object, ObjectStore.Found found, Path part) throws IOException {
    int fruitless = 0;
    try (FileChannel out =
        FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      byte[] buffer = new byte[1 << 16];
      while (out.position() < found.bytes()) {
        long before = out.position();
        try (Content content = store.open(object, before, found.version())) {
          if (!found.version().equals(content.version())) {
            throw new ChangedMeanwhile(object + " was written anew while it was read");
          }
          for (int count = content.stream().read(buffer);
              count > 0 && out.position() < found.bytes();
              count = content.stream().read(buffer)) {
            out.write(ByteBuffer.wrap(buffer, 0, count));
          }
        } catch (FileNotFoundException | ChangedMeanwhile e) {
          throw e;
        } catch (IOException e) {
          if (++fruitless >= store.patience().tries() && out.position() == before) {
            throw e;
          }
          pause(store.patience().waitAfter(fruitless));
        }
        fruitless = out.position() > before ? 0 : fruitless;
      }
      out.force(true);
    }
  }

  private static final class ChangedMeanwhile extends IOException {
    ChangedMeanwhile(String message) {
      super(message);
    }
  }

  private static void pause(Duration wait) throws IOException {
    try {
      Thread.sleep(wait.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Claims a file; whether it is there. Where it is not, there is room for it. */
  private boolean take(String key, long bytes) throws IOException {
    THREADS.lock();
    try (FileChannel channel =
            FileChannel.open(
                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      if (lease == null) {
        lease = Lease.open(Files.createDirectories(folder.resolve("leases")));
      }
      lease.add(key);
      Path file = folder.resolve("files").resolve(key);
      if (Files.isRegularFile(file) && Files.size(file) == bytes) {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
        return lock.isValid();
      }
      makeRoom(bytes);
      return false;
    } finally {
      THREADS.unlock();
    }
  }

  private void makeRoom(long bytes) throws IOException {
    removeAbandoned();
    Set<String> used = Lease.all(folder.resolve("leases"));
    long total = bytes;
    List<Path> unused = new ArrayList<>();
    for (Path file : children(folder.resolve("files"))) {
      total += size(file);
      if (!used.contains(file.getFileName().toString())) {
        unused.add(file);
      }
    }
    unused.sort(Comparator.comparing(DataCache::modified));
    for (Path file : unused) {
      if (total <= maxBytes) {
        break;
      }
      total -= size(file);
      Files.deleteIfExists(file);
    }
    if (total > maxBytes) {
      throw TableErrors.cacheFull(folder, total, maxBytes);
    }
  }

  private void removeAbandoned() throws IOException {
    Instant old = Instant.now().minus(ABANDONED);
    for (Path part : children(folder.resolve("partial"))) {
      if (modified(part).toInstant().isBefore(old)) {
        Files.deleteIfExists(part);
      }
    }
  }

  private static List<Path> children(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(folder)) {
      return children.toList();
    }
  }

  private static long size(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  private static FileTime modified(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      return FileTime.from(Instant.now());
    }
  }

  /** What the copies of an object's file, and of no other's, have in common. */
  static String placeKey(S3Location object) {
    return digest(List.of(object.toString()));
  }

  /** {@link #placeKey} of the object that a file of some cache is a copy of. */
  static String placeKeyOf(Path copy) {
    return copy.getFileName().toString().replaceFirst("-.*", "");
  }

  private static String key(S3Location object, ObjectStore.Found found) {
    String version = digest(List.of(found.version(), Long.toString(found.bytes())));
    return placeKey(object) + "-" + version.substring(0, 32) + ".parquet";
  }

  private static String digest(List<String> parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part : parts) {
        digest.update(part.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }

  /** Lets go of all files. */
  @Override
  public void close() {
    THREADS.lock();
    try {
      if (lease != null) {
        lease.close();
        lease = null;
      }
    } finally {
      THREADS.unlock();
    }
  }

  /** The files one opened cache uses. Under the cache's lock. */
  private record Lease(Path file, FileChannel channel, FileLock lock) {
    static Lease open(Path leases) throws IOException {
      Path file = leases.resolve(UUID.randomUUID().toString());
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      FileLock lock = channel.lock();
      OURS.put(file, ConcurrentHashMap.newKeySet());
      return new Lease(file, channel, lock);
    }

    void add(String key) throws IOException {
      if (Optional.ofNullable(OURS.get(file)).map(keys -> keys.add(key)).orElse(false)) {
        channel.write(StandardCharsets.UTF_8.encode(key + "\n"));
      }
    }

    /** Every file in use, by whomever; leases of processes that died are removed. */
    static Set<String> all(Path leases) throws IOException {
      Set<String> used = new HashSet<>();
      OURS.values().forEach(used::addAll);
      for (Path file : children(leases)) {
        if (OURS.containsKey(file)) {
          continue;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
            FileLock free = channel.tryLock()) {
          if (free == null) {
            used.addAll(Files.readAllLines(file, StandardCharsets.UTF_8));
          } else {
            Files.deleteIfExists(file);
          }
        } catch (NoSuchFileException e) {
          // Its owner has just closed it.
        }
      }
      return used;
    }

    void close() {
      OURS.remove(file);
      try (channel;
          lock) {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        // The next who needs room removes it.
      }
    }
  }
}
