package io.scorebatch.model.onnx;

import java.util.Arrays;
import java.util.Optional;

/** The element types of ONNX tensors that can be a column. */
enum Element {
  FLOAT(1),
  INT32(6),
  INT64(7),
  STRING(8),
  BOOL(9),
  DOUBLE(11);

  private final long code;

  Element(long code) {
    this.code = code;
  }

  static Optional<Element> of(long code) {
    return Arrays.stream(values()).filter(element -> element.code == code).findFirst();
  }

  boolean isReal() {
    return this == FLOAT || this == DOUBLE;
  }
}
