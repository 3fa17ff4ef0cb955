package io.scorebatch.pipeline.run;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.pipeline.config.ModelSpec;
import io.scorebatch.pipeline.config.ModelSpec.Parity;
import io.scorebatch.pipeline.config.ModelSpec.Python;
import io.scorebatch.pipeline.run.Certificates.Verdict;
import java.util.Optional;

/** What a pipeline demands of a model before it is scored: Python allowed, parity shown. */
final class Trust {
  private Trust() {}

  /**
   * Refuses a model that does not meet the demands.
   *
   * @throws ScorebatchException {@code MODEL_UNSUPPORTED}, {@code PARITY_MISSING}
   */
  static void require(
      ModelSpec spec, ResolvedModel resolved, ModelPackage model, Certificates certificates) {
    if (model.model().structure() instanceof ForeignModel foreign
        && foreign.runtime().equals("python")
        && spec.python() == Python.DENY) {
      throw pythonDenied(spec, model, foreign);
    }
    if (spec.parity() == Parity.REQUIRED) {
      Optional<Verdict> verdict = certificates.verdict(model.digest());
      if (verdict.isEmpty() || verdict.get() == Verdict.DIFFERENT) {
        throw noParity(spec, resolved, model, verdict.isPresent());
      }
    }
  }

  private static ScorebatchException pythonDenied(
      ModelSpec spec, ModelPackage model, ForeignModel foreign) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "Model '"
            + spec.modelName()
            + "' ("
            + model.model().origin().className()
            + ") can only be scored by Python, and the pipeline does not allow Python for it.",
        (foreign.attributes().getOrDefault("reason", "")
                + " Loading it with Python runs code that its files contain.")
            .strip(),
        "if you trust the model, write 'python: allow' in its entry (or at the top, for all), or"
            + " run with --allow-python; --python or SCOREBATCH_PYTHON names the interpreter.");
  }

  private static ScorebatchException noParity(
      ModelSpec spec, ResolvedModel resolved, ModelPackage model, boolean different) {
    return ScorebatchException.of(
        ErrorCode.PARITY_MISSING,
        "Model '"
            + spec.modelName()
            + "' has "
            + (different ? "a certificate that says DIFFERENT." : "no parity certificate."),
        "The pipeline says parity: required; the digest of the model is " + model.digest() + ".",
        "run 'scorebatch verify "
            + resolved.uri()
            + " --rows FILE' with rows that Python scored, or '--against python'.");
  }
}
