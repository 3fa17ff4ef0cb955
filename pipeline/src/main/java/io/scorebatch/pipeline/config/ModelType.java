package io.scorebatch.pipeline.config;

/** What a model's predictions are, which decides the columns of its table. */
public enum ModelType {
  REGRESSION,
  CLASSIFICATION,
  MULTICLASS,
  ANOMALY_DETECTION,
  /** Whatever the model's own {@code predict} returns. */
  RAW
}
