package io.scorebatch.engine.spark;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Plans and models as bytes, for the way to the executors. Records are sent by their components and
 * made again by their constructors, which check what they are given.
 */
final class Portable {
  private static final String OURS = "io.scorebatch.";

  private Portable() {}

  static byte[] bytes(Object value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Out out = new Out(bytes)) {
      out.writeObject(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static Object value(byte[] bytes) {
    try (In in = new In(new ByteArrayInputStream(bytes))) {
      return in.readObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("executors lack a class the driver has", e);
    }
  }

  /** What stands for a value that Java does not serialize. */
  private interface Form extends Serializable {
    Object value();
  }

  private record RecordForm(String type, @Nullable Object[] components) implements Form {
    static RecordForm of(Record value) {
      RecordComponent[] components = value.getClass().getRecordComponents();
      @Nullable Object[] values = new @Nullable Object[components.length];
      try {
        for (int i = 0; i < values.length; i++) {
          components[i].getAccessor().setAccessible(true);
          values[i] = components[i].getAccessor().invoke(value);
        }
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
      return new RecordForm(value.getClass().getName(), values);
    }

    @Override
    public Object value() {
      if (!type.startsWith(OURS)) {
        throw new IllegalArgumentException(type + " is none of our records");
      }
      try {
        Class<?> found = Class.forName(type, false, Portable.class.getClassLoader());
        Class<?>[] types =
            Arrays.stream(found.getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new);
        var constructor = found.getDeclaredConstructor(types);
        constructor.setAccessible(true);
        return constructor.newInstance(components);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("cannot make a " + type, e);
      }
    }
  }

  private record OptionalForm(@Nullable Object content) implements Form {
    @Override
    public Object value() {
      return Optional.ofNullable(content);
    }
  }

  private record PathForm(String path) implements Form {
    @Override
    public Object value() {
      return Path.of(path);
    }
  }

  private static final class Out extends ObjectOutputStream {
    Out(OutputStream out) throws IOException {
      super(out);
      enableReplaceObject(true);
    }

    @Override
    protected Object replaceObject(Object value) {
      if (value instanceof Optional<?> optional) {
        return new OptionalForm(optional.isPresent() ? optional.get() : null);
      }
      if (value instanceof Path path) {
        return new PathForm(path.toString());
      }
      return value instanceof Record found && !(value instanceof Serializable)
          ? RecordForm.of(found)
          : value;
    }
  }

  private static final class In extends ObjectInputStream {
    In(InputStream in) throws IOException {
      super(in);
      enableResolveObject(true);
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass description)
        throws IOException, ClassNotFoundException {
      return description.getName().startsWith(OURS)
          ? Class.forName(description.getName(), false, Portable.class.getClassLoader())
          : super.resolveClass(description);
    }

    @Override
    protected Object resolveObject(Object value) {
      return value instanceof Form form ? form.value() : value;
    }
  }
}
