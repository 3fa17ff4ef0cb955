package io.scorebatch.artifact.skops;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * All entries of a small zip, inflated. Refuses what no honest writer makes: names that climb out
 * of the folder, two entries of one name, more entries or bytes than the file's size explains.
 */
final class ZipEntries {
  private static final int MAX_ENTRIES = 200_000;
  private static final long INFLATED_BASE = 32L << 20;
  private static final long INFLATED_PER_BYTE = 64;
  private static final int CHUNK = 1 << 16;

  private final Map<String, byte[]> entries = new HashMap<>();

  private ZipEntries() {}

  static ZipEntries read(String source, byte[] bytes) {
    ZipEntries result = new ZipEntries();
    long limit =
        Math.min(INFLATED_BASE + INFLATED_PER_BYTE * bytes.length, Integer.MAX_VALUE - 16L);
    long left = limit;
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(bytes))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        String name = checked(source, entry.getName());
        if (result.entries.size() == MAX_ENTRIES) {
          throw SkopsErrors.hostile(source, "has more than " + MAX_ENTRIES + " entries");
        }
        byte[] content = inflate(in, left);
        if (content == null) {
          throw SkopsErrors.hostile(source, "inflates to more than " + (limit >> 20) + " MiB");
        }
        left -= content.length;
        if (result.entries.put(name, content) != null) {
          throw SkopsErrors.hostile(source, "has two entries named " + name);
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      throw SkopsErrors.damaged(source, "its zip structure is broken (" + e.getMessage() + ")");
    }
    return result;
  }

  /** The present entry; null where it is longer than the limit. */
  private static byte @Nullable [] inflate(ZipInputStream in, long limit) throws IOException {
    List<byte[]> chunks = new ArrayList<>();
    int total = 0;
    for (byte[] chunk = in.readNBytes(CHUNK); chunk.length > 0; chunk = in.readNBytes(CHUNK)) {
      if (chunk.length > limit - total) {
        return null;
      }
      chunks.add(chunk);
      total += chunk.length;
    }
    if (chunks.size() == 1) {
      return chunks.get(0);
    }
    byte[] result = new byte[total];
    int at = 0;
    for (byte[] chunk : chunks) {
      System.arraycopy(chunk, 0, result, at, chunk.length);
      at += chunk.length;
    }
    return result;
  }

  private static String checked(String source, String name) {
    boolean climbs =
        name.contains("..") || name.startsWith("/") || name.contains("\\") || name.contains(":");
    if (climbs || name.chars().anyMatch(c -> c < ' ')) {
      throw SkopsErrors.hostile(
          source, "has an entry named '" + name.replaceAll("[\\p{Cntrl}]", "?") + "'");
    }
    return name;
  }

  /** Bytes of all entries, inflated. */
  long size() {
    return entries.values().stream().mapToLong(content -> content.length).sum();
  }

  byte @Nullable [] find(String name) {
    return entries.get(name);
  }
}
