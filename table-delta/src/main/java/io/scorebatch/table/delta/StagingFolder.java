package io.scorebatch.table.delta;

import io.scorebatch.api.table.StagingArea;
import io.scorebatch.api.table.TableName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder {@code scorebatch-<uuid>} beside a lock file {@code .scorebatch-<uuid>.lock}. Whoever
 * holds the lock may use the folder: its writer as long as it lives, or a cleaner once it does not.
 * The lock is the operating system's, which lets go of it when a process ends, however it ends.
 *
 * <p>The folder's name has neither a dot nor an underscore in front: committed files stay in it,
 * and other tools must see them as files of the table. Where a file system knows no locks, writers
 * go on without, and cleaners find none of their folders abandoned.
 */
final class StagingFolder implements StagingArea {
  static final String PREFIX = "scorebatch-";
  private static final String UUID_FORM = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
  private static final Pattern NAME = Pattern.compile(PREFIX + UUID_FORM);
  private static final Pattern LOCK_NAME = Pattern.compile("\\.(" + NAME + ")\\.lock");
  private static final Pattern IN_PATH = Pattern.compile("^(?:.*/)?(" + NAME + ")/(.+)$");

  /**
   * Folders in use in this process. It must not open their lock files a second time: closing any
   * channel on a file ends all locks the process has on it.
   */
  private static final Set<String> OURS = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final Path lockFile;
  private final @Nullable FileChannel lock;
  private boolean closed;

  private StagingFolder(Path folder, Path lockFile, @Nullable FileChannel lock) {
    this.folder = folder;
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /** A new, empty folder in another, which is made if need be. */
  static StagingFolder open(TableName table, Path root) {
    try {
      Files.createDirectories(root);
      while (true) {
        String name = PREFIX + UUID.randomUUID();
        OURS.add(name);
        StagingFolder made = of(root, name, StandardOpenOption.CREATE_NEW);
        // A cleaner may have taken the lock, and the file away, before we had it.
        if (made != null && Files.exists(made.lockFile)) {
          Files.createDirectory(made.folder);
          return made;
        }
        OURS.remove(name);
      }
    } catch (IOException e) {
      throw TableErrors.notWritable(table, "No folder can be made in " + root + ": " + e, e);
    }
  }

  /** Null where another process holds the lock. */
  private static @Nullable StagingFolder of(Path root, String name, StandardOpenOption how)
      throws IOException {
    Path lockFile = lockFile(root, name);
    FileChannel channel = FileChannel.open(lockFile, how, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return new StagingFolder(root.resolve(name), lockFile, channel);
      }
    } catch (OverlappingFileLockException e) {
      channel.close();
      return null;
    } catch (IOException e) {
      if (how == StandardOpenOption.CREATE_NEW) {
        return new StagingFolder(root.resolve(name), lockFile, channel);
      }
    }
    channel.close();
    return null;
  }

  private static Path lockFile(Path root, String name) {
    return root.resolve("." + name + ".lock");
  }

  /**
   * The folders whose writers have died or closed them. They are ours until they are closed, so
   * that no other cleaner takes them for abandoned.
   */
  static List<StagingFolder> abandoned(Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    Set<String> names = new TreeSet<>();
    try (Stream<Path> children = Files.list(root)) {
      for (Path child : (Iterable<Path>) children::iterator) {
        String name = child.getFileName().toString();
        Matcher lock = LOCK_NAME.matcher(name);
        if (lock.matches()) {
          names.add(lock.group(1));
        } else if (NAME.matcher(name).matches()) {
          names.add(name);
        }
      }
    }
    List<StagingFolder> found = new ArrayList<>();
    for (String name : names) {
      if (OURS.add(name)) {
        Optional<StagingFolder> claimed = claim(root, name);
        claimed.ifPresentOrElse(found::add, () -> OURS.remove(name));
      }
    }
    return found;
  }

  private static Optional<StagingFolder> claim(Path root, String name) {
    Path lockFile = lockFile(root, name);
    if (!Files.exists(lockFile)) {
      return Optional.of(new StagingFolder(root.resolve(name), lockFile, null));
    }
    try {
      return Optional.ofNullable(of(root, name, StandardOpenOption.WRITE));
    } catch (IOException e) {
      // Its writer has closed it at this moment, or it is not for us to look at.
      return Optional.empty();
    }
  }

  @Override
  public Path folder() {
    return folder;
  }

  static boolean isName(String folder) {
    return NAME.matcher(folder).matches();
  }

  String name() {
    return folder.getFileName().toString();
  }

  /** Every file in it. */
  List<Path> files() throws IOException {
    return walk(Files::isRegularFile);
  }

  private List<Path> walk(Predicate<Path> wanted) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths.filter(wanted).sorted().toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /**
   * The part of a path that starts with a staging folder; empty where there is none. Such names are
   * like no others: the part alone tells a file, wherever the table has been moved.
   */
  static Optional<String> tail(String path) {
    Matcher matcher = IN_PATH.matcher(path.replace('\\', '/'));
    return matcher.matches()
        ? Optional.of(matcher.group(1) + "/" + matcher.group(2))
        : Optional.empty();
  }

  /** Lets go of the folder, which is removed where it holds nothing. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    try {
      for (Path each :
          walk(Files::isDirectory).stream().sorted(Comparator.reverseOrder()).toList()) {
        try (Stream<Path> children = Files.list(each)) {
          if (children.findAny().isEmpty()) {
            Files.deleteIfExists(each);
          }
        }
      }
      // Only the holder of the lock takes the file away.
      Files.deleteIfExists(lockFile);
    } catch (IOException e) {
      TableErrors.warn("Staging folder " + folder + " cannot be tidied up: " + e);
    } finally {
      release();
    }
  }

  /** Lets go of the folder as it is. */
  synchronized void release() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (lock != null) {
        lock.close();
      }
    } catch (IOException e) {
      TableErrors.warn("Lock file " + lockFile + " cannot be closed: " + e);
    }
    OURS.remove(name());
  }
}
