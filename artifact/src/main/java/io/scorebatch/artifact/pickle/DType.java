package io.scorebatch.artifact.pickle;

import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A NumPy element type. Immutable.
 *
 * @param kind NumPy's letter: b bool, i signed, u unsigned, f float, c complex, U text, S bytes, O
 *     object, V void or structured, M and m times
 * @param itemSize bytes of an element; 0 for objects, which lie beside the array
 * @param order byte order of numbers and text
 * @param fields of a structured type, in order; empty for others
 */
public record DType(char kind, int itemSize, ByteOrder order, Map<String, Field> fields) {
  private static final Pattern CODE =
      Pattern.compile("([<>=|]?)([biufcUSOVMm?])(\\d{0,9})(\\[.*])?");
  private static final int MAX_ITEM_SIZE = 1 << 20;

  /**
   * A field of a structured type.
   *
   * @param type the field's type
   * @param offset bytes from the start of the element
   */
  public record Field(DType type, int offset) {}

  public DType {
    fields = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    if (itemSize < 0 || itemSize > MAX_ITEM_SIZE) {
      throw PickleErrors.invalidArray("an array type of " + itemSize + " bytes an element");
    }
    for (Map.Entry<String, Field> entry : fields.entrySet()) {
      Field field = entry.getValue();
      if (field.offset() < 0 || field.offset() > itemSize - field.type().itemSize()) {
        throw PickleErrors.invalidArray(
            "a structured array whose field " + entry.getKey() + " lies outside its element");
      }
    }
  }

  /** Parses NumPy's short form: {@code <f8}, {@code u4}, {@code |b1}, {@code <U12}, {@code O}. */
  public static Optional<DType> parse(String code) {
    Matcher match = CODE.matcher(code);
    if (!match.matches()) {
      return Optional.empty();
    }
    char kind = match.group(2).charAt(0);
    int size = match.group(3).isEmpty() ? 1 : Integer.parseInt(match.group(3));
    if (kind == '?') {
      kind = 'b';
    }
    if (kind == 'U') {
      size = Math.multiplyFull(size, 4) > MAX_ITEM_SIZE ? MAX_ITEM_SIZE + 1 : size * 4;
    } else if (kind == 'O') {
      size = 0;
    }
    ByteOrder order = match.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    return Optional.of(new DType(kind, size, order, Map.of()));
  }

  boolean isObject() {
    return kind == 'O';
  }

  /** NumPy's short form. */
  @Override
  public String toString() {
    String prefix = order == ByteOrder.BIG_ENDIAN ? ">" : "";
    return prefix + kind + (kind == 'O' ? "" : kind == 'U' ? itemSize / 4 : itemSize);
  }
}
