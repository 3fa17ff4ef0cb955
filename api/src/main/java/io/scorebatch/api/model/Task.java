package io.scorebatch.api.model;

/** What a model answers. */
public enum Task {
  REGRESSION,
  BINARY_CLASSIFICATION,
  MULTICLASS_CLASSIFICATION,
  /** Several labels a row. */
  MULTI_OUTPUT_CLASSIFICATION,
  ANOMALY_DETECTION,
  CLUSTERING,
  TRANSFORMATION,
  /** A foreign model whose task its file does not say. */
  UNKNOWN
}
