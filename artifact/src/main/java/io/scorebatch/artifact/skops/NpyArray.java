package io.scorebatch.artifact.skops;

import io.scorebatch.artifact.pickle.Budget;
import io.scorebatch.artifact.pickle.DType;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyBytes;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parses NumPy's {@code .npy} format, versions 1 to 3, without pickled objects. */
final class NpyArray {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  private final String source;
  private final String header;
  private int at;

  private NpyArray(String source, String header) {
    this.source = source;
    this.header = header;
  }

  /**
   * @param source file and entry, for messages
   * @param bytes the whole entry; the array is a window on it
   * @param budget charged for copies of the array
   */
  static NdArray parse(String source, byte[] bytes, Budget budget) {
    if (bytes.length < 10 || !startsWithMagic(bytes)) {
      throw SkopsErrors.damaged(source, "no NumPy header");
    }
    int version = bytes[6];
    int lengthBytes = version == 1 ? 2 : 4;
    if (version < 1 || version > 3) {
      throw SkopsErrors.unsupported(
          source, "NumPy's format version " + version + ", known are 1 to 3");
    }
    long length = 0;
    for (int i = 0; i < lengthBytes && 8 + i < bytes.length; i++) {
      length |= (bytes[8 + i] & 0xffL) << (8 * i);
    }
    long start = 8L + lengthBytes + length;
    if (start > bytes.length) {
      throw SkopsErrors.damaged(source, "a NumPy header longer than its file");
    }
    String header =
        new String(
            bytes,
            8 + lengthBytes,
            (int) length,
            version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
    return new NpyArray(source, header).array(bytes, (int) start, budget);
  }

  private static boolean startsWithMagic(byte[] bytes) {
    for (int i = 0; i < MAGIC.length; i++) {
      if (bytes[i] != MAGIC[i]) {
        return false;
      }
    }
    return true;
  }

  private NdArray array(byte[] bytes, int start, Budget budget) {
    Object parsed = value(0);
    if (!(parsed instanceof Map<?, ?> fields)
        || !(fields.get("fortran_order") instanceof Boolean fortran)
        || !(fields.get("shape") instanceof List<?> extents)
        || fields.get("descr") == null) {
      throw broken();
    }
    DType type = type(fields.get("descr"));
    int[] shape = new int[extents.size()];
    for (int i = 0; i < shape.length; i++) {
      if (!(extents.get(i) instanceof Integer extent)) {
        throw broken();
      }
      shape[i] = extent;
    }
    return NdArray.of(
        type, shape, fortran, new PyBytes(bytes, start, bytes.length - start), budget);
  }

  private DType type(Object described) {
    if (described instanceof String code) {
      return DType.parse(code)
          .filter(type -> type.kind() != 'O')
          .orElseThrow(
              () -> SkopsErrors.unsupported(source, "an array of the NumPy type '" + code + "'"));
    }
    if (!(described instanceof List<?> parts)) {
      throw broken();
    }
    Map<String, DType.Field> fields = new LinkedHashMap<>();
    int offset = 0;
    for (Object part : parts) {
      if (!(part instanceof List<?> field)
          || field.size() != 2
          || !(field.get(0) instanceof String name)
          || !(field.get(1) instanceof String code)) {
        throw SkopsErrors.unsupported(source, "a structured array with nested types");
      }
      DType type = type(code);
      if (!name.isEmpty()) {
        fields.put(name, new DType.Field(type, offset));
      }
      offset += type.itemSize();
      if (offset < 0 || fields.size() > 1000) {
        throw broken();
      }
    }
    return new DType('V', offset, ByteOrder.LITTLE_ENDIAN, fields);
  }

  // A Python literal: dict, list, tuple, text, integer, boolean.

  private Object value(int depth) {
    skipSpace();
    if (at >= header.length() || depth > 8) {
      throw broken();
    }
    char c = header.charAt(at);
    if (c == '{') {
      at++;
      Map<String, Object> result = new LinkedHashMap<>();
      while (!closes('}')) {
        Object key = value(depth + 1);
        expect(':');
        if (!(key instanceof String name)) {
          throw broken();
        }
        result.put(name, value(depth + 1));
        separator('}');
      }
      return result;
    }
    if (c == '[' || c == '(') {
      at++;
      char end = c == '[' ? ']' : ')';
      List<Object> result = new ArrayList<>();
      while (!closes(end)) {
        result.add(value(depth + 1));
        separator(end);
      }
      return result;
    }
    if (c == '\'' || c == '"') {
      int end = header.indexOf(c, at + 1);
      if (end < 0 || header.substring(at, end).indexOf('\\') >= 0) {
        throw broken();
      }
      String text = header.substring(at + 1, end);
      at = end + 1;
      return text;
    }
    int end = at;
    while (end < header.length() && Character.isLetterOrDigit(header.charAt(end))) {
      end++;
    }
    String word = header.substring(at, end);
    at = end;
    if (word.equals("True") || word.equals("False")) {
      return word.equals("True");
    }
    try {
      return Integer.valueOf(word);
    } catch (NumberFormatException e) {
      throw broken();
    }
  }

  private boolean closes(char end) {
    skipSpace();
    if (at < header.length() && header.charAt(at) == end) {
      at++;
      return true;
    }
    return false;
  }

  private void separator(char end) {
    skipSpace();
    if (at < header.length() && header.charAt(at) == ',') {
      at++;
    } else if (at >= header.length() || header.charAt(at) != end) {
      throw broken();
    }
  }

  private void expect(char wanted) {
    skipSpace();
    if (at >= header.length() || header.charAt(at) != wanted) {
      throw broken();
    }
    at++;
  }

  private void skipSpace() {
    while (at < header.length() && Character.isWhitespace(header.charAt(at))) {
      at++;
    }
  }

  private RuntimeException broken() {
    return SkopsErrors.damaged(source, "an unknown NumPy header");
  }
}
