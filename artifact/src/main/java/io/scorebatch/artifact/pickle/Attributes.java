package io.scorebatch.artifact.pickle;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * Named values of a Python object or dictionary with typed access. Every accessor without {@code
 * Or} throws a {@link io.scorebatch.api.error.ScorebatchException} ({@code MODEL_UNREADABLE}) that
 * names owner and attribute where the attribute is absent, {@code None} or of another type; those
 * with {@code Or} answer the fallback where it is absent or {@code None}.
 */
public interface Attributes {
  /** Who has the attributes, for messages: a class's simple name. */
  String owner();

  /** The value, {@link PyNone} for {@code None}; null where absent. */
  @Nullable Object find(String name);

  /** Whether the attribute is present and not {@code None}. */
  default boolean has(String name) {
    Object value = find(name);
    return value != null && value != PyNone.NONE;
  }

  /** The value, {@link PyNone} for {@code None}. */
  default Object attribute(String name) {
    Object value = find(name);
    if (value == null) {
      throw PickleErrors.attributeMissing(owner(), name);
    }
    return value;
  }

  default String text(String name) {
    if (attribute(name) instanceof String text) {
      return text;
    }
    throw wrongType(name, "text");
  }

  default String textOr(String name, String fallback) {
    return has(name) ? text(name) : fallback;
  }

  default long integer(String name) {
    Object value = scalar(attribute(name));
    if (value instanceof Long number) {
      return number;
    }
    if (value instanceof Boolean flag) {
      return flag ? 1 : 0;
    }
    throw wrongType(name, "an integer");
  }

  default long integerOr(String name, long fallback) {
    return has(name) ? integer(name) : fallback;
  }

  /** An integer that must lie between two bounds, both included. */
  default int count(String name, int least, int most) {
    long value = integer(name);
    if (value < least || value > most) {
      throw PickleErrors.attributeInvalid(
          owner(), name, value + " is not between " + least + " and " + most);
    }
    return (int) value;
  }

  default double number(String name) {
    Object value = scalar(attribute(name));
    if (value instanceof Double number) {
      return number;
    }
    if (value instanceof Long || value instanceof BigInteger) {
      return ((Number) value).doubleValue();
    }
    if (value instanceof Boolean flag) {
      return flag ? 1 : 0;
    }
    throw wrongType(name, "a number");
  }

  default double numberOr(String name, double fallback) {
    return has(name) ? number(name) : fallback;
  }

  default boolean flag(String name) {
    Object value = scalar(attribute(name));
    if (value instanceof Boolean flag) {
      return flag;
    }
    if (value instanceof Long number) {
      return number != 0;
    }
    throw wrongType(name, "a boolean");
  }

  default boolean flagOr(String name, boolean fallback) {
    return has(name) ? flag(name) : fallback;
  }

  default NdArray array(String name) {
    if (attribute(name) instanceof NdArray array) {
      return array;
    }
    throw wrongType(name, "an array");
  }

  default PyObject object(String name) {
    if (attribute(name) instanceof PyObject object) {
      return object;
    }
    throw wrongType(name, "an object");
  }

  /** A list, tuple or set. */
  default PySequence sequence(String name) {
    if (attribute(name) instanceof PySequence sequence) {
      return sequence;
    }
    throw wrongType(name, "a list");
  }

  default PyDict dict(String name) {
    if (attribute(name) instanceof PyDict dict) {
      return dict;
    }
    throw wrongType(name, "a dict");
  }

  default PyBytes bytes(String name) {
    if (attribute(name) instanceof PyBytes bytes) {
      return bytes;
    }
    throw wrongType(name, "bytes");
  }

  private static Object scalar(Object value) {
    return value instanceof NdArray array && array.size() == 1 && array.rank() == 0
        ? array.values().get(0)
        : value;
  }

  private RuntimeException wrongType(String name, String wanted) {
    return PickleErrors.attributeType(owner(), name, PickleErrors.describe(find(name)), wanted);
  }
}
