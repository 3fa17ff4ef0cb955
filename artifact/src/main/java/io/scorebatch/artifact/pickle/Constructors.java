package io.scorebatch.artifact.pickle;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a constructor named by a pickle makes: values of Python's and NumPy's own types, and for
 * every other class an inert {@link PyObject}.
 */
final class Constructors {
  private Constructors() {}

  static Object construct(String name, List<Object> args, Budget budget) {
    switch (name) {
      case "numpy.dtype":
        return new PyDType(type(args));
      case "numpy.ndarray":
      case "numpy.core.multiarray._reconstruct":
      case "numpy._core.multiarray._reconstruct":
        return new NdArray(budget);
      case "numpy.core.multiarray.scalar":
      case "numpy._core.multiarray.scalar":
        return scalar(args, budget);
      case "numpy.core.numeric._frombuffer":
      case "numpy._core.numeric._frombuffer":
        return fromBuffer(args, budget);
      case "_codecs.encode":
        return encode(args, budget);
      case "builtins.bytes":
      case "__builtin__.bytes":
      case "builtins.bytearray":
      case "__builtin__.bytearray":
        return bytes(name, args, budget);
      case "builtins.list":
      case "__builtin__.list":
        return sequence(PySequence.Kind.LIST, args, budget);
      case "builtins.tuple":
      case "__builtin__.tuple":
        return sequence(PySequence.Kind.TUPLE, args, budget);
      case "builtins.set":
      case "__builtin__.set":
        return sequence(PySequence.Kind.SET, args, budget);
      case "builtins.frozenset":
      case "__builtin__.frozenset":
        return sequence(PySequence.Kind.FROZENSET, args, budget);
      case "collections.OrderedDict":
      case "collections.defaultdict":
      case "builtins.dict":
      case "__builtin__.dict":
        return new PyDict();
      case "copyreg._reconstructor":
      case "copy_reg._reconstructor":
        return reconstructed(args);
      case "copyreg.__newobj__":
      case "copy_reg.__newobj__":
        return reconstructed(args);
      default:
        return new PyObject(name, args);
    }
  }

  /** {@code dtype('f8', False, True)}; its state may say more. */
  private static DType type(List<Object> args) {
    if (!args.isEmpty() && args.get(0) instanceof String code) {
      return DType.parse(code)
          .orElseThrow(
              () -> PickleErrors.unsupportedArray("an array of the NumPy type '" + code + "'"));
    }
    if (!args.isEmpty() && args.get(0) instanceof PyGlobal global) {
      return named(global.name());
    }
    throw PickleErrors.invalidArray("a NumPy type without a name");
  }

  /** A scalar type named as a class, as {@code dtype(numpy.float64)}. */
  static DType named(String name) {
    Map<String, String> codes =
        Map.of(
            "numpy.float64", "f8",
            "numpy.float32", "f4",
            "numpy.int64", "i8",
            "numpy.int32", "i4",
            "numpy.bool_", "b1",
            "numpy.bool", "b1",
            "numpy.uint8", "u1",
            "numpy.object_", "O");
    String code = codes.get(name);
    if (code == null) {
      throw PickleErrors.unsupportedArray("an array of the type " + name);
    }
    return DType.parse(code).orElseThrow();
  }

  static void buildType(PyDType target, Object state) {
    if (!(state instanceof PySequence parts && parts.isTuple() && parts.size() >= 5)) {
      throw PickleErrors.invalidArray("a NumPy type with an unknown state");
    }
    if (parts.item(2) != PyNone.NONE) {
      throw PickleErrors.unsupportedArray("an array of arrays (a NumPy subarray type)");
    }
    DType base = target.type();
    ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    if (parts.item(1) instanceof String text && text.equals(">")) {
      order = ByteOrder.BIG_ENDIAN;
    }
    int itemSize = base.itemSize();
    if (parts.size() > 5 && parts.item(5) instanceof Long size && size > 0) {
      if (size > Integer.MAX_VALUE || (base.kind() != 'V' && size != itemSize)) {
        throw PickleErrors.invalidArray("a NumPy type " + base + " of " + size + " bytes");
      }
      itemSize = size.intValue();
    }
    DType complete = new DType(base.kind(), itemSize, order, fields(parts.item(3), parts.item(4)));
    if (!target.complete(complete)) {
      throw PickleErrors.invalidArray("a NumPy type that is described twice");
    }
  }

  private static Map<String, DType.Field> fields(Object names, Object described) {
    Map<String, DType.Field> fields = new LinkedHashMap<>();
    if (names == PyNone.NONE) {
      return fields;
    }
    if (names instanceof PySequence order && described instanceof PyDict all) {
      for (Object name : order.items()) {
        if (name instanceof String text
            && all.find(text) instanceof PySequence field
            && field.size() >= 2
            && field.item(0) instanceof PyDType type
            && field.item(1) instanceof Long offset
            && offset >= 0
            && offset <= Integer.MAX_VALUE
            && type.type().fields().isEmpty()) {
          fields.put(text, new DType.Field(type.type(), offset.intValue()));
        } else {
          throw PickleErrors.invalidArray("a structured NumPy type with an unknown field");
        }
      }
      return fields;
    }
    throw PickleErrors.invalidArray("a structured NumPy type with an unknown state");
  }

  static void buildArray(NdArray target, Object state) {
    if (target.isBuilt()) {
      throw PickleErrors.invalidArray("an array that is described twice");
    }
    if (!(state instanceof PySequence parts && parts.isTuple() && parts.size() == 5)
        || !(parts.item(2) instanceof PyDType dtype)
        || !(parts.item(3) instanceof Boolean fortran)) {
      throw PickleErrors.invalidArray("an array with an unknown state");
    }
    int[] shape = shape(parts.item(1));
    Object data = parts.item(4);
    if (dtype.type().isObject()) {
      if (!(data instanceof PySequence objects)) {
        throw PickleErrors.invalidArray("an array of objects without its objects");
      }
      target.fill(shape, objects.items());
    } else {
      target.fill(dtype.type(), shape, fortran, data(data));
    }
  }

  private static PyBytes data(Object data) {
    if (data instanceof PyBytes bytes) {
      return bytes;
    }
    if (data instanceof String text) {
      return latin1(text);
    }
    throw PickleErrors.invalidArray("an array without its bytes");
  }

  private static Object fromBuffer(List<Object> args, Budget budget) {
    if (args.size() == 4
        && args.get(0) instanceof PyBytes data
        && args.get(1) instanceof PyDType type
        && args.get(3) instanceof String order) {
      return NdArray.of(type.type(), shape(args.get(2)), order.equals("F"), data, budget);
    }
    throw PickleErrors.invalidArray("an array made of unknown parts");
  }

  private static Object scalar(List<Object> args, Budget budget) {
    if (args.size() != 2 || !(args.get(0) instanceof PyDType type)) {
      throw PickleErrors.invalidArray("a NumPy scalar of unknown parts");
    }
    if (type.type().isObject()) {
      return args.get(1);
    }
    NdArray array = NdArray.of(type.type(), new int[0], false, data(args.get(1)), budget);
    return type.type().kind() == 'V' ? array : array.values().get(0);
  }

  /** Protocol 2 has no bytes: they travel as text, one character a byte. */
  private static Object encode(List<Object> args, Budget budget) {
    if (args.size() == 2
        && args.get(0) instanceof String text
        && (args.get(1).equals("latin1") || args.get(1).equals("latin-1"))) {
      budget.charge(text.length());
      return latin1(text);
    }
    throw PickleErrors.invalidArray("bytes in an unknown encoding");
  }

  private static PyBytes latin1(String text) {
    if (!StandardCharsets.ISO_8859_1.newEncoder().canEncode(text)) {
      throw PickleErrors.invalidArray("bytes with a character above 255");
    }
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    return new PyBytes(bytes, 0, bytes.length);
  }

  private static Object bytes(String name, List<Object> args, Budget budget) {
    if (args.isEmpty()) {
      return new PyBytes(new byte[0], 0, 0);
    }
    if (args.get(0) instanceof PyBytes bytes) {
      return bytes;
    }
    if (args.get(0) instanceof String text) {
      budget.charge(text.length());
      return latin1(text);
    }
    throw PickleErrors.invalidArray(name + " of " + PickleErrors.describe(args.get(0)));
  }

  private static Object sequence(PySequence.Kind kind, List<Object> args, Budget budget) {
    if (args.isEmpty()) {
      return new PySequence(kind, List.of());
    }
    if (args.get(0) instanceof PySequence items) {
      budget.charge(8L * items.size());
      return new PySequence(kind, items.items());
    }
    throw PickleErrors.invalidArray("a " + kind + " of " + PickleErrors.describe(args.get(0)));
  }

  private static Object reconstructed(List<Object> args) {
    if (!args.isEmpty() && args.get(0) instanceof PyGlobal type) {
      return new PyObject(type.name(), new ArrayList<>(args.subList(1, args.size())));
    }
    throw PickleErrors.invalidArray("an object of no known class");
  }

  static int[] shape(Object value) {
    if (!(value instanceof PySequence extents)) {
      throw PickleErrors.invalidArray("an array without a shape");
    }
    int[] shape = new int[extents.size()];
    for (int i = 0; i < shape.length; i++) {
      if (!(extents.item(i) instanceof Long extent) || extent < 0 || extent > Integer.MAX_VALUE) {
        throw PickleErrors.invalidArray(
            "an array with the extent " + PickleErrors.describe(extents.item(i)));
      }
      shape[i] = extent.intValue();
    }
    return shape;
  }
}
