package io.scorebatch.model.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;

/** The values of an output, row after row: as numbers, or as labels and texts. Immutable. */
final class Rows {
  private final double[] numbers;
  private final Object[] values;

  private Rows(double[] numbers, Object[] values) {
    this.numbers = numbers;
    this.values = values;
  }

  int size() {
    return Math.max(numbers.length, values.length);
  }

  double number(int index) {
    return numbers[index];
  }

  /** A String, or a Long for whole numbers. */
  Object value(int index) {
    return values.length > 0 ? values[index] : (Object) (long) numbers[index];
  }

  /** Copies an output. */
  static Rows of(OnnxTensor tensor) throws OrtException {
    int size = (int) tensor.getInfo().getNumElements();
    double[] numbers = new double[size];
    switch (tensor.getInfo().type) {
      case FLOAT:
        var floats = tensor.getFloatBuffer();
        for (int i = 0; i < size; i++) {
          numbers[i] = floats.get(i);
        }
        break;
      case DOUBLE:
        tensor.getDoubleBuffer().get(numbers);
        break;
      case INT64:
        var longs = tensor.getLongBuffer();
        // Labels beyond 2^53 keep their digits; numbers cannot.
        Object[] labels = new Object[size];
        for (int i = 0; i < size; i++) {
          labels[i] = longs.get(i);
          numbers[i] = longs.get(i);
        }
        return new Rows(numbers, labels);
      case INT32:
        var ints = tensor.getIntBuffer();
        for (int i = 0; i < size; i++) {
          numbers[i] = ints.get(i);
        }
        break;
      case BOOL:
        var flags = tensor.getByteBuffer();
        for (int i = 0; i < size; i++) {
          numbers[i] = flags.get(i);
        }
        break;
      case STRING:
        return new Rows(new double[0], texts(tensor, size));
      default:
        throw new IllegalStateException(tensor.getInfo().toString());
    }
    return new Rows(numbers, new Object[0]);
  }

  private static Object[] texts(OnnxTensor tensor, int size) throws OrtException {
    Object[] texts = new Object[size];
    int to = 0;
    Object value = tensor.getValue();
    if (value instanceof String[][] table) {
      for (String[] row : table) {
        for (String text : row) {
          texts[to++] = text;
        }
      }
    } else {
      System.arraycopy((Object[]) value, 0, texts, 0, size);
    }
    return texts;
  }
}
