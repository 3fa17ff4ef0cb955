package io.scorebatch.api.model;

import io.scorebatch.api.spec.FeatureSpec;
import java.util.List;
import java.util.Optional;

/**
 * All that an artifact folder holds. Immutable.
 *
 * @param logged the MLmodel at the root
 * @param scored the MLmodel whose weights are scored: {@code raw_model} of a feature-store model,
 *     else the same as {@code logged}
 * @param featureSpec the feature metadata, where there is any
 * @param model the model as data, inputs named
 * @param pythonOutput what the logged model's own {@code predict} answers (MLflow's {@code
 *     predict_fn} and {@code model_class} obeyed)
 * @param notes what the user should know: trees used, unknown versions, a missing signature
 * @param digest SHA-256 over all files of the folder, hexadecimal
 * @param sizeBytes size of all files
 */
public record ModelPackage(
    LoggedModel logged,
    LoggedModel scored,
    Optional<FeatureSpec> featureSpec,
    Model model,
    OutputKind pythonOutput,
    List<String> notes,
    String digest,
    long sizeBytes) {
  public ModelPackage {
    notes = List.copyOf(notes);
  }

  /** The same model with other feature metadata. */
  public ModelPackage withFeatureSpec(FeatureSpec spec) {
    return new ModelPackage(
        logged, scored, Optional.of(spec), model, pythonOutput, notes, digest, sizeBytes);
  }
}
