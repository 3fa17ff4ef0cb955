package io.scorebatch.artifact.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Damages files in the ways that have broken readers before: seeded, so that a find can be
 * repeated.
 */
final class Mutator {
  private static final byte[] BYTES = {
    0, 1, 0x7f, (byte) 0x80, (byte) 0xfe, (byte) 0xff, '.', 'R', 'b'
  };
  private static final long[] NUMBERS = {
    0,
    -1,
    1,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    1L << 32,
    1L << 40
  };
  private static final double[] DOUBLES = {
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    -0.0,
    1e308,
    -1e308,
    Double.MIN_VALUE
  };

  private final Random random;

  Mutator(long seed) {
    this.random = new Random(seed);
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  /** A damaged copy: one to four changes. */
  byte[] mutate(byte[] original, List<byte[]> others) {
    byte[] bytes = original.clone();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes && bytes.length > 0; i++) {
      bytes = change(bytes, others);
    }
    return bytes;
  }

  private byte[] change(byte[] bytes, List<byte[]> others) {
    int at = random.nextInt(bytes.length);
    switch (random.nextInt(10)) {
      case 0:
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        return bytes;
      case 1:
        bytes[at] = BYTES[random.nextInt(BYTES.length)];
        return bytes;
      case 2:
        bytes[at] = (byte) random.nextInt(256);
        return bytes;
      case 3:
        return number(bytes, at, NUMBERS[random.nextInt(NUMBERS.length)], 4);
      case 4:
        return number(bytes, at, NUMBERS[random.nextInt(NUMBERS.length)], 8);
      case 5:
        return number(
            bytes, at, Double.doubleToRawLongBits(DOUBLES[random.nextInt(DOUBLES.length)]), 8);
      case 6:
        return Arrays.copyOf(bytes, at);
      case 7:
        return splice(bytes, at, bytes, at, 0);
      case 8:
        {
          // Repeat a part of the file.
          int from = random.nextInt(bytes.length);
          int length = Math.min(1 + random.nextInt(64), bytes.length - from);
          return splice(bytes, at, bytes, from, length);
        }
      default:
        {
          byte[] other = others.get(random.nextInt(others.size()));
          if (other.length == 0) {
            return bytes;
          }
          int from = random.nextInt(other.length);
          return splice(
              bytes, at, other, from, Math.min(1 + random.nextInt(200), other.length - from));
        }
    }
  }

  private byte[] number(byte[] bytes, int at, long value, int size) {
    for (int i = 0; i < size && at + i < bytes.length; i++) {
      bytes[at + i] = (byte) (value >> (8 * i));
    }
    return bytes;
  }

  /** Replaces up to 16 bytes by a part of a file. */
  private byte[] splice(byte[] bytes, int at, byte[] other, int from, int length) {
    int dropped = Math.min(random.nextInt(16), bytes.length - at);
    byte[] result = new byte[bytes.length - dropped + length];
    System.arraycopy(bytes, 0, result, 0, at);
    System.arraycopy(other, from, result, at, length);
    System.arraycopy(bytes, at + dropped, result, at + length, bytes.length - at - dropped);
    return result;
  }
}
