package io.scorebatch.model.python;

import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.ScoreColumn;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Writes blocks of rows as Arrow streams and reads the answers. Numbers cross as float64, NaN where
 * missing; texts as strings, null where missing; the worker gives them the types of the signature.
 * Safe for any number of threads.
 */
final class ArrowBlocks implements AutoCloseable {
  private final Path model;
  private final List<ModelInput> inputs;
  private final List<ScoreColumn> outputs;
  private final Schema schema;
  private final BufferAllocator allocator;

  ArrowBlocks(Path model, List<ModelInput> inputs, List<ScoreColumn> outputs) {
    this.model = model;
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    List<Field> fields = new ArrayList<>();
    for (ModelInput input : inputs) {
      ArrowType type =
          input.text()
              ? ArrowType.Utf8.INSTANCE
              : new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
      fields.add(new Field(input.name(), FieldType.nullable(type), null));
    }
    schema = new Schema(fields);
    if (!java.nio.Buffer.class.getModule().isOpen("java.nio", ArrowBlocks.class.getModule())) {
      throw PythonErrors.arrowClosed();
    }
    allocator = new RootAllocator();
  }

  /** Rows {@code from} to {@code from + count} as an Arrow stream of one batch. */
  byte[] encode(ColumnBlock in, int from, int count) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(count * inputs.size() * 9 + 1024);
    try (VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator);
        ArrowStreamWriter writer = new ArrowStreamWriter(root, null, Channels.newChannel(bytes))) {
      for (int c = 0; c < inputs.size(); c++) {
        if (inputs.get(c).text()) {
          fill((VarCharVector) root.getVector(c), in.texts(c), from, count);
        } else {
          fill((Float8Vector) root.getVector(c), in.numbers(c), from, count);
        }
      }
      root.setRowCount(count);
      writer.start();
      writer.writeBatch();
      writer.end();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void fill(Float8Vector vector, double[] values, int from, int count) {
    vector.allocateNew(count);
    for (int r = 0; r < count; r++) {
      vector.set(r, values[from + r]);
    }
    vector.setValueCount(count);
  }

  private static void fill(VarCharVector vector, @Nullable String[] values, int from, int count) {
    vector.allocateNew(count);
    for (int r = 0; r < count; r++) {
      String value = values[from + r];
      if (value != null) {
        vector.setSafe(r, value.getBytes(StandardCharsets.UTF_8));
      }
    }
    vector.setValueCount(count);
  }

  /** Writes an answer to rows {@code from} to {@code from + count}, once all of it is checked. */
  void decode(byte[] answer, ScoreBlock out, int from, int count) {
    try (ArrowStreamReader reader =
        new ArrowStreamReader(new ByteArrayInputStream(answer), allocator)) {
      VectorSchemaRoot root = reader.getVectorSchemaRoot();
      reader.loadNextBatch();
      List<FieldVector> vectors = vectors(root);
      for (int i = 0; i < outputs.size(); i++) {
        requireType(outputs.get(i), vectors.get(i));
      }
      if (root.getRowCount() != count) {
        throw new IllegalStateException(root.getRowCount() + " rows for " + count);
      }
      for (int i = 0; i < outputs.size(); i++) {
        FieldVector vector = vectors.get(i);
        if (outputs.get(i).type() == ScoreColumn.Type.TEXT) {
          @Nullable String[] texts = out.texts(i);
          for (int r = 0; r < count; r++) {
            texts[from + r] = text(vector, r);
          }
        } else {
          double missing = outputs.get(i).type() == ScoreColumn.Type.NUMBER ? Double.NaN : -1;
          double[] numbers = out.numbers(i);
          for (int r = 0; r < count; r++) {
            numbers[from + r] = vector.isNull(r) ? missing : number(vector, r);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The answer's columns in the order of the outputs: by name, but for a single one. */
  private List<FieldVector> vectors(VectorSchemaRoot root) {
    List<FieldVector> found = root.getFieldVectors();
    if (outputs.size() == 1 && found.size() == 1) {
      return found;
    }
    List<FieldVector> ordered = new ArrayList<>();
    for (ScoreColumn output : outputs) {
      FieldVector vector = root.getVector(output.name());
      if (vector != null) {
        ordered.add(vector);
      }
    }
    if (ordered.size() != outputs.size() || found.size() != outputs.size()) {
      throw PythonErrors.otherColumns(
          model,
          outputs.stream().map(ScoreColumn::name).toList(),
          found.stream().map(FieldVector::getName).toList());
    }
    return ordered;
  }

  private void requireType(ScoreColumn output, FieldVector vector) {
    boolean text = vector instanceof VarCharVector;
    // A column without any value may come in any type.
    boolean empty = vector.getNullCount() == vector.getValueCount();
    boolean fits =
        switch (output.type()) {
          case TEXT -> text || empty;
          case LABEL_INDEX -> vector instanceof BitVector || empty;
          case NUMBER -> vector instanceof BaseFixedWidthVector || empty;
        };
    if (!fits) {
      String wanted =
          switch (output.type()) {
            case TEXT -> "texts";
            case LABEL_INDEX -> "booleans";
            case NUMBER -> "numbers";
          };
      throw PythonErrors.otherType(model, output.name(), wanted, text ? "texts" : "numbers");
    }
  }

  private static double number(FieldVector vector, int row) {
    if (vector instanceof Float8Vector doubles) {
      return doubles.get(row);
    }
    if (vector instanceof BigIntVector longs) {
      return longs.get(row);
    }
    return ((BitVector) vector).get(row);
  }

  private static @Nullable String text(FieldVector vector, int row) {
    return vector.isNull(row) || !(vector instanceof VarCharVector texts)
        ? null
        : new String(texts.get(row), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    allocator.close();
  }
}
