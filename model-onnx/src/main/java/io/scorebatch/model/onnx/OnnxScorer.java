package io.scorebatch.model.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.RunOptions;
import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.RejectedValueException.Reason;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.model.onnx.Reading.Form;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Runs a session on blocks of rows. Thread-safe: a session may run in any number of threads. */
final class OnnxScorer implements Scorer {
  private static final int MOST_ROWS = 2048;

  /** How far from 1 the probabilities of a row may sum to, in float32. */
  private static final double SUM_TOLERANCE = 1e-3;

  private final Path file;
  private final OrtSession session;
  private final OnnxInputs inputs;
  private final List<Reading> readings;
  private final Set<String> wanted = new LinkedHashSet<>();
  private final Map<Object, Integer> labelIndex = new HashMap<>();
  private final List<Integer> probabilities;
  private final int rowsPerRun;

  /** Shared by all runs: one switch stops them. */
  private final RunOptions running;

  private volatile boolean cancelled;

  OnnxScorer(
      Path file,
      OrtSession session,
      RunOptions running,
      OnnxInputs inputs,
      Optional<Labels> labels,
      List<Reading> readings) {
    this.file = file;
    this.session = session;
    this.running = running;
    this.inputs = inputs;
    this.readings = List.copyOf(readings);
    readings.forEach(reading -> wanted.add(reading.output().name()));
    List<Object> classes = labels.map(Labels::values).orElse(List.of());
    for (int i = 0; i < classes.size(); i++) {
      labelIndex.put(classes.get(i), i);
    }
    probabilities =
        IntStream.range(0, readings.size())
            .filter(i -> readings.get(i).column().kind() == OutputKind.PREDICT_PROBA)
            .boxed()
            .toList();
    boolean oneRow =
        Stream.concat(inputs.matrix().stream(), inputs.single().stream())
            .anyMatch(input -> input.shape() != null && input.shape().get(0) == 1);
    rowsPerRun = oneRow ? 1 : MOST_ROWS;
  }

  @Override
  public List<ModelInput> inputs() {
    return inputs.columns();
  }

  @Override
  public List<ScoreColumn> outputs() {
    return readings.stream().map(Reading::column).toList();
  }

  @Override
  public void score(ColumnBlock in, ScoreBlock out) {
    for (int from = 0; from < in.rows(); from += rowsPerRun) {
      int count = Math.min(rowsPerRun, in.rows() - from);
      Map<String, OnnxTensor> feed = new LinkedHashMap<>();
      try {
        fill(in, from, count, feed);
        try (OrtSession.Result result = session.run(feed, wanted, running)) {
          read(result, from, count, out);
        }
      } catch (OrtException e) {
        if (cancelled) {
          throw OnnxErrors.interrupted(file);
        }
        throw OnnxErrors.failed(file, "score " + count + " rows with", e);
      } finally {
        feed.values().forEach(OnnxTensor::close);
      }
    }
    requireProbabilities(in.rows(), out);
  }

  private void fill(ColumnBlock in, int from, int count, Map<String, OnnxTensor> feed)
      throws OrtException {
    if (inputs.matrix().isPresent()) {
      GraphValue input = inputs.matrix().get();
      int[] columns = new int[inputs.columns().size()];
      for (int i = 0; i < columns.length; i++) {
        columns[i] = i;
      }
      feed.put(input.name(), tensor(input, columns, in, from, count));
      return;
    }
    for (int i = 0; i < inputs.single().size(); i++) {
      GraphValue input = inputs.single().get(i);
      feed.put(input.name(), tensor(input, new int[] {i}, in, from, count));
    }
  }

  /** A row-major tensor of some columns. */
  private static OnnxTensor tensor(
      GraphValue input, int[] columns, ColumnBlock in, int from, int count) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    int width = columns.length;
    long[] shape =
        input.shape() != null && input.shape().size() == 1
            ? new long[] {count}
            : new long[] {count, width};
    switch (input.element().orElseThrow()) {
      case FLOAT:
        float[] floats = new float[count * width];
        for (int c = 0; c < width; c++) {
          double[] values = in.numbers(columns[c]);
          for (int r = 0, to = c; r < count; r++, to += width) {
            floats[to] = (float) values[from + r];
          }
        }
        return OnnxTensor.createTensor(environment, FloatBuffer.wrap(floats), shape);
      case DOUBLE:
        double[] doubles = new double[count * width];
        for (int c = 0; c < width; c++) {
          double[] values = in.numbers(columns[c]);
          for (int r = 0, to = c; r < count; r++, to += width) {
            doubles[to] = values[from + r];
          }
        }
        return OnnxTensor.createTensor(environment, DoubleBuffer.wrap(doubles), shape);
      case INT64:
        long[] longs = new long[count * width];
        for (int c = 0; c < width; c++) {
          double[] values = in.numbers(columns[c]);
          for (int r = 0, to = c; r < count; r++, to += width) {
            longs[to] = whole(values[from + r], from + r, columns[c], 0x1p63);
          }
        }
        return OnnxTensor.createTensor(environment, LongBuffer.wrap(longs), shape);
      case INT32:
        int[] ints = new int[count * width];
        for (int c = 0; c < width; c++) {
          double[] values = in.numbers(columns[c]);
          for (int r = 0, to = c; r < count; r++, to += width) {
            ints[to] = (int) whole(values[from + r], from + r, columns[c], 0x1p31);
          }
        }
        return OnnxTensor.createTensor(environment, IntBuffer.wrap(ints), shape);
      case BOOL:
        ByteBuffer flags = ByteBuffer.allocateDirect(count * width);
        for (int c = 0; c < width; c++) {
          double[] values = in.numbers(columns[c]);
          for (int r = 0, to = c; r < count; r++, to += width) {
            double value = values[from + r];
            requireNumber(value, from + r, columns[c]);
            flags.put(to, (byte) (value == 0 ? 0 : 1));
          }
        }
        return OnnxTensor.createTensor(environment, flags, shape, OnnxJavaType.BOOL);
      case STRING:
        String[] texts = new String[count * width];
        for (int c = 0; c < width; c++) {
          @Nullable String[] values = in.texts(columns[c]);
          for (int r = 0, to = c; r < count; r++, to += width) {
            String text = values[from + r];
            if (text == null) {
              throw new RejectedValueException(from + r, columns[c], Reason.NAN, "NULL");
            }
            texts[to] = text;
          }
        }
        return OnnxTensor.createTensor(environment, texts, shape);
    }
    throw new IllegalStateException(input.toString());
  }

  private static long whole(double value, int row, int column, double limit) {
    requireNumber(value, row, column);
    if (value != Math.rint(value) || value < -limit || value >= limit) {
      throw new RejectedValueException(row, column, Reason.OUT_OF_RANGE, String.valueOf(value));
    }
    return (long) value;
  }

  private static void requireNumber(double value, int row, int column) {
    if (Double.isNaN(value)) {
      throw new RejectedValueException(row, column, Reason.NAN, "NaN");
    }
  }

  private void read(OrtSession.Result result, int from, int count, ScoreBlock out)
      throws OrtException {
    Map<String, Rows> outputs = new HashMap<>();
    for (Map.Entry<String, OnnxValue> entry : result) {
      outputs.put(entry.getKey(), Rows.of((OnnxTensor) entry.getValue()));
    }
    for (int i = 0; i < readings.size(); i++) {
      Reading reading = readings.get(i);
      Rows rows = outputs.get(reading.output().name());
      if (rows == null || rows.size() != (long) count * reading.width()) {
        throw OnnxErrors.wrongSize(
            file,
            reading.output().name(),
            rows == null ? 0 : rows.size(),
            (long) count * reading.width());
      }
      if (reading.form() == Form.TEXTS) {
        @Nullable String[] texts = out.texts(i);
        for (int r = 0; r < count; r++) {
          texts[from + r] = String.valueOf(rows.value(r * reading.width() + reading.position()));
        }
      } else {
        readNumbers(reading, rows, from, count, out.numbers(i));
      }
    }
  }

  private void readNumbers(Reading reading, Rows rows, int from, int count, double[] to) {
    for (int r = 0; r < count; r++) {
      int at = r * reading.width() + reading.position();
      if (reading.form() == Form.LABELS) {
        Object label = rows.value(at);
        Integer index = labelIndex.get(label);
        if (index == null) {
          throw OnnxErrors.unknownLabel(file, label);
        }
        to[from + r] = index;
      } else {
        to[from + r] = rows.number(at);
      }
    }
  }

  /** An output called probabilities may hold raw scores, and only its values tell. */
  private void requireProbabilities(int count, ScoreBlock out) {
    if (probabilities.isEmpty()) {
      return;
    }
    double[] sums = new double[count];
    String output = readings.get(probabilities.get(0)).output().name();
    for (int index : probabilities) {
      double[] values = out.numbers(index);
      for (int r = 0; r < count; r++) {
        if (values[r] < -SUM_TOLERANCE || values[r] > 1 + SUM_TOLERANCE) {
          throw OnnxErrors.noProbability(file, output, values[r]);
        }
        sums[r] += values[r];
      }
    }
    for (int r = 0; r < count; r++) {
      if (Math.abs(sums[r] - 1) > SUM_TOLERANCE) {
        throw OnnxErrors.noProbability(
            file, output, out.numbers(probabilities.get(probabilities.size() - 1))[r]);
      }
    }
  }

  /** The runtime looks between two operators, so also in a loop. */
  @Override
  public void cancel() {
    cancelled = true;
    try {
      running.setTerminate(true);
    } catch (OrtException e) {
      throw OnnxErrors.failed(file, "stop", e);
    }
  }

  @Override
  public void close() {
    running.close();
    try {
      session.close();
    } catch (OrtException e) {
      throw OnnxErrors.failed(file, "close", e);
    }
  }
}
