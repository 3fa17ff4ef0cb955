package io.scorebatch.artifact.pickle;

import java.util.Arrays;

/**
 * A {@code bytes} or {@code bytearray}: a window on the file it was read from, not a copy.
 * Immutable as long as nobody writes to the file's array.
 */
public final class PyBytes {
  private final byte[] backing;
  private final int offset;
  private final int length;

  public PyBytes(byte[] backing, int offset, int length) {
    if (offset < 0 || length < 0 || length > backing.length - offset) {
      throw new IllegalArgumentException(
          "window " + offset + "+" + length + " is outside " + backing.length + " bytes");
    }
    this.backing = backing;
    this.offset = offset;
    this.length = length;
  }

  public int length() {
    return length;
  }

  /** A copy of the bytes. */
  public byte[] toArray() {
    return Arrays.copyOfRange(backing, offset, offset + length);
  }

  byte[] backing() {
    return backing;
  }

  int offset() {
    return offset;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PyBytes that
        && Arrays.equals(
            backing, offset, offset + length, that.backing, that.offset, that.offset + that.length);
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (int i = offset; i < offset + length; i++) {
      hash = 31 * hash + backing[i];
    }
    return hash;
  }

  @Override
  public String toString() {
    return length + " bytes";
  }
}
