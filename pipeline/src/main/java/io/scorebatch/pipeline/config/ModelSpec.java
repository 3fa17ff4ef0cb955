package io.scorebatch.pipeline.config;

import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.table.TableCommit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One model of a pipeline. Immutable.
 *
 * @param modelName name in the pipeline; {@code model_name} of its predictions
 * @param domain group it runs in, upper case
 * @param modelUri where it is; empty for the newest version of {@code catalog.schema.model_name},
 *     or of {@code model_name} where the registry has no such
 * @param scoring with the model's feature metadata, or without
 * @param fallbackToManual whether manual scoring is tried where score_batch fails
 * @param featureTable table whose distinct {@code id_columns} are the keys; empty where {@code
 *     source} gives them
 * @param source rows for manual scoring, or keys from elsewhere
 * @param idColumns the columns that identify a row
 * @param featureColumns columns the model is called with, for manual scoring; empty for the model's
 *     own input names
 * @param passthrough columns of the keys kept in the prediction table
 * @param outputTable prediction table, in the pipeline's catalog and schema unless it says more
 * @param type what its predictions are
 * @param outputKind what to ask the model for instead of the type's own choice
 * @param predictionAlias a further column with the prediction under a clear name
 * @param threshold probability above which {@code predicted_class} is 1
 * @param duplicates what to do with keys a feature table holds twice
 * @param mode how the table is written
 * @param python whether Python may score it, where only Python can
 * @param parity whether it needs a certificate of parity with Python
 * @param checks what must hold of the features its look-ups find
 * @param featureEvidence whether its table gets a column that tells what each look-up found
 * @param lookback how old a feature may be, in place of what the model was logged with
 */
public record ModelSpec(
    String modelName,
    String domain,
    Optional<String> modelUri,
    Scoring scoring,
    boolean fallbackToManual,
    Optional<String> featureTable,
    Optional<Source> source,
    List<String> idColumns,
    List<String> featureColumns,
    List<String> passthrough,
    String outputTable,
    ModelType type,
    Optional<OutputKind> outputKind,
    Optional<String> predictionAlias,
    double threshold,
    DuplicateKeys duplicates,
    TableCommit.Mode mode,
    Python python,
    Parity parity,
    FeatureChecks checks,
    boolean featureEvidence,
    Optional<Duration> lookback) {
  public ModelSpec {
    idColumns = List.copyOf(idColumns);
    featureColumns = List.copyOf(featureColumns);
    passthrough = List.copyOf(passthrough);
  }

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
        fallbackToManual,
        featureTable,
        source,
        idColumns,
        featureColumns,
        passthrough,
        outputTable,
        type,
        outputKind,
        predictionAlias,
        threshold,
        duplicates,
        mode,
        other,
        parity,
        checks,
        featureEvidence,
        lookback);
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
