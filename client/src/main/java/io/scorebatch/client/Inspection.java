package io.scorebatch.client;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.model.Signature;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.registry.RegisteredVersions;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.pipeline.run.Certificates.Verdict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a model is, and whether it can be scored here. Immutable.
 *
 * @param resolved the version found
 * @param versions all versions and aliases of its name; empty for paths and runs
 * @param support how it is scored
 * @param why why Python must, or why nothing can score it; empty otherwise
 * @param model what its folder or file holds; empty where it is refused as a whole
 * @param verdict what its certificate says; empty where it was never compared with Python
 */
public record Inspection(
    ResolvedModel resolved,
    Optional<RegisteredVersions> versions,
    Support support,
    String why,
    Optional<ModelPackage> model,
    Optional<Verdict> verdict) {
  private static final Set<ErrorCode> REFUSALS =
      Set.of(ErrorCode.MODEL_REFUSED, ErrorCode.MODEL_UNSUPPORTED);

  /** How a model is scored. */
  public enum Support {
    /** By Scorebatch's own code. */
    NATIVE,
    /** By ONNX Runtime or CatBoost's library, in this process. */
    RUNTIME,
    /** By Python workers, where they are allowed. */
    PYTHON,
    /** Not at all. */
    REFUSED
  }

  static Inspection of(Connections connections, String modelUri) {
    try (ModelRegistry registry = Wiring.models(connections)) {
      ResolvedModel resolved = registry.resolve(modelUri);
      Optional<RegisteredVersions> versions =
          resolved.version().isPresent() ? registry.versions(resolved.name()) : Optional.empty();
      ModelPackage model;
      try {
        model = new FolderOrFileReader().read(resolved.folder());
      } catch (ScorebatchException e) {
        if (!REFUSALS.contains(e.problem().code())) {
          throw e;
        }
        return new Inspection(
            resolved,
            versions,
            Support.REFUSED,
            e.problem().message(),
            Optional.empty(),
            Optional.empty());
      }
      Optional<Verdict> verdict = CertificateFolder.of(connections).verdict(model.digest());
      return supported(resolved, versions, model, verdict);
    }
  }

  private static Inspection supported(
      ResolvedModel resolved,
      Optional<RegisteredVersions> versions,
      ModelPackage model,
      Optional<Verdict> verdict) {
    Support support = Support.NATIVE;
    String why = "";
    if (model.model().structure() instanceof ForeignModel foreign) {
      support = foreign.runtime().equals("python") ? Support.PYTHON : Support.RUNTIME;
      why = foreign.attributes().getOrDefault("reason", "");
    } else {
      try {
        requireScorer(model.model());
      } catch (ScorebatchException e) {
        support = Support.REFUSED;
        why = e.problem().message();
      }
    }
    return new Inspection(resolved, versions, support, why, Optional.of(model), verdict);
  }

  private static void requireScorer(Model model) {
    NativeAndForeignScorers scorers =
        new NativeAndForeignScorers(new Python(false, Optional.empty()));
    for (OutputKind kind : model.outputKinds()) {
      try (Scorer scorer = scorers.create(model, List.of(kind))) {
        scorer.outputs();
      }
    }
  }

  /** The estimators and transforms it is made of, indented; empty for foreign models. */
  public List<String> structure() {
    return model
        .map(ModelPackage::model)
        .filter(m -> m.structure() instanceof Estimator)
        .map(m -> ModelParts.of(m.structure()).lines())
        .orElse(List.of());
  }

  /** Type of each input, in order: the signature's, else {@code number} or {@code text}. */
  public Map<String, String> inputs() {
    Map<String, String> types = new LinkedHashMap<>();
    model.ifPresent(
        m -> {
          m.model().inputs().forEach(i -> types.put(i.name(), i.text() ? "text" : "number"));
          for (Optional<Signature> signature :
              List.of(m.logged().signature(), m.scored().signature())) {
            signature.ifPresent(
                s ->
                    s.inputs().stream()
                        .filter(field -> field.name() != null && field.tensorShape() == null)
                        .forEach(
                            field ->
                                types.computeIfPresent(
                                    String.valueOf(field.name()),
                                    (name, type) ->
                                        field.typeText()
                                            + (field.required() ? "" : ", optional"))));
          }
        });
    return types;
  }
}
