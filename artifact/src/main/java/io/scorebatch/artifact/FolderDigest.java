package io.scorebatch.artifact;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What identifies the content of an artifact folder, wherever it lies.
 *
 * @param sha256 SHA-256, hexadecimal, over each file in the order of its relative path (parts
 *     joined with {@code /}, compared by code unit): the path in UTF-8, a zero byte, the size as 8
 *     bytes, the content
 * @param sizeBytes size of all files
 */
record FolderDigest(String sha256, long sizeBytes) {

  /** Reads every file of a folder. Links are followed only where they stay inside it. */
  static FolderDigest ofFolder(ArtifactFolder folder) throws IOException {
    Map<String, Path> files = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(folder.root())) {
      for (Path path : (Iterable<Path>) walk::iterator) {
        if (Files.isSymbolicLink(path)) {
          folder.checkInside(path);
        }
        if (Files.isRegularFile(path)) {
          files.put(folder.relativeName(path), path);
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return of(files);
  }

  /** The digest of one file, as if it were alone in a folder. */
  static FolderDigest ofFile(Path file) throws IOException {
    Path name = file.getFileName();
    return of(Map.of(name == null ? "" : name.toString(), file));
  }

  private static FolderDigest of(Map<String, Path> files) throws IOException {
    MessageDigest sha256 = newDigest();
    long total = 0;
    byte[] buffer = new byte[1 << 16];
    for (Map.Entry<String, Path> entry : List.copyOf(files.entrySet())) {
      long size = Files.size(entry.getValue());
      sha256.update(entry.getKey().getBytes(StandardCharsets.UTF_8));
      sha256.update((byte) 0);
      sha256.update(ByteBuffer.allocate(Long.BYTES).putLong(0, size));
      try (InputStream in = Files.newInputStream(entry.getValue())) {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          sha256.update(buffer, 0, n);
        }
      }
      total += size;
    }
    return new FolderDigest(HexFormat.of().formatHex(sha256.digest()), total);
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
