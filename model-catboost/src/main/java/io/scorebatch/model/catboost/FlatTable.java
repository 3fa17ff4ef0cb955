package io.scorebatch.model.catboost;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A table of a FlatBuffers file. Every access is checked against the bytes that are there; one that
 * leads out of them throws {@link IndexOutOfBoundsException}. Immutable.
 */
final class FlatTable {
  private final ByteBuffer bytes;
  private final int position;

  private FlatTable(ByteBuffer bytes, int position) {
    this.bytes = bytes;
    this.position = position;
  }

  /** The root of a buffer, whose first byte is at 0. */
  static FlatTable root(ByteBuffer buffer) {
    ByteBuffer bytes = buffer.slice().order(ByteOrder.LITTLE_ENDIAN);
    return at(bytes, 0);
  }

  /** The table that an offset points to. */
  private static FlatTable at(ByteBuffer bytes, int offset) {
    return new FlatTable(bytes, target(bytes, offset));
  }

  private static int target(ByteBuffer bytes, int offset) {
    long target = offset + Integer.toUnsignedLong(bytes.getInt(offset));
    if (target > bytes.limit() - Integer.BYTES) {
      throw new IndexOutOfBoundsException("an offset leads to byte " + target);
    }
    return (int) target;
  }

  /** Where a field is; empty where the table leaves it out. */
  private Optional<Integer> field(int id) {
    long table = (long) position - bytes.getInt(position);
    if (table < 0 || table > bytes.limit() - 4) {
      throw new IndexOutOfBoundsException("a table has its layout at byte " + table);
    }
    int entry = 4 + 2 * id;
    int layout = (int) table;
    if (entry + 2 > Short.toUnsignedInt(bytes.getShort(layout))) {
      return Optional.empty();
    }
    int offset = Short.toUnsignedInt(bytes.getShort(layout + entry));
    return offset == 0 ? Optional.empty() : Optional.of(position + offset);
  }

  int number(int id, int otherwise) {
    return field(id).map(bytes::getInt).orElse(otherwise);
  }

  int small(int id, int otherwise) {
    return field(id).map(at -> (int) bytes.get(at)).orElse(otherwise);
  }

  Optional<FlatTable> table(int id) {
    return field(id).map(at -> at(bytes, at));
  }

  /** A vector of elements of this many bytes; of none where the table leaves it out. */
  Vector vector(int id, int width) {
    Optional<Integer> at = field(id);
    if (at.isEmpty()) {
      return new Vector(bytes, 0, 0, width);
    }
    int start = target(bytes, at.get());
    long size = Integer.toUnsignedLong(bytes.getInt(start));
    if (size * width > bytes.limit() - start - Integer.BYTES) {
      throw new IndexOutOfBoundsException("a list says it has " + size + " elements");
    }
    return new Vector(bytes, start + Integer.BYTES, (int) size, width);
  }

  /** Elements of one width, one after the other. Immutable. */
  record Vector(ByteBuffer bytes, int start, int size, int width) {
    private int position(int index) {
      if (index < 0 || index >= size) {
        throw new IndexOutOfBoundsException(index);
      }
      return start + index * width;
    }

    int number(int index) {
      return bytes.getInt(position(index));
    }

    /** The two unsigned shorts of an element. */
    int first(int index) {
      return Short.toUnsignedInt(bytes.getShort(position(index)));
    }

    int second(int index) {
      return Short.toUnsignedInt(bytes.getShort(position(index) + Short.BYTES));
    }

    FlatTable table(int index) {
      return at(bytes, position(index));
    }

    String text(int index) {
      int text = target(bytes, position(index));
      int length = bytes.getInt(text);
      byte[] content = new byte[Math.min(Math.max(length, 0), 256)];
      bytes.get(text + Integer.BYTES, content);
      return new String(content, StandardCharsets.UTF_8);
    }

    /** The bytes of the whole vector. */
    ByteBuffer content() {
      return bytes.slice(start, size * width).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
