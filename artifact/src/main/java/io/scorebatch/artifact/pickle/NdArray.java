package io.scorebatch.artifact.pickle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A NumPy array: a window on the file's bytes. All accessors answer elements in C order (last index
 * fastest), whatever order the file has. Unmodifiable once read.
 */
public final class NdArray {
  private static final int MAX_RANK = 32;
  private static final VarHandle SHORT_LE = view(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHORT_BE = view(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT_LE = view(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT_BE = view(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG_LE = view(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG_BE = view(long[].class, ByteOrder.BIG_ENDIAN);

  private DType type;
  private int[] shape;
  private int size;
  private boolean fortran;
  private byte[] data;
  private int offset;
  private int stride;
  private @Nullable List<Object> objects;
  private boolean built;
  private final @Nullable Budget budget;

  /** An empty array that its state fills later. */
  NdArray(@Nullable Budget budget) {
    this(new DType('f', 8, ByteOrder.LITTLE_ENDIAN, java.util.Map.of()), new int[] {0}, 0, budget);
  }

  private NdArray(DType type, int[] shape, int size, @Nullable Budget budget) {
    this.budget = budget;
    this.type = type;
    this.shape = shape;
    this.size = size;
    this.data = new byte[0];
    this.stride = type.itemSize();
  }

  /**
   * An array over bytes.
   *
   * @param fortran whether the first index is fastest
   * @param budget charged for every copy the accessors make
   * @throws io.scorebatch.api.error.ScorebatchException where the bytes are not exactly those of
   *     the shape, or the type has no bytes
   */
  public static NdArray of(DType type, int[] shape, boolean fortran, PyBytes bytes, Budget budget) {
    NdArray array = new NdArray(budget);
    array.fill(type, shape, fortran, bytes);
    return array;
  }

  /** An array of objects in C order. */
  public static NdArray ofObjects(int[] shape, List<?> objects) {
    NdArray array = new NdArray(null);
    array.fill(shape, List.copyOf(objects));
    return array;
  }

  boolean isBuilt() {
    return built;
  }

  void fill(DType type, int[] shape, boolean fortran, PyBytes bytes) {
    if (type.isObject()) {
      throw PickleErrors.invalidArray("an array of objects without its objects");
    }
    int count = count(shape);
    if (type.itemSize() == 0 && count > 0) {
      throw PickleErrors.invalidArray("an array of elements of no bytes");
    }
    if ((long) count * type.itemSize() != bytes.length()) {
      throw PickleErrors.invalidArray(
          "an array of shape "
              + Arrays.toString(shape)
              + " and type "
              + type
              + " with "
              + bytes.length()
              + " bytes");
    }
    this.type = type;
    this.shape = shape.clone();
    this.size = count;
    this.fortran = fortran && shape.length > 1;
    this.data = bytes.backing();
    this.offset = bytes.offset();
    this.stride = type.itemSize();
    this.built = true;
  }

  /** Objects come in C order, whatever order the array had. */
  void fill(int[] shape, List<Object> objects) {
    int count = count(shape);
    if (count != objects.size()) {
      throw PickleErrors.invalidArray(
          "an array of shape " + Arrays.toString(shape) + " with " + objects.size() + " objects");
    }
    this.type = new DType('O', 0, ByteOrder.LITTLE_ENDIAN, java.util.Map.of());
    this.shape = shape.clone();
    this.size = count;
    this.objects = objects;
    this.built = true;
  }

  /** Number of elements of a shape; refuses negative and absurd ones. */
  static int count(int[] shape) {
    if (shape.length > MAX_RANK) {
      throw PickleErrors.invalidArray("an array of " + shape.length + " dimensions");
    }
    long count = 1;
    for (int extent : shape) {
      if (extent < 0) {
        throw PickleErrors.invalidArray("an array of shape " + Arrays.toString(shape));
      }
      count *= extent;
      if (count > Integer.MAX_VALUE) {
        throw PickleErrors.invalidArray("an array of shape " + Arrays.toString(shape));
      }
    }
    return (int) count;
  }

  public DType type() {
    return type;
  }

  public int rank() {
    return shape.length;
  }

  /** The extent of a dimension. */
  public int extent(int dimension) {
    return shape[dimension];
  }

  public int[] shape() {
    return shape.clone();
  }

  /** Number of elements. */
  public int size() {
    return size;
  }

  /** A field of a structured array, of the same shape. */
  public NdArray field(String name) {
    DType.Field field = type.fields().get(name);
    if (field == null) {
      throw PickleErrors.attributeMissing("structured array", name);
    }
    NdArray array = new NdArray(field.type(), shape, size, budget);
    array.fortran = fortran;
    array.data = data;
    array.offset = offset + field.offset();
    array.stride = stride;
    array.built = true;
    return array;
  }

  public boolean hasField(String name) {
    return type.fields().containsKey(name);
  }

  /** Numbers (bool, integer, float) as doubles; long integers are rounded. */
  public double[] doubles() {
    charge(8);
    double[] result = new double[size];
    int[] order = fileOrder();
    if (objects != null) {
      for (int i = 0; i < size; i++) {
        result[i] = numberOf(objects.get(i));
      }
      return result;
    }
    for (int i = 0; i < size; i++) {
      result[i] = doubleAt(offset + (order == null ? i : order[i]) * stride);
    }
    return result;
  }

  /** Integers and booleans. */
  public long[] longs() {
    charge(8);
    long[] result = new long[size];
    int[] order = fileOrder();
    if (objects != null) {
      for (int i = 0; i < size; i++) {
        Object value = objects.get(i);
        if (!(value instanceof Long number)) {
          throw wrongType("integers");
        }
        result[i] = number;
      }
      return result;
    }
    for (int i = 0; i < size; i++) {
      result[i] = longAt(offset + (order == null ? i : order[i]) * stride);
    }
    return result;
  }

  /** Integers and booleans; a value that is no int is refused. */
  public int[] ints() {
    long[] wide = longs();
    int[] result = new int[size];
    for (int i = 0; i < size; i++) {
      if (wide[i] != (int) wide[i]) {
        throw PickleErrors.invalidArray("the number " + wide[i] + " where a small one is expected");
      }
      result[i] = (int) wide[i];
    }
    return result;
  }

  /** Elements as Long, Double, Boolean, String, or whatever objects an object array has. */
  public List<Object> values() {
    charge(32L + 2L * type.itemSize());
    List<Object> result = new ArrayList<>(size);
    int[] order = fileOrder();
    for (int i = 0; i < size; i++) {
      int index = order == null ? i : order[i];
      result.add(objects != null ? objects.get(index) : valueAt(offset + index * stride));
    }
    return result;
  }

  private void charge(long perElement) {
    if (budget != null) {
      budget.charge(perElement * size);
    }
  }

  private Object valueAt(int at) {
    switch (type.kind()) {
      case 'b':
        return data[at] != 0;
      case 'i', 'M', 'm':
        return longAt(at);
      case 'u':
        {
          long value = longAt(at);
          return type.itemSize() == 8 && value < 0
              ? (Object) new BigInteger(Long.toUnsignedString(value))
              : (Object) value;
        }
      case 'f':
        return doubleAt(at);
      case 'U':
        return textAt(at);
      case 'S':
        return bytesAt(at);
      default:
        throw wrongType("numbers or text");
    }
  }

  private static double numberOf(Object value) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    if (value instanceof Boolean flag) {
      return flag ? 1 : 0;
    }
    throw PickleErrors.invalidArray("an array with " + PickleErrors.describe(value) + " in it");
  }

  private double doubleAt(int at) {
    boolean big = type.order() == ByteOrder.BIG_ENDIAN;
    if (type.kind() == 'f') {
      if (type.itemSize() == 8) {
        return Double.longBitsToDouble((long) (big ? LONG_BE : LONG_LE).get(data, at));
      }
      if (type.itemSize() == 4) {
        return Float.intBitsToFloat((int) (big ? INT_BE : INT_LE).get(data, at));
      }
      if (type.itemSize() == 2) {
        return half((short) (big ? SHORT_BE : SHORT_LE).get(data, at));
      }
      throw PickleErrors.unsupportedArray("an array of type " + type);
    }
    long value = longAt(at);
    if (type.kind() == 'u' && type.itemSize() == 8 && value < 0) {
      return new BigInteger(Long.toUnsignedString(value)).doubleValue();
    }
    return value;
  }

  /** IEEE 754 binary16; the JDK converts it from release 20 on. */
  private static double half(short bits) {
    int exponent = bits >> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    double magnitude =
        exponent == 0x1f
            ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
            : exponent == 0
                ? Math.scalb((double) fraction, -24)
                : Math.scalb((double) (fraction + 0x400), exponent - 25);
    return bits < 0 ? -magnitude : magnitude;
  }

  private long longAt(int at) {
    boolean big = type.order() == ByteOrder.BIG_ENDIAN;
    boolean signed = type.kind() == 'i' || type.kind() == 'M' || type.kind() == 'm';
    if (!signed && type.kind() != 'u' && type.kind() != 'b') {
      throw wrongType("integers");
    }
    switch (type.itemSize()) {
      case 1:
        return type.kind() == 'b' ? (data[at] != 0 ? 1 : 0) : signed ? data[at] : data[at] & 0xff;
      case 2:
        {
          short value = (short) (big ? SHORT_BE : SHORT_LE).get(data, at);
          return signed ? value : value & 0xffff;
        }
      case 4:
        {
          int value = (int) (big ? INT_BE : INT_LE).get(data, at);
          return signed ? value : Integer.toUnsignedLong(value);
        }
      case 8:
        return (long) (big ? LONG_BE : LONG_LE).get(data, at);
      default:
        throw PickleErrors.unsupportedArray("an array of type " + type);
    }
  }

  /** NumPy fills bytes up with zeros. */
  private PyBytes bytesAt(int at) {
    int length = type.itemSize();
    while (length > 0 && data[at + length - 1] == 0) {
      length--;
    }
    return new PyBytes(data, at, length);
  }

  private String textAt(int at) {
    StringBuilder text = new StringBuilder();
    VarHandle view = type.order() == ByteOrder.BIG_ENDIAN ? INT_BE : INT_LE;
    int end = 0;
    for (int i = 0; i < type.itemSize(); i += 4) {
      int point = (int) view.get(data, at + i);
      if (!Character.isValidCodePoint(point)) {
        throw PickleErrors.invalidArray("a text with the code point " + point);
      }
      text.appendCodePoint(point);
      if (point != 0) {
        end = text.length();
      }
    }
    return text.substring(0, end);
  }

  /** Index in the file of each element in C order; null where they are the same. */
  private int @Nullable [] fileOrder() {
    if (!fortran) {
      return null;
    }
    int[] steps = new int[shape.length];
    int step = 1;
    for (int d = 0; d < shape.length; d++) {
      steps[d] = step;
      step *= Math.max(1, shape[d]);
    }
    int[] order = new int[size];
    int[] index = new int[shape.length];
    int at = 0;
    for (int i = 0; i < size; i++) {
      order[i] = at;
      for (int d = shape.length - 1; d >= 0; d--) {
        at += steps[d];
        if (++index[d] < shape[d]) {
          break;
        }
        at -= steps[d] * shape[d];
        index[d] = 0;
      }
    }
    return order;
  }

  private RuntimeException wrongType(String wanted) {
    return PickleErrors.invalidArray(
        "an array of type " + type + " where " + wanted + " are expected");
  }

  private static VarHandle view(Class<?> array, ByteOrder order) {
    return MethodHandles.byteArrayViewVarHandle(array, order);
  }

  @Override
  public String toString() {
    return "array of type " + type + " and shape " + Arrays.toString(shape);
  }
}
