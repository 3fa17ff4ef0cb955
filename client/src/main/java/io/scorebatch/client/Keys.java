package io.scorebatch.client;

import java.nio.file.Path;

/** The rows to score. Immutable. */
public sealed interface Keys {
  /** Each combination of key values a table holds, once. */
  record Table(String name) implements Keys {}

  /** Every row of a read-only query over the catalog. */
  record Query(String sql) implements Keys {}

  /** Every row of a local file: {@code .parquet}, {@code .csv}, {@code .jsonl} or {@code .ndjson}. */
  record File(Path path) implements Keys {}

  static Keys table(String name) {
    return new Table(name);
  }

  static Keys query(String sql) {
    return new Query(sql);
  }

  static Keys file(Path path) {
    return new File(path);
  }
}
