package io.scorebatch.model.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Walks the fields of a protobuf message, one after the other. Every length is checked against the
 * bytes that are there; only texts that are asked for are copied. One thread at a time.
 */
final class ProtoMessage {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  /** Longer names are no names; keeps a hostile file from filling the heap. */
  private static final int LONGEST_TEXT = 4096;

  /** A file that is not what its fields say. */
  static final class DamagedException extends RuntimeException {
    DamagedException(String message) {
      super(message);
    }
  }

  private final ByteBuffer bytes;
  private int field;
  private int wireType;
  private long number;
  private ByteBuffer content;

  ProtoMessage(ByteBuffer bytes) {
    this.bytes = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    this.content = this.bytes;
  }

  /** The same message, from its first field. */
  ProtoMessage again() {
    return new ProtoMessage(bytes.duplicate().rewind());
  }

  /** Goes to the next field; false at the end. */
  boolean next() {
    if (!bytes.hasRemaining()) {
      return false;
    }
    long tag = varint(bytes);
    field = (int) (tag >>> 3);
    wireType = (int) (tag & 7);
    if (tag < 0 || tag > 0xFFFFFFFFL || field <= 0) {
      throw new DamagedException("a field with the number " + (tag >>> 3));
    }
    switch (wireType) {
      case VARINT:
        number = varint(bytes);
        break;
      case FIXED64:
        content = take(8);
        break;
      case FIXED32:
        content = take(4);
        break;
      case BYTES:
        content = take(varint(bytes));
        break;
      default:
        throw new DamagedException("field " + field + " has the unknown wire type " + wireType);
    }
    return true;
  }

  int field() {
    return field;
  }

  /** The value of an integer field. */
  long number() {
    require(VARINT);
    return number;
  }

  /** The value of a message field. */
  ProtoMessage message() {
    require(BYTES);
    return new ProtoMessage(content);
  }

  /** The bytes of a field, little-endian. */
  ByteBuffer bytes() {
    require(BYTES);
    return content.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The value of a text field. */
  String text() {
    require(BYTES);
    if (content.remaining() > LONGEST_TEXT) {
      throw new DamagedException(
          "field " + field + " is a name of " + content.remaining() + " bytes");
    }
    return StandardCharsets.UTF_8.decode(content.duplicate()).toString();
  }

  /** The values of a repeated integer field, which may be packed. */
  long[] numbers(int most) {
    if (wireType == VARINT) {
      return new long[] {number};
    }
    require(BYTES);
    ByteBuffer packed = content.duplicate();
    if (packed.remaining() > most * 10L) {
      throw new DamagedException("field " + field + " holds more than " + most + " numbers");
    }
    long[] values = new long[packed.remaining()];
    int count = 0;
    while (packed.hasRemaining()) {
      values[count++] = varint(packed);
    }
    return java.util.Arrays.copyOf(values, count);
  }

  private void require(int wanted) {
    if (wireType != wanted) {
      throw new DamagedException("field " + field + " has the wire type " + wireType);
    }
  }

  private ByteBuffer take(long length) {
    if (length < 0 || length > bytes.remaining()) {
      throw new DamagedException(
          "field " + field + " is " + length + " bytes long, " + bytes.remaining() + " are left");
    }
    int start = bytes.position();
    bytes.position(start + (int) length);
    return bytes.slice(start, (int) length);
  }

  private static long varint(ByteBuffer from) {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (!from.hasRemaining()) {
        throw new DamagedException("it ends inside a number");
      }
      byte part = from.get();
      value |= (long) (part & 0x7F) << shift;
      if (part >= 0) {
        return value;
      }
    }
    throw new DamagedException("a number of more than ten bytes");
  }
}
