package io.scorebatch.table.delta;

import io.delta.kernel.defaults.engine.fileio.InputFile;
import io.delta.kernel.defaults.engine.fileio.OutputFile;
import io.delta.kernel.defaults.engine.fileio.PositionOutputStream;
import io.delta.kernel.defaults.engine.fileio.SeekableInputStream;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Files of a local disk for Delta Kernel, in place of Hadoop's file systems. Thread-safe.
 *
 * <p>A file appears whole or not at all: it is written beside its place under a hidden name, forced
 * to disk, and then linked (put if absent) or renamed (overwrite).
 */
class LocalFiles implements Storage {
  /** The local path a string of the kernel means: a plain path or a file URI. */
  static Path path(String text) {
    return text.startsWith("file:") ? Path.of(URI.create(text)) : Path.of(text);
  }

  @Override
  public String child(String folder, String name) {
    return Path.of(folder).resolve(name).toString();
  }

  @Override
  public String resolve(String folder, String logged) {
    URI uri = URI.create(logged);
    if (uri.getScheme() == null) {
      return Path.of(folder).resolve(uri.getPath()).normalize().toString();
    }
    return uri.getScheme().equals("file") ? Path.of(uri.getPath()).toString() : logged;
  }

  @Override
  public boolean isFolder(String folder) {
    return Files.isDirectory(Path.of(folder));
  }

  @Override
  public List<String> folders(String folder) {
    return children(Path.of(folder), Files::isDirectory).stream().map(LocalFiles::name).toList();
  }

  @Override
  public List<FileStatus> files(String folder, int most) {
    return children(path(folder), child -> !Files.isDirectory(child)).stream()
        .map(LocalFiles::statusIfThere)
        .flatMap(Optional::stream)
        .toList();
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

  @Override
  public int shortLogVersions() {
    return 100;
  }

  @Override
  public Path localCopy(String file) {
    return path(file);
  }

  @Override
  public String identity(String file) {
    return path(file).normalize().toString();
  }

  @Override
  public Path beside(String file) {
    return hidden(path(file));
  }

  @Override
  public void publish(Path finished, String file) throws IOException {
    publish(finished, path(file), false);
  }

  @Override
  public TableSnapshot materialize(TableSnapshot snapshot) {
    return snapshot;
  }

  @Override
  public void checkWritable(TableName table, String folder) {
    Path there = Path.of(folder);
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    if (!Files.isDirectory(there) || !Files.isWritable(there)) {
      throw TableErrors.notWritable(table, "Folder " + there + " does not let us write.", null);
    }
  }

  @Override
  public Path stagingFolder(String folder) {
    return Path.of(folder);
  }

  /** They are there already; a version must never be on disk before its rows are. */
  @Override
  public void upload(TableName table, String folder, List<StagedFile> files) {
    Path root = stagingFolder(folder);
    Set<Path> folders = new LinkedHashSet<>();
    for (StagedFile file : files) {
      try {
        force(file.file());
      } catch (IOException e) {
        throw TableErrors.stagedFile(table, file.file(), "It cannot be read: " + e);
      }
      for (Path each = parent(file.file()); each.startsWith(root); each = parent(each)) {
        folders.add(each);
      }
    }
    folders.forEach(LocalFiles::forceFolder);
  }

  /** Who staged them removes them. */
  @Override
  public void takeBack(String folder, List<StagedFile> files) {}

  @Override
  public void clean(List<StagedFile> files) {}

  @Override
  public List<String> leftovers(String folder, Path staged, String tail, boolean committed) {
    return committed ? List.of() : List.of(staged.toString());
  }

  @Override
  public void close() {}

  @Override
  public CloseableIterator<FileStatus> listFrom(String filePath) throws IOException {
    Path from = path(filePath);
    Path folder = parent(from);
    String first = name(from);
    try (Stream<Path> children = Files.list(folder)) {
      return Utils.toCloseableIterator(
          children
              .filter(child -> name(child).compareTo(first) >= 0)
              .sorted((a, b) -> name(a).compareTo(name(b)))
              .map(LocalFiles::statusIfThere)
              .flatMap(Optional::stream)
              .toList()
              .iterator());
    } catch (NoSuchFileException e) {
      throw notFound(folder, e);
    }
  }

  @Override
  public FileStatus getFileStatus(String file) throws IOException {
    try {
      return status(path(file));
    } catch (NoSuchFileException e) {
      throw notFound(path(file), e);
    }
  }

  @Override
  public String resolvePath(String file) {
    return path(file).toAbsolutePath().normalize().toString();
  }

  @Override
  public boolean mkdirs(String folder) throws IOException {
    Files.createDirectories(path(folder));
    return true;
  }

  @Override
  public InputFile newInputFile(String file, long size) {
    return new LocalInput(path(file));
  }

  @Override
  public OutputFile newOutputFile(String file) {
    return new LocalOutput(path(file));
  }

  @Override
  public boolean delete(String file) throws IOException {
    return Files.deleteIfExists(path(file));
  }

  @Override
  public Optional<String> getConf(String key) {
    return Optional.empty();
  }

  @Override
  public void copyFileAtomically(String from, String to, boolean overwrite) throws IOException {
    Path target = path(to);
    Path hidden = hidden(target);
    try {
      Files.copy(path(from), hidden);
      force(hidden);
      publish(hidden, target, overwrite);
    } catch (NoSuchFileException e) {
      throw notFound(path(from), e);
    } finally {
      Files.deleteIfExists(hidden);
    }
  }

  /** A name beside a file that no reader of the log or the table looks at. */
  static Path hidden(Path target) {
    return target.resolveSibling("." + name(target) + "." + UUID.randomUUID() + ".tmp");
  }

  /**
   * Makes a finished file appear under its name.
   *
   * @throws java.nio.file.FileAlreadyExistsException where the name is taken and must not be
   *     overwritten
   */
  void publish(Path finished, Path target, boolean overwrite) throws IOException {
    if (overwrite) {
      Files.move(
          finished, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } else {
      // Of two links to one name the second fails, on every process and thread: no lock is needed.
      Files.createLink(target, finished);
    }
    forceFolder(parent(target));
  }

  static void force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** Without this a name may be lost in a power cut, though its file is not. */
  private static void forceFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Not every system lets a folder be opened (Windows does not); the name is there all the
      // same.
      return;
    }
  }

  private static Path parent(Path file) {
    Path parent = file.getParent();
    if (parent == null) {
      throw new IllegalArgumentException(file + " has no folder");
    }
    return parent;
  }

  private static String name(Path file) {
    Path name = file.getFileName();
    return name == null ? "" : name.toString();
  }

  private static FileNotFoundException notFound(Path file, Exception cause) {
    FileNotFoundException missing = new FileNotFoundException(file + " does not exist");
    missing.initCause(cause);
    return missing;
  }

  private static FileStatus status(Path file) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    return FileStatus.of(
        file.toString(), attributes.size(), attributes.lastModifiedTime().toMillis());
  }

  /** Empty where the file went away since it was listed. */
  private static Optional<FileStatus> statusIfThere(Path file) {
    try {
      return Optional.of(status(file));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private record LocalInput(Path file) implements InputFile {
    @Override
    public long length() throws IOException {
      return Files.size(file);
    }

    @Override
    public String path() {
      return file.toString();
    }

    @Override
    public SeekableInputStream newStream() throws IOException {
      try {
        return new LocalInputStream(Files.newByteChannel(file));
      } catch (NoSuchFileException e) {
        throw notFound(file, e);
      }
    }
  }

  private static final class LocalInputStream extends SeekableInputStream {
    private final SeekableByteChannel channel;
    private final InputStream stream;

    LocalInputStream(SeekableByteChannel channel) {
      this.channel = channel;
      this.stream = Channels.newInputStream(channel);
    }

    @Override
    public long getPos() throws IOException {
      return channel.position();
    }

    @Override
    public void seek(long position) throws IOException {
      channel.position(position);
    }

    @Override
    public void readFully(byte[] bytes, int offset, int length) throws IOException {
      if (stream.readNBytes(bytes, offset, length) != length) {
        throw new EOFException("the file ends before position " + (getPos() + length));
      }
    }

    @Override
    public int read() throws IOException {
      return stream.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return stream.read(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private final class LocalOutput implements OutputFile {
    private final Path target;

    LocalOutput(Path target) {
      this.target = target;
    }

    @Override
    public String path() {
      return target.toString();
    }

    @Override
    public PositionOutputStream create(boolean atomicWrite) throws IOException {
      Path file = atomicWrite ? hidden(target) : target;
      FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE);
      return new PositionOutputStream() {
        @Override
        public long getPos() throws IOException {
          return channel.position();
        }

        @Override
        public void write(int b) throws IOException {
          write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
          ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
          while (buffer.hasRemaining()) {
            channel.write(buffer);
          }
        }

        @Override
        public void close() throws IOException {
          if (!channel.isOpen()) {
            return;
          }
          channel.force(true);
          channel.close();
          if (atomicWrite) {
            publish(file, target, true);
          }
        }
      };
    }

    @Override
    public void writeAtomically(CloseableIterator<String> lines, boolean overwrite)
        throws IOException {
      if (!overwrite && Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
        throw new java.nio.file.FileAlreadyExistsException(target.toString());
      }
      Path hidden = hidden(target);
      try (lines) {
        try (OutputStream out =
            new BufferedOutputStream(
                Files.newOutputStream(hidden, StandardOpenOption.CREATE_NEW))) {
          while (lines.hasNext()) {
            out.write(lines.next().getBytes(StandardCharsets.UTF_8));
            out.write('\n');
          }
        }
        force(hidden);
        publish(hidden, target, overwrite);
      } finally {
        Files.deleteIfExists(hidden);
      }
    }
  }
}
