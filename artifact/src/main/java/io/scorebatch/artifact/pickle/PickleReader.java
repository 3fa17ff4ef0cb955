package io.scorebatch.artifact.pickle;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/**
 * Reads what {@code pickle}, {@code cloudpickle} and {@code joblib} write (protocols 0 to 5, joblib
 * files raw or compressed with zlib or gzip) as inert data; see the package for the values of a
 * tree. Nothing is executed. Thread-safe.
 */
public final class PickleReader {
  private static final long INFLATED_BASE = 32L << 20;
  private static final long INFLATED_PER_BYTE = 64;
  private static final int CHUNK = 1 << 16;

  private PickleReader() {}

  /**
   * Reads one pickle.
   *
   * @param source the file's name, for messages
   * @param bytes the whole file; arrays and bytes of the tree are windows on it, so it must not be
   *     changed afterwards
   * @return the tree; never null
   * @throws io.scorebatch.api.error.ScorebatchException {@code MODEL_REFUSED} naming every class or
   *     function that is not on the list, {@code MODEL_UNREADABLE} for a damaged file, {@code
   *     MODEL_UNSUPPORTED} for another compression
   */
  public static Object read(String source, byte[] bytes) {
    byte[] plain = inflate(source, bytes);
    return new PickleMachine(source, plain, new Budget(source, plain.length)).read();
  }

  private static byte[] inflate(String source, byte[] bytes) {
    if (starts(bytes, 0x1f, 0x8b)) {
      return inflate(source, bytes, true);
    }
    if (bytes.length > 1 && bytes[0] == 0x78 && ((bytes[0] << 8 | bytes[1] & 0xff) % 31) == 0) {
      return inflate(source, bytes, false);
    }
    if (starts(bytes, 'B', 'Z', 'h')) {
      throw PickleErrors.compressed(source, "bzip2");
    }
    if (starts(bytes, 0xfd, '7', 'z')) {
      throw PickleErrors.compressed(source, "xz");
    }
    if (starts(bytes, 0x5d, 0x00, 0x00)) {
      throw PickleErrors.compressed(source, "lzma");
    }
    if (starts(bytes, 0x04, 0x22, 0x4d, 0x18)) {
      throw PickleErrors.compressed(source, "lz4");
    }
    return bytes;
  }

  private static byte[] inflate(String source, byte[] bytes, boolean gzip) {
    long limit =
        Math.min(INFLATED_BASE + INFLATED_PER_BYTE * bytes.length, Integer.MAX_VALUE - 16L);
    List<byte[]> chunks = new ArrayList<>();
    long total = 0;
    try (InputStream raw = new java.io.ByteArrayInputStream(bytes);
        InputStream in = gzip ? new GZIPInputStream(raw, CHUNK) : new InflaterInputStream(raw)) {
      while (true) {
        byte[] chunk = in.readNBytes(CHUNK);
        if (chunk.length == 0) {
          break;
        }
        total += chunk.length;
        if (total > limit) {
          throw PickleErrors.tooLarge(source, "inflates to more than " + (limit >> 20) + " MiB");
        }
        chunks.add(chunk);
      }
    } catch (IOException e) {
      throw PickleErrors.damaged(
          source, total, "its " + (gzip ? "gzip" : "zlib") + " data is broken");
    }
    byte[] result = new byte[(int) total];
    int at = 0;
    for (byte[] chunk : chunks) {
      System.arraycopy(chunk, 0, result, at, chunk.length);
      at += chunk.length;
    }
    return result;
  }

  private static boolean starts(byte[] bytes, int... magic) {
    if (bytes.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((bytes[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }
}
