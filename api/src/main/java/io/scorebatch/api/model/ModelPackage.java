package io.scorebatch.api.model;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.spec.FeatureSpec;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * All that an artifact folder holds. Immutable.
 *
 * @param logged the MLmodel at the root
 * @param scored the MLmodel whose weights are scored: {@code raw_model} of a feature-store model,
 *     else the same as {@code logged}
 * @param featureSpec the feature metadata, where there is any
 * @param model the model as data, inputs named
 * @param pythonOutput what the logged model's own {@code predict} answers (MLflow's {@code
 *     predict_fn} and {@code model_class} obeyed); empty where that is a method that is not
 *     computed here, such as {@code predict_log_proba}
 * @param notes what the user should know: trees used, unknown versions, a missing signature
 * @param digest SHA-256 over all files of the folder, hexadecimal
 * @param sizeBytes size of all files
 */
public record ModelPackage(
    LoggedModel logged,
    LoggedModel scored,
    Optional<FeatureSpec> featureSpec,
    Model model,
    Optional<OutputKind> pythonOutput,
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

  /**
   * What the logged model's own {@code predict} answers.
   *
   * @throws ScorebatchException {@code OUTPUT_KIND_UNAVAILABLE} where that is not computed here
   */
  public OutputKind requirePythonOutput() {
    return pythonOutput.orElseThrow(
        () ->
            ScorebatchException.of(
                ErrorCode.OUTPUT_KIND_UNAVAILABLE,
                "The model was logged to answer "
                    + scored.predictFn()
                    + ", which is not computed here.",
                "Anything else would be a silent choice.",
                "set output_kind to one of "
                    + model.outputKinds().stream()
                        .map(OutputKind::configName)
                        .sorted()
                        .collect(Collectors.joining(", "))
                    + "."));
  }
}
