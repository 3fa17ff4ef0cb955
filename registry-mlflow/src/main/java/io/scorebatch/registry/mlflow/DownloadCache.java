package io.scorebatch.registry.mlflow;

import io.scorebatch.registry.mlflow.RemoteFolder.RemoteFile;
import io.scorebatch.remote.Content;
import io.scorebatch.remote.Patience;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Downloaded models. Thread-safe, also across processes that share the folder.
 *
 * <p>Layout: {@code models/<digest>/} holds a complete model under the digest of its files; {@code
 * known/<key>} says which digest a server's listing stands for; {@code partial/<key>/} holds an
 * unfinished download, which the next try continues; {@code locks/<key>} is held meanwhile. The key
 * covers the place, the names and sizes of all files and the content of the MLmodel file, which is
 * fetched each time: a model logged anew in its place is seen. A model appears under its final name
 * by one rename. Its digest is computed again on every use.
 *
 * <p>Where all models together weigh more than they may, those used longest ago are removed when
 * another one comes; none that was asked for within a day, as a process may still read it.
 */
final class DownloadCache {
  static final int MOST_FILES = 10_000;
  private static final int MOST_MLMODEL_BYTES = 16 << 20;
  private static final long MOST_KEPT_BYTES = 64L << 30;
  private static final Duration IN_USE = Duration.ofDays(1);
  private static final String MARKER = "MLmodel";
  // A file lock is the process's; this keeps its threads apart.
  private static final Map<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

  private final Path folder;
  private final long maxBytes;
  private final long keptBytes;
  private final Patience patience;

  /**
   * @param maxBytes the most one model may weigh
   * @param keptBytes what all models together may weigh
   * @param patience how often and how soon a broken download is taken up again
   */
  DownloadCache(Path folder, long maxBytes, long keptBytes, Patience patience) {
    this.folder = folder.toAbsolutePath().normalize();
    this.maxBytes = maxBytes;
    this.keptBytes = keptBytes;
    this.patience = patience;
  }

  /** The cache that settings and their variables describe. */
  static DownloadCache of(RegistrySettings settings, Patience patience) {
    return new DownloadCache(
        settings.cacheFolder(),
        settings.bytes("SCOREBATCH_MAX_MODEL_BYTES", settings.maxDownloadBytes()),
        settings.bytes("SCOREBATCH_MODEL_CACHE_BYTES", MOST_KEPT_BYTES),
        patience);
  }

  /** The local folder with all files of a remote one that holds an MLmodel file. */
  Path fetch(RemoteFolder remote) {
    List<RemoteFile> files = allFiles(remote);
    String key = key(remote, files);
    try {
      Path lockFile = Files.createDirectories(folder.resolve("locks")).resolve(key);
      ReentrantLock threads = THREADS.computeIfAbsent(lockFile, path -> new ReentrantLock());
      threads.lockInterruptibly();
      try (FileChannel channel =
              FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        Optional<Path> known = known(key);
        return lock.isValid() && known.isPresent() ? known.get() : download(remote, files, key);
      } finally {
        threads.unlock();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw DownloadErrors.interrupted(remote.description(), e);
    } catch (ClosedByInterruptException | FileLockInterruptionException e) {
      throw DownloadErrors.interrupted(remote.description(), e);
    } catch (IOException e) {
      throw DownloadErrors.cacheUnusable(folder.toString(), e);
    }
  }

  /** Every file, checked before the first byte of one is asked for. */
  private List<RemoteFile> allFiles(RemoteFolder remote) {
    List<RemoteFile> files = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    Deque<String> folders = new ArrayDeque<>(List.of(""));
    long bytes = 0;
    while (!folders.isEmpty()) {
      String listed = folders.removeFirst();
      for (RemoteFile file : remote.list(listed)) {
        checkName(remote, listed, file.path());
        if (!seen.add(file.path()) || seen.size() > MOST_FILES) {
          throw DownloadErrors.listingRefused(
              remote.description(),
              seen.size() > MOST_FILES
                  ? "There are more than " + MOST_FILES + " files."
                  : "The server lists '" + file.path() + "' twice.");
        }
        if (file.directory()) {
          folders.addLast(file.path());
        } else {
          files.add(file);
          bytes += Math.max(0, file.bytes());
          if (bytes > maxBytes || bytes < 0) {
            throw DownloadErrors.tooLarge(remote.description(), bytes, maxBytes);
          }
        }
      }
    }
    files.sort(Comparator.comparing(RemoteFile::path));
    return files;
  }

  /** A server's word decides no path outside of the folder meant for it. */
  private static void checkName(RemoteFolder remote, String listed, String path) {
    String prefix = listed.isEmpty() ? "" : listed + "/";
    String name = path.startsWith(prefix) ? path.substring(prefix.length()) : "";
    if (name.isEmpty()
        || name.equals(".")
        || name.equals("..")
        || name.matches(".*[/\\\\:\\x00-\\x1f].*")) {
      throw DownloadErrors.listingRefused(
          remote.description(),
          "The server names a file '"
              + path.replaceAll("\\p{Cntrl}", "?")
              + "', which leads out of the folder.");
    }
  }

  private String key(RemoteFolder remote, List<RemoteFile> files) {
    MessageDigest digest = sha256();
    update(digest, remote.description());
    for (RemoteFile file : files) {
      update(digest, file.path());
      update(digest, Long.toString(file.bytes()));
      if (file.path().equals(MARKER)) {
        if (file.bytes() > MOST_MLMODEL_BYTES) {
          throw DownloadErrors.tooLarge(
              remote.description() + "/" + MARKER, file.bytes(), MOST_MLMODEL_BYTES);
        }
        digest.update(smallFile(remote, file));
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private byte[] smallFile(RemoteFolder remote, RemoteFile file) {
    for (int attempt = 1; ; attempt++) {
      String why;
      IOException cause = null;
      try (Content content = remote.open(file.path(), 0, null)) {
        byte[] bytes = content.stream().readNBytes(MOST_MLMODEL_BYTES);
        if (bytes.length == file.bytes()) {
          return bytes;
        }
        why = "It ended after " + bytes.length + " of " + file.bytes() + " bytes";
      } catch (IOException e) {
        why = "The connection broke: " + e.getMessage();
        cause = e;
      }
      if (attempt >= patience.tries()) {
        throw DownloadErrors.brokenDownload(remote.description(), file.path(), why, attempt, cause);
      }
      pause(remote, attempt);
    }
  }

  private Optional<Path> known(String key) throws IOException {
    Path pointer = folder.resolve("known").resolve(key);
    if (!Files.isRegularFile(pointer)) {
      return Optional.empty();
    }
    String digest = Files.readString(pointer, StandardCharsets.UTF_8).strip();
    if (!digest.matches("[0-9a-f]{64}")) {
      return Optional.empty();
    }
    Path model = folder.resolve("models").resolve(digest);
    if (Files.isDirectory(model) && digestOf(model).equals(digest)) {
      Files.setLastModifiedTime(model, FileTime.from(Instant.now()));
      return Optional.of(model);
    }
    // Someone changed or removed the files: they are fetched again.
    return Optional.empty();
  }

  private Path download(RemoteFolder remote, List<RemoteFile> files, String key)
      throws IOException {
    Path partial = Files.createDirectories(folder.resolve("partial").resolve(key));
    for (RemoteFile file : files) {
      Path target = partial.resolve(file.path());
      Files.createDirectories(target.getParent());
      if (!Files.isRegularFile(target) || Files.size(target) != file.bytes()) {
        Path part = target.resolveSibling(target.getFileName() + ".part");
        download(remote, file, part);
        Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
    removeStrangers(partial, files);
    String digest = digestOf(partial);
    Path model = Files.createDirectories(folder.resolve("models")).resolve(digest);
    if (Files.isDirectory(model) && !digestOf(model).equals(digest)) {
      delete(model);
    }
    try {
      Files.move(partial, model, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // The same files from another place are here already, or came at this moment.
      if (!Files.isDirectory(model)) {
        throw e;
      }
      delete(partial);
    }
    Files.setLastModifiedTime(model, FileTime.from(Instant.now()));
    removeUnused();
    Path pointer = Files.createDirectories(folder.resolve("known")).resolve(key);
    Path written = pointer.resolveSibling(key + ".new");
    Files.writeString(written, digest, StandardCharsets.UTF_8);
    Files.move(written, pointer, StandardCopyOption.ATOMIC_MOVE);
    return model;
  }

  private void removeUnused() throws IOException {
    Instant used = Instant.now().minus(IN_USE);
    Map<Path, FileTime> unused = new TreeMap<>();
    long total = 0;
    try (Stream<Path> models = Files.list(folder.resolve("models"))) {
      for (Path model : models.toList()) {
        total += weight(model);
        FileTime last = Files.getLastModifiedTime(model);
        if (last.toInstant().isBefore(used)) {
          unused.put(model, last);
        }
      }
    } catch (NoSuchFileException | UncheckedIOException e) {
      return; // another process is removing them
    }
    List<Path> oldest = new ArrayList<>(unused.keySet());
    oldest.sort(Comparator.comparing(unused::get));
    for (Path model : oldest) {
      if (total <= keptBytes) {
        return;
      }
      total -= weight(model);
      // Gone at once for who looks for it, whatever happens while it is deleted.
      Path away = folder.resolve("partial").resolve("unused-" + UUID.randomUUID());
      try {
        Files.move(model, away, StandardCopyOption.ATOMIC_MOVE);
        delete(away);
      } catch (NoSuchFileException e) {
        // another process was quicker
      }
    }
  }

  private static long weight(Path model) throws IOException {
    long bytes = 0;
    for (Path path : tree(model)) {
      bytes += Files.isRegularFile(path) ? Files.size(path) : 0;
    }
    return bytes;
  }

  /** Fetches a file; what an earlier try brought is kept where the server can go on from there. */
  private void download(RemoteFolder remote, RemoteFile file, Path part) throws IOException {
    String version = null;
    long most = size(part);
    int fruitless = 0;
    while (size(part) != file.bytes() || !Files.exists(part)) {
      if (size(part) > file.bytes()) {
        Files.delete(part);
      }
      String why;
      IOException cause = null;
      try (Content content = remote.open(file.path(), size(part), version)) {
        version = content.version();
        append(content, part, file.bytes());
        why = "It ended after " + size(part) + " of " + file.bytes() + " bytes";
      } catch (ReadFailure e) {
        why = "The connection broke: " + e.getMessage();
        cause = e;
      }
      long now = size(part);
      if (now > file.bytes()) {
        Files.delete(part);
        throw DownloadErrors.listingRefused(
            remote.description(),
            "File '"
                + file.path()
                + "' is longer than the "
                + file.bytes()
                + " bytes that the server lists.");
      }
      if (now < file.bytes()) {
        fruitless = now > most ? 1 : fruitless + 1;
        most = Math.max(most, now);
        if (fruitless >= patience.tries()) {
          throw DownloadErrors.brokenDownload(
              remote.description(), file.path(), why, fruitless, cause);
        }
        pause(remote, fruitless);
      }
    }
  }

  private static long size(Path file) throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }

  /** The other side's failure, told apart from our disk's. */
  private static final class ReadFailure extends IOException {
    ReadFailure(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  /** Writes what comes, at most one byte more than belongs to the file. */
  private static void append(Content content, Path part, long bytes) throws IOException {
    try (OutputStream out =
        content.from() == 0
            ? Files.newOutputStream(part)
            : Files.newOutputStream(part, StandardOpenOption.APPEND)) {
      byte[] buffer = new byte[1 << 16];
      long left = bytes - content.from() + 1;
      while (left > 0) {
        int count;
        try {
          count = content.stream().read(buffer, 0, (int) Math.min(buffer.length, left));
        } catch (IOException e) {
          throw new ReadFailure(e);
        }
        if (count < 0) {
          break;
        }
        out.write(buffer, 0, count);
        left -= count;
      }
    }
  }

  private void pause(RemoteFolder remote, int failed) {
    try {
      Thread.sleep(patience.waitAfter(failed).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw DownloadErrors.interrupted(remote.description(), e);
    }
  }

  private static void removeStrangers(Path partial, List<RemoteFile> files) throws IOException {
    Set<Path> expected = new HashSet<>();
    files.forEach(file -> expected.add(partial.resolve(file.path())));
    for (Path path : tree(partial)) {
      if (Files.isRegularFile(path) && !expected.contains(path)) {
        Files.delete(path);
      }
    }
  }

  /** Names, sizes and contents of all files of a folder. */
  private static String digestOf(Path folder) throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[1 << 16];
    for (Path path : tree(folder)) {
      if (Files.isRegularFile(path)) {
        update(digest, folder.relativize(path).toString().replace('\\', '/'));
        update(digest, Long.toString(Files.size(path)));
        try (InputStream in = Files.newInputStream(path)) {
          for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            digest.update(buffer, 0, count);
          }
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static List<Path> tree(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths
          .sorted(Comparator.comparing(path -> folder.relativize(path).toString()))
          .toList();
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> paths = new ArrayList<>(tree(folder));
    paths.sort(Comparator.reverseOrder());
    for (Path path : paths) {
      Files.delete(path);
    }
  }

  private static void update(MessageDigest digest, String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }
}
