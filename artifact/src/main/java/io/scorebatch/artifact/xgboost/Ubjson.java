package io.scorebatch.artifact.xgboost;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads UBJSON as XGBoost writes it: big-endian, typed lists {@code [$type#count}. No length is
 * believed before it is compared with the bytes that are left. One thread at a time.
 */
final class Ubjson {
  static final int MAX_DEPTH = 64;
  static final int MAX_TEXT = 1 << 26;

  /** What scoring never needs. */
  static final Set<String> SKIPPED =
      Set.of("Config", "loss_changes", "sum_hessian", "parents", "sorted_idx");

  private final ByteBuffer in;
  private final String source;

  private Ubjson(byte[] bytes, String source) {
    this.in = ByteBuffer.wrap(bytes);
    this.source = source;
  }

  static Block read(byte[] bytes, String source) {
    Ubjson reader = new Ubjson(bytes, source);
    if (reader.marker() != '{') {
      throw XgboostErrors.damaged(source, "it is no UBJSON object");
    }
    Map<String, Object> values = reader.object(0);
    if (reader.in.hasRemaining()) {
      throw reader.damaged("something follows the UBJSON object");
    }
    return new Block(source, "model", values);
  }

  private Map<String, Object> object(int depth) {
    checkDepth(depth);
    Map<String, Object> values = new LinkedHashMap<>();
    int marker = marker();
    if (marker == '$') {
      throw damaged("an object has values of one type");
    }
    long left = marker == '#' ? length(marker()) : -1;
    if (left >= 0) {
      marker = left > 0 ? marker() : '}';
    }
    while (marker != '}') {
      String key = text(marker);
      int type = marker();
      if (SKIPPED.contains(key)) {
        skip(type, depth);
      } else if (type != 'Z') {
        if (values.put(key, value(type, depth)) != null) {
          throw damaged("the key '" + key + "' is repeated");
        }
      }
      if (left > 0) {
        left--;
        marker = left > 0 ? marker() : '}';
      } else {
        marker = marker();
      }
    }
    return values;
  }

  private Object value(int type, int depth) {
    switch (type) {
      case '{':
        return object(depth + 1);
      case '[':
        return array(depth + 1);
      case 'S':
        return text(marker());
      case 'C':
        return String.valueOf((char) (octet() & 0xff));
      default:
        return number(type);
    }
  }

  private Object array(int depth) {
    checkDepth(depth);
    int marker = marker();
    if (marker == '$') {
      int type = marker();
      if (marker() != '#') {
        throw damaged("a typed list has no length");
      }
      return typed(type, length(marker()));
    }
    if (marker == '#') {
      long count = length(marker());
      if (count > in.remaining()) {
        throw damaged("a list has " + count + " entries, more than there are bytes");
      }
      return count == 0 ? List.of() : items(marker(), count, depth);
    }
    return items(marker, -1, depth);
  }

  /** Entries with a marker each, up to a count or to the closing bracket. */
  private Object items(int first, long count, int depth) {
    List<Object> items = new ArrayList<>();
    boolean numbers = true;
    int marker = first;
    while (count < 0 ? marker != ']' : items.size() < count) {
      Object item = value(marker, depth);
      numbers &= item instanceof Double;
      items.add(item);
      if (count < 0 || items.size() < count) {
        marker = marker();
      }
    }
    if (!numbers || items.isEmpty()) {
      return items;
    }
    return items.stream().mapToDouble(Double.class::cast).toArray();
  }

  private double[] typed(int type, long count) {
    int size = size(type);
    if (count > in.remaining() / size) {
      throw damaged("a list has " + count + " numbers, more than there are bytes");
    }
    double[] numbers = new double[(int) count];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = number(type);
    }
    return numbers;
  }

  private int size(int type) {
    switch (type) {
      case 'i', 'U':
        return 1;
      case 'I':
        return 2;
      case 'l', 'd':
        return 4;
      case 'L', 'D':
        return 8;
      default:
        throw damaged("the type " + shown(type) + " is unknown");
    }
  }

  private double number(int type) {
    if (type == 'T' || type == 'F') {
      return type == 'T' ? 1 : 0;
    }
    if (in.remaining() < size(type)) {
      throw damaged("it breaks off");
    }
    switch (type) {
      case 'i':
        return in.get();
      case 'U':
        return in.get() & 0xff;
      case 'I':
        return in.getShort();
      case 'l':
        return in.getInt();
      case 'L':
        return in.getLong();
      case 'd':
        return in.getFloat();
      default:
        return in.getDouble();
    }
  }

  /** A length: an integer with its marker. */
  private long length(int type) {
    if (type == 'd' || type == 'D' || type == 'T' || type == 'F') {
      throw damaged("a length is no whole number");
    }
    if (type == 'L') {
      if (in.remaining() < Long.BYTES) {
        throw damaged("it breaks off");
      }
      long length = in.getLong();
      if (length < 0) {
        throw damaged("a length is negative");
      }
      return length;
    }
    double length = number(type);
    if (length < 0) {
      throw damaged("a length is negative");
    }
    return (long) length;
  }

  private String text(int lengthType) {
    long length = length(lengthType);
    if (length > in.remaining() || length > MAX_TEXT) {
      throw damaged("a text has " + length + " bytes, more than there are");
    }
    ByteBuffer bytes = in.slice(in.position(), (int) length);
    in.position(in.position() + (int) length);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw damaged("a text is no UTF-8");
    }
  }

  private void skip(int type, int depth) {
    if (type != 'Z') {
      value(type, depth);
    }
  }

  private int marker() {
    int marker = octet();
    while (marker == 'N') { // a byte without meaning
      marker = octet();
    }
    return marker;
  }

  private int octet() {
    if (!in.hasRemaining()) {
      throw damaged("it breaks off");
    }
    return in.get();
  }

  private void checkDepth(int depth) {
    if (depth > MAX_DEPTH) {
      throw damaged("it nests deeper than " + MAX_DEPTH);
    }
  }

  private static String shown(int type) {
    return type > ' ' && type < 127 ? "'" + (char) type + "'" : String.valueOf(type);
  }

  private RuntimeException damaged(String why) {
    return XgboostErrors.damaged(source, why + " at byte " + in.position());
  }
}
