package io.scorebatch.pipeline.config;

import io.scorebatch.api.plan.KeySource;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One model of a pipeline. Immutable.
 *
 * @param modelName name in the pipeline; {@code model_name} of its predictions
 * @param domain group it runs in, upper case
 * @param modelUri where it is; empty for the newest version of {@code catalog.schema.model_name},
 *     or of {@code model_name} where the registry has no such
 * @param scoring with the model's feature metadata, or without
 * @param python whether Python may score it, where only Python can
 * @param parity whether it needs a certificate of parity with Python
 * @param keys where its rows come from
 * @param lookups how its features are looked up
 * @param prediction what its predictions are
 * @param sample how many of its rows are scored
 * @param incremental which of its rows are scored; empty for all
 * @param write how its table is written
 * @param gates what must hold of its batch before it is published
 * @param badRows what becomes of rows it cannot take
 * @param onFailure what is done where scoring fails
 */
public record ModelSpec(
    String modelName,
    String domain,
    Optional<String> modelUri,
    Scoring scoring,
    Python python,
    Parity parity,
    KeySpec keys,
    LookupSpec lookups,
    PredictionSpec prediction,
    SampleSpec sample,
    Optional<IncrementalSpec> incremental,
    WriteSpec write,
    Gates gates,
    BadRows badRows,
    OnFailure onFailure) {
  /** How a model gets its features. */
  public enum Scoring {
    /** From the feature tables its metadata names. */
    SCORE_BATCH,
    /** From the columns of {@code source}. */
    MANUAL
  }

  /** Whether Python may be started: loading a model with it runs code that its files contain. */
  public enum Python {
    DENY,
    ALLOW
  }

  /** Whether a model is scored only with a certificate that its numbers are Python's. */
  public enum Parity {
    OPTIONAL,
    REQUIRED
  }

  ModelSpec withPython(Python other) {
    return new ModelSpec(
        modelName,
        domain,
        modelUri,
        scoring,
        other,
        parity,
        keys,
        lookups,
        prediction,
        sample,
        incremental,
        write,
        gates,
        badRows,
        onFailure);
  }

  /** The same with another part of its rows scored. */
  public ModelSpec withSample(SampleSpec other) {
    return new ModelSpec(
        modelName,
        domain,
        modelUri,
        scoring,
        python,
        parity,
        keys,
        lookups,
        prediction,
        other,
        incremental,
        write,
        gates,
        badRows,
        onFailure);
  }

  /** The same with other rows scored, and written in another way. */
  public ModelSpec withIncremental(Optional<IncrementalSpec> other, WriteSpec otherWrite) {
    return new ModelSpec(
        modelName,
        domain,
        modelUri,
        scoring,
        python,
        parity,
        keys,
        lookups,
        prediction,
        sample,
        other,
        otherWrite,
        gates,
        badRows,
        onFailure);
  }

  /** Rows from a table, a query over the catalog or a file. */
  public sealed interface Source {
    /** A table by name. */
    record Table(String name) implements Source {}

    /** A read-only query. */
    record Sql(String query) implements Source {}

    /** A local file. */
    record File(Path path, KeySource.File.Format format) implements Source {}
  }
}
