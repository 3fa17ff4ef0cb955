package org.duckdb;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * A scalar function over whole column blocks, with several results.
 *
 * <p>The driver's public functions read one value a call and return one column. This class uses the
 * driver's own bindings instead, which copy a column at once and know STRUCT; they are private to
 * the driver, so the driver's version is pinned and a test checks both the version and each binding
 * used here. DuckDB calls a function from its own threads, several at a time; each chunk may come
 * from a new Java thread.
 */
@NullMarked
public final class BlockFunction {
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

  /** Longest text DuckDB keeps inside a vector's 16-byte entry. */
  private static final int INLINE_TEXT = 12;

  private static final int TEXT_ENTRY = 16;

  private BlockFunction() {}

  /** Types of parameters and results. */
  public enum ValueType {
    /** Numbers; NULL is read as NaN. */
    DOUBLE(DuckDBBindings.CAPIType.DUCKDB_TYPE_DOUBLE),
    /** Text, null where NULL. */
    VARCHAR(DuckDBBindings.CAPIType.DUCKDB_TYPE_VARCHAR),
    /** Whole numbers. */
    BIGINT(DuckDBBindings.CAPIType.DUCKDB_TYPE_BIGINT),
    /** True or not. */
    BOOLEAN(DuckDBBindings.CAPIType.DUCKDB_TYPE_BOOLEAN);

    private final DuckDBBindings.CAPIType id;

    ValueType(DuckDBBindings.CAPIType id) {
      this.id = id;
    }
  }

  /** A field of the STRUCT a function returns. */
  public record ResultField(String name, ValueType type) {}

  /** What a function does with a block. Must be safe for several threads at once. */
  @FunctionalInterface
  public interface Body {
    /**
     * Reads the block's columns and fills all of its results. What it throws fails the statement;
     * it never reaches native code.
     */
    void apply(Block block);
  }

  /** Rows in one block, at most. */
  public static int blockRows() {
    return Math.toIntExact(DuckDBBindings.duckdb_vector_size());
  }

  /**
   * Registers a function that returns a STRUCT, evaluated for every row. A function of that name is
   * replaced.
   *
   * @param connection a connection of the database that is to know the function
   * @param name lower-case name
   * @param parameters types of the parameters
   * @param results fields of the STRUCT, at least one
   * @param body what it does
   */
  public static void register(
      Connection connection,
      String name,
      List<ValueType> parameters,
      List<ResultField> results,
      Body body)
      throws SQLException {
    DuckDBConnection duck = connection.unwrap(DuckDBConnection.class);
    ByteBuffer function = DuckDBBindings.duckdb_create_scalar_function();
    try {
      DuckDBBindings.duckdb_scalar_function_set_name(function, utf8(name));
      for (ValueType parameter : parameters) {
        ByteBuffer type = DuckDBBindings.duckdb_create_logical_type(parameter.id.typeId);
        DuckDBBindings.duckdb_scalar_function_add_parameter(function, type);
        DuckDBBindings.duckdb_destroy_logical_type(type);
      }
      ByteBuffer[] types = new ByteBuffer[results.size()];
      byte[][] names = new byte[results.size()][];
      for (int i = 0; i < types.length; i++) {
        types[i] = DuckDBBindings.duckdb_create_logical_type(results.get(i).type().id.typeId);
        names[i] = utf8(results.get(i).name());
      }
      ByteBuffer struct = DuckDBBindings.duckdb_create_struct_type(types, names);
      DuckDBBindings.duckdb_scalar_function_set_return_type(function, struct);
      DuckDBBindings.duckdb_destroy_logical_type(struct);
      for (ByteBuffer type : types) {
        DuckDBBindings.duckdb_destroy_logical_type(type);
      }
      // Volatile: never folded over constant arguments, so every row is seen exactly once.
      DuckDBBindings.duckdb_scalar_function_set_volatile(function);
      DuckDBBindings.duckdb_scalar_function_set_special_handling(function);
      DuckDBBindings.duckdb_scalar_function_set_extra_info(function, new Callback(body));
      DuckDBBindings.duckdb_scalar_function_set_function(function);
      duck.connRefLock.lock();
      try {
        duck.checkOpen();
        if (DuckDBBindings.duckdb_register_scalar_function(duck.connRef, function) != 0) {
          throw new SQLException("function '" + name + "' could not be registered");
        }
      } finally {
        duck.connRefLock.unlock();
      }
    } finally {
      DuckDBBindings.duckdb_destroy_scalar_function(function);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** What native code calls. */
  private static final class Callback extends DuckDBScalarFunctionWrapper {
    private final Body body;

    Callback(Body body) {
      super((in, out) -> {});
      this.body = body;
    }

    @Override
    public void execute(ByteBuffer info, ByteBuffer chunk, ByteBuffer out) {
      try {
        body.apply(new Block(chunk, out));
      } catch (Throwable e) { // NOPMD: nothing may unwind into native code
        DuckDBBindings.duckdb_scalar_function_set_error(info, utf8(String.valueOf(e)));
      }
    }
  }

  /** A chunk's columns and results. Valid only while the call that was given it lasts. */
  public static final class Block {
    private final ByteBuffer chunk;
    private final ByteBuffer out;
    private final int rows;

    private Block(ByteBuffer chunk, ByteBuffer out) {
      this.chunk = chunk;
      this.out = out;
      this.rows = Math.toIntExact(DuckDBBindings.duckdb_data_chunk_get_size(chunk));
    }

    public int rows() {
      return rows;
    }

    /** Copies a DOUBLE column; NaN where NULL. */
    public void numbers(int column, double[] into) {
      ByteBuffer vector = DuckDBBindings.duckdb_data_chunk_get_vector(chunk, column);
      doubles(vector).get(into, 0, rows);
      ByteBuffer validity = validity(vector);
      if (validity != null) {
        for (int from = 0; from < rows; from += Long.SIZE) {
          long nulls = ~validity.getLong(from / Byte.SIZE);
          if (rows - from < Long.SIZE) {
            nulls &= (1L << (rows - from)) - 1;
          }
          for (; nulls != 0; nulls &= nulls - 1) {
            into[from + Long.numberOfTrailingZeros(nulls)] = Double.NaN;
          }
        }
      }
    }

    /** Copies a VARCHAR column; null where NULL. */
    public void texts(int column, @Nullable String[] into) {
      ByteBuffer vector = DuckDBBindings.duckdb_data_chunk_get_vector(chunk, column);
      ByteBuffer data =
          DuckDBBindings.duckdb_vector_get_data(vector, (long) rows * TEXT_ENTRY).order(NATIVE);
      ByteBuffer validity = validity(vector);
      byte[] inline = new byte[INLINE_TEXT];
      for (int row = 0; row < rows; row++) {
        if (isNull(validity, row)) {
          into[row] = null;
          continue;
        }
        int length = data.getInt(row * TEXT_ENTRY);
        if (length <= INLINE_TEXT) {
          data.get(row * TEXT_ENTRY + Integer.BYTES, inline, 0, length);
          into[row] = new String(inline, 0, length, StandardCharsets.UTF_8);
        } else {
          into[row] =
              new String(
                  DuckDBBindings.duckdb_vector_get_string(data, row), StandardCharsets.UTF_8);
        }
      }
    }

    /** Copies a BIGINT column; the substitute where NULL. */
    public void integers(int column, long[] into, long substitute) {
      ByteBuffer vector = DuckDBBindings.duckdb_data_chunk_get_vector(chunk, column);
      longs(vector).get(into, 0, rows);
      ByteBuffer validity = validity(vector);
      for (int row = 0; validity != null && row < rows; row++) {
        if (isNull(validity, row)) {
          into[row] = substitute;
        }
      }
    }

    /** Copies a column of a type as Double, String, Long or Boolean; null where NULL. */
    public void values(int column, ValueType type, @Nullable Object[] into) {
      if (type == ValueType.VARCHAR) {
        @Nullable String[] texts = new @Nullable String[rows];
        texts(column, texts);
        System.arraycopy(texts, 0, into, 0, rows);
        return;
      }
      ByteBuffer vector = DuckDBBindings.duckdb_data_chunk_get_vector(chunk, column);
      ByteBuffer validity = validity(vector);
      int width = type == ValueType.BOOLEAN ? 1 : Long.BYTES;
      ByteBuffer data =
          DuckDBBindings.duckdb_vector_get_data(vector, (long) rows * width).order(NATIVE);
      for (int row = 0; row < rows; row++) {
        if (isNull(validity, row)) {
          into[row] = null;
        } else if (type == ValueType.BOOLEAN) {
          into[row] = data.get(row) != 0;
        } else if (type == ValueType.BIGINT) {
          into[row] = data.getLong(row * Long.BYTES);
        } else {
          into[row] = data.getDouble(row * Double.BYTES);
        }
      }
    }

    /** Fills a DOUBLE result. */
    public void putNumbers(int field, double[] from) {
      doubles(DuckDBBindings.duckdb_struct_vector_get_child(out, field)).put(from, 0, rows);
    }

    /** Fills a VARCHAR result; null becomes NULL. */
    public void putTexts(int field, @Nullable String[] from) {
      ByteBuffer vector = DuckDBBindings.duckdb_struct_vector_get_child(out, field);
      ByteBuffer validity = null;
      for (int row = 0; row < rows; row++) {
        String text = from[row];
        if (text != null) {
          DuckDBBindings.duckdb_vector_assign_string_element_len(vector, row, utf8(text));
          continue;
        }
        if (validity == null) {
          DuckDBBindings.duckdb_vector_ensure_validity_writable(vector);
          validity = DuckDBBindings.duckdb_vector_get_validity(vector, rows);
        }
        DuckDBBindings.duckdb_validity_set_row_validity(validity, row, false);
      }
    }

    /** Fills a result of a type with Double, String, Long or Boolean; null becomes NULL. */
    public void putValues(int field, ValueType type, @Nullable Object[] from) {
      if (type == ValueType.VARCHAR) {
        @Nullable String[] texts = new @Nullable String[rows];
        for (int row = 0; row < rows; row++) {
          texts[row] = (String) from[row];
        }
        putTexts(field, texts);
        return;
      }
      ByteBuffer vector = DuckDBBindings.duckdb_struct_vector_get_child(out, field);
      int width = type == ValueType.BOOLEAN ? 1 : Long.BYTES;
      ByteBuffer data =
          DuckDBBindings.duckdb_vector_get_data(vector, (long) rows * width).order(NATIVE);
      ByteBuffer validity = null;
      for (int row = 0; row < rows; row++) {
        Object value = from[row];
        if (value == null) {
          if (validity == null) {
            DuckDBBindings.duckdb_vector_ensure_validity_writable(vector);
            validity = DuckDBBindings.duckdb_vector_get_validity(vector, rows);
          }
          DuckDBBindings.duckdb_validity_set_row_validity(validity, row, false);
        } else if (type == ValueType.BOOLEAN) {
          data.put(row, (byte) ((Boolean) value ? 1 : 0));
        } else if (type == ValueType.BIGINT) {
          data.putLong(row * Long.BYTES, (Long) value);
        } else {
          data.putDouble(row * Double.BYTES, (Double) value);
        }
      }
    }

    /** Fills a BIGINT result. */
    public void putIntegers(int field, long[] from) {
      longs(DuckDBBindings.duckdb_struct_vector_get_child(out, field)).put(from, 0, rows);
    }

    /** Fills a result with NULL. */
    public void putNulls(int field) {
      ByteBuffer vector = DuckDBBindings.duckdb_struct_vector_get_child(out, field);
      DuckDBBindings.duckdb_vector_ensure_validity_writable(vector);
      ByteBuffer validity = DuckDBBindings.duckdb_vector_get_validity(vector, rows);
      for (int from = 0; from < rows; from += Long.SIZE) {
        validity.putLong(from / Byte.SIZE, 0);
      }
    }

    /** Fills a BOOLEAN result. */
    public void putFlags(int field, boolean[] from) {
      ByteBuffer vector = DuckDBBindings.duckdb_struct_vector_get_child(out, field);
      ByteBuffer data = DuckDBBindings.duckdb_vector_get_data(vector, rows);
      for (int row = 0; row < rows; row++) {
        data.put(row, (byte) (from[row] ? 1 : 0));
      }
    }

    private LongBuffer longs(ByteBuffer vector) {
      return DuckDBBindings.duckdb_vector_get_data(vector, (long) rows * Long.BYTES)
          .order(NATIVE)
          .asLongBuffer();
    }

    private DoubleBuffer doubles(ByteBuffer vector) {
      return DuckDBBindings.duckdb_vector_get_data(vector, (long) rows * Double.BYTES)
          .order(NATIVE)
          .asDoubleBuffer();
    }

    private @Nullable ByteBuffer validity(ByteBuffer vector) {
      ByteBuffer validity = DuckDBBindings.duckdb_vector_get_validity(vector, rows);
      return validity == null ? null : validity.order(NATIVE);
    }

    private static boolean isNull(@Nullable ByteBuffer validity, int row) {
      return validity != null
          && (validity.getLong(row / Long.SIZE * Long.BYTES) >>> (row % Long.SIZE) & 1) == 0;
    }
  }
}
