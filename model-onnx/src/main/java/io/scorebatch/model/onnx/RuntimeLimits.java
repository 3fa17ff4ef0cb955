package io.scorebatch.model.onnx;

import java.util.Map;

/**
 * What our version of ONNX Runtime can load. It has no call that tells; a test holds these numbers
 * to what it does.
 */
final class RuntimeLimits {
  static final String VERSION = "1.29.0";
  static final long LARGEST_IR_VERSION = 13;

  /** Largest opset by domain; a domain that is not listed is unknown to the runtime. */
  static final Map<String, Long> LARGEST_OPSETS =
      Map.of("ai.onnx", 26L, "ai.onnx.ml", 5L, "com.microsoft", 1L);

  /** What converters write and every supported runtime reads. */
  static final int SUGGESTED_OPSET = 18;

  static final int SUGGESTED_ML_OPSET = 3;

  private RuntimeLimits() {}
}
